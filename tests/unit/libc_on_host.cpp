// src/libc for this machine, under other names.
#include "libc_on_host.h"

#include "instance.h"
#include "walk.h"

#include "c_names.h"

#include "libc/host.cpp"
#include "libc/malloc.cpp"
#include "libc/malloc_more.cpp"
#include "libc/string.cpp"
