(module
  (import "env" "malloc" (func $malloc (param i64) (result i64)))
  (memory (export "memory") i64 1)
  (func (export "allocate") (param i64) (result i64) (call $malloc (local.get 0))))
