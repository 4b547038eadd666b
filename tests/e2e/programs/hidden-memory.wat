(module
  (import "env" "malloc" (func $malloc (param i32) (result i32)))
  (memory 1)
  (func (export "allocate") (param i32) (result i32) (call $malloc (local.get 0))))
