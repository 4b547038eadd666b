// Runs one workload or trace of the harness, translated to C by wasm2c, under callgrind, which counts the instructions
// of the part itself: `driver workload <name> <count>` or `driver trace <file>`. The file holds the replayer's two
// words per operation.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/callgrind.h>

#include "candidate.h"

enum { TABLES = BENCH_TABLES, PIECE = 32768 };

static Z_candidate_instance_t instance;

static void fail(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

static unsigned char *memory(void) { return Z_candidateZ_memory(&instance)->data; }

typedef void workload(Z_candidate_instance_t *, u32 table, u32 count);
#define NAMES(X) X(pair) X(lifo) X(fifo) X(churn_small) X(churn_mixed) X(churn_large) X(realloc_grow) X(cfrac) X(larson) X(tree) X(strings) X(fragment)
static workload *find(const char *name) {
#define FIND(known) if (!strcmp(name, #known)) return Z_candidateZ_workload_##known;
  NAMES(FIND)
  fail(name);
  return NULL;
}

static unsigned run_workload(const char *name, u32 count) {
  workload *run = find(name);
  CALLGRIND_TOGGLE_COLLECT;
  run(&instance, TABLES, count);
  CALLGRIND_TOGGLE_COLLECT;
  return ((u32 *)(memory() + TABLES))[1];
}

static unsigned run_trace(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) fail(path);
  unsigned errors = 0;
  size_t count;
  while ((count = fread(memory() + TABLES, 8, PIECE, file)) > 0) {
    CALLGRIND_TOGGLE_COLLECT;
    errors += Z_candidateZ_replay(&instance, TABLES, (u32)count, TABLES + PIECE * 8);
    CALLGRIND_TOGGLE_COLLECT;
  }
  fclose(file);
  return errors;
}

int main(int count, char **arguments) {
  if (count < 3) fail("expected: workload <name> <count>, or trace <file>");
  wasm_rt_init();
  Z_candidate_init_module();
  Z_candidate_instantiate(&instance);
  Z_candidateZ__initialize(&instance);
  int is_trace = !strcmp(arguments[1], "trace");
  unsigned errors = is_trace ? run_trace(arguments[2]) : run_workload(arguments[2], (u32)atoi(arguments[3]));
  if (errors) fail("blocks absent or damaged");
  return 0;
}
