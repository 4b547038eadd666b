;; A memory that may never have a page.
(module (memory (export "memory") 0 0))
