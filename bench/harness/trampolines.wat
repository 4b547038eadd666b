;; The late-bound way to link: the program imports these, which call on through a table that the host fills when the
;; allocator is there. (js/load/link-table.js makes such a module for whatever a program imports.)
(module
  (type $one (func (param i32) (result i32)))
  (type $two (func (param i32 i32) (result i32)))
  (type $free (func (param i32)))
  (table (export "table") 5 funcref)
  (func (export "malloc") (type $one) local.get 0 i32.const 0 call_indirect (type $one))
  (func (export "free") (type $free) local.get 0 i32.const 1 call_indirect (type $free))
  (func (export "calloc") (type $two) local.get 0 local.get 1 i32.const 2 call_indirect (type $two))
  (func (export "realloc") (type $two) local.get 0 local.get 1 i32.const 3 call_indirect (type $two))
  (func (export "aligned_alloc") (type $two) local.get 0 local.get 1 i32.const 4 call_indirect (type $two)))
