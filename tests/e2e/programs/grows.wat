;; A program that grows its memory itself.
(module
  (import "env" "malloc" (func $malloc (param i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "allocate") (param i32) (result i32) (call $malloc (local.get 0)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
