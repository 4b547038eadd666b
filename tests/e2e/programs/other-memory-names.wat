;; The memory is imported under a name that is not env.memory, and the imports around it are of all kinds.
(module
  (import "env" "table" (table $table 2 10 funcref))
  (import "env" "thing" (global $thing externref))
  (import "js" "mem" (memory $mem 2 100))
  (import "env" "malloc" (func $malloc (param i32) (result i32)))
  (export "again" (memory $mem))
  (func (export "allocate") (param i32) (result i32) (call $malloc (local.get 0)))
  (func (export "thing") (result externref) (global.get $thing)))
