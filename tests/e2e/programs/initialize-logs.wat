;; Hands a string to an import from _initialize.
(module
  (import "env" "log" (func $log (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "hi\00")
  (func (export "_initialize") (call $log (i32.const 8))))
