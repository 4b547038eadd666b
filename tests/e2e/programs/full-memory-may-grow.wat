;; A memory whose heap is two pages of data that may become a hundred: it has a maximum, which a resizable buffer needs.
(module
  (memory (export "memory") 2 100)
  (global (export "__heap_base") i32 (i32.const 4096)))
