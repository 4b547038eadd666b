;; Has exports whose names begin as those that a merge adds do.
(module
  (import "env" "malloc" (func $malloc (param i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "memory.wasm/") (result i32) (i32.const 1))
  (func (export "memory.wasm/answer") (result i32) (i32.const 42))
  (func (export "allocate") (param i32) (result i32) (call $malloc (local.get 0))))
