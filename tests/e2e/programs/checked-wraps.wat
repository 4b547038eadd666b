;; Addresses that are right because they wrap around at 2^32: as in ram[address - 0xa0000000].
(module
  (import "env" "malloc" (func $malloc (param i32) (result i32)))
  (memory (export "memory") 40)
  (global (export "__heap_base") i32 (i32.const 2600000))
  (data (i32.const 520000) "*")
  (data (i32.const 524290) "*")
  (data (i32.const 2000000) "*")
  (func (export "near") (param i32) (result i32) (i32.load8_u (i32.add (local.get 0) (i32.const 524280))))
  (func (export "behind") (param i32) (result i32) (i32.load8_u (i32.add (local.get 0) (i32.const 524296))))
  (func (export "far") (param i32) (result i32) (i32.load8_u (i32.add (local.get 0) (i32.const 0x60000000)))))
