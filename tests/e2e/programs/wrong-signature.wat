(module
  (import "env" "malloc" (func $malloc (param i64) (result i64)))
  (memory (export "memory") 1)
  (func (export "allocate") (param i64) (result i64) (call $malloc (local.get 0))))
