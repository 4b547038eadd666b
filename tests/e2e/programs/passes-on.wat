;; Exports the functions of the heap that it imports.
(module
  (import "env" "malloc" (func $malloc (param i32) (result i32)))
  (import "env" "heap_state" (func $state (result i32)))
  (memory (export "memory") 1)
  (export "malloc" (func $malloc))
  (export "heap_state" (func $state)))
