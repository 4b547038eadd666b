;; A module that is not position-independent but imports its memory, and so can be attached.
(module
  (import "env" "memory" (memory 1))
  (import "env" "malloc" (func $malloc (param i32) (result i32)))
  (import "env" "hostAdd" (func $add (param i32 i32) (result i32)))
  (func (export "allocate") (param i32) (result i32) (call $malloc (call $add (local.get 0) (i32.const 1)))))
