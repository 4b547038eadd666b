(module
  (import "env" "malloc" (func $malloc (param i32) (result i32)))
  (memory (export "memory") 1)
  (global $pointer (mut i32) (i32.const 0))
  (export "pointer" (global $pointer))
  (func $start (global.set $pointer (call $malloc (i32.const 40))))
  (start $start))
