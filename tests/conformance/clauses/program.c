/* What the host sees of the clauses: how many there are, their texts, and run(i). */
#include "clause.h"

extern const struct Clause __start_clauses[]; /* the linker's */
extern const struct Clause __stop_clauses[];

const char* failed_expectation;

__attribute__((export_name("count"))) int count(void) { return (int)(__stop_clauses - __start_clauses); }

__attribute__((export_name("where"))) const char* where(int clause) { return __start_clauses[clause].where; }

__attribute__((export_name("says"))) const char* says(int clause) { return __start_clauses[clause].says; }

/* The expectation that failed, or NULL. */
__attribute__((export_name("run"))) const char* run(int clause) {
  failed_expectation = NULL;
  __start_clauses[clause].test();
  return failed_expectation;
}

__attribute__((export_name("_initialize"))) void _initialize(void) {}
