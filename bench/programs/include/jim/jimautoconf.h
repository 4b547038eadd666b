// What Jim's configure would find out.
#define HAVE_LONG_LONG 1
#define HAVE_SYS_TIME_H 1
#define HAVE_ISASCII 1
#define HAVE_ISINF 1
#define HAVE_ISNAN 1
#define TCL_LIBRARY "."
#define TCL_PLATFORM_OS "wasm"
#define TCL_PLATFORM_PATH_SEPARATOR ":"
#define TCL_PLATFORM_PLATFORM "wasm"
