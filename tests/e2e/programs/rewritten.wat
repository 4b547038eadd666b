;; Imports a function of the heap before another: a merge must give both new indices.
(module
  (import "env" "malloc" (func $malloc (param i32) (result i32)))
  (import "env" "print" (func $print (param i32)))
  (memory (export "memory") 1)
  (func (export "allocate") (param i32) (result i32) (call $print (local.get 0)) (call $malloc (local.get 0))))
