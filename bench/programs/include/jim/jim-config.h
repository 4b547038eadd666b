// What Jim's configure would write for programs that use it.
#define HAVE_LONG_LONG 1
#define JIM_VERSION 81
