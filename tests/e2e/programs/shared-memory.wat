(module
  (import "env" "malloc" (func $malloc (param i32) (result i32)))
  (memory (export "memory") 1 10 shared)
  (func (export "allocate") (param i32) (result i32) (call $malloc (local.get 0))))
