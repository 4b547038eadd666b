;; Passes its argument to an import that may suspend it.
(module
  (import "env" "wait" (func $wait (param i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "call") (param i32) (result i32) (call $wait (local.get 0))))
