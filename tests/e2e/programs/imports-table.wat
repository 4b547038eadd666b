;; A program that wants a function table: the heap's own is not for it.
(module
  (import "env" "malloc" (func $malloc (param i32) (result i32)))
  (import "env" "__indirect_function_table" (table 1 funcref))
  (memory (export "memory") 1))
