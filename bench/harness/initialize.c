// Constructors (an allocator may have some) run once, when the host calls this; without it the linker would wrap
// them around every export and run them at each call.
void __wasm_call_ctors(void);
__attribute__((export_name("_initialize"))) void initialize(void) { __wasm_call_ctors(); }
