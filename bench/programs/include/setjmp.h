// Lua includes it and, the way it is built here, uses nothing of it; wasi-libc has none without exceptions.
