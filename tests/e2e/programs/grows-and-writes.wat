;; Grows its memory, then writes through the pointer that it got.
(module
  (memory (export "memory") 1)
  (func (export "growAndWrite") (param $pointer i32) (param $length i32)
    (drop (memory.grow (i32.const 1)))
    (i32.store8 (local.get $pointer) (i32.const 9))))
