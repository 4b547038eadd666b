// The C library under test: on this machine src/libc under other names, in WebAssembly what the program links or imports.
#pragma once

#ifdef __wasm__
#include <memory_wasm.h>
#include <stdlib.h>
#include <unistd.h>
#else
#include "../unit/libc_on_host.h"

#include "../unit/c_names.h"
#endif
