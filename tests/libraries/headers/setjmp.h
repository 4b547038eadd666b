/* lua's ldo.c includes this header, but does not use it: list.js says what an error does instead. */
