;; A stack of numbers, written by hand: each node is a block of 8 bytes, the number and the node below.
(module
  (import "env" "malloc" (func $malloc (param i32) (result i32)))
  (import "env" "free" (func $free (param i32)))
  (memory (export "memory") 1)
  (global $top (mut i32) (i32.const 0))

  ;; 1, or 0 if there is no memory left.
  (func (export "push") (param $number i32) (result i32)
    (local $node i32)
    (local.set $node (call $malloc (i32.const 8)))
    (if (i32.eqz (local.get $node)) (then (return (i32.const 0))))
    (i32.store (local.get $node) (local.get $number))
    (i32.store offset=4 (local.get $node) (global.get $top))
    (global.set $top (local.get $node))
    (i32.const 1))

  ;; Traps if the stack is empty.
  (func (export "pop") (result i32)
    (local $node i32)
    (local $number i32)
    (local.set $node (global.get $top))
    (if (i32.eqz (local.get $node)) (then unreachable))
    (local.set $number (i32.load (local.get $node)))
    (global.set $top (i32.load offset=4 (local.get $node)))
    (call $free (local.get $node))
    (local.get $number)))
