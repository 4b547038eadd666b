/* Debian's luaconf.h wants a name for the folder of C modules: there are none. */
#define DEB_HOST_MULTIARCH "wasm32"
