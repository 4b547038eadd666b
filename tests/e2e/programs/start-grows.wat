;; A start function that takes pages for itself before the heap is there.
(module
  (import "env" "malloc" (func $malloc (param i32) (result i32)))
  (memory (export "memory") 1)
  (global (export "__heap_base") i32 (i32.const 1024))
  (func (export "allocate") (param i32) (result i32) (call $malloc (local.get 0)))
  (func $start (drop (memory.grow (i32.const 3))))
  (start $start))
