;; Has an export of its own where a merge would put malloc.
(module
  (import "env" "malloc" (func $malloc (param i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "memory.wasm/malloc"))
  (func (export "allocate") (param i32) (result i32) (call $malloc (local.get 0))))
