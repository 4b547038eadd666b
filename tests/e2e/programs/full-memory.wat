;; A memory that can't grow: the heap has only what the program leaves.
(module
  (import "env" "malloc" (func $malloc (param i32) (result i32)))
  (memory (export "memory") 2 2)
  (global (export "__heap_base") i32 (i32.const 4096))
  (func (export "allocate") (param i32) (result i32) (call $malloc (local.get 0))))
