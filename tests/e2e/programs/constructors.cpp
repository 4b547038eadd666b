// A global object whose constructor allocates. With WRAP_NOTHING the program has its own _initialize, as a reactor has.
using size_t = decltype(sizeof 0);
extern "C" void *malloc(size_t);

struct Counter {
  int *value;
  Counter() : value(static_cast<int *>(malloc(sizeof(int)))) { *value = 0; }
};

static int constructed;
static Counter counter;
static struct Tally {
  Tally() { ++constructed; }
} tally;

extern "C" int constructions() { return constructed; }
extern "C" int increment() { return ++*counter.value; }

#ifdef OWN_INITIALIZE
extern "C" void __wasm_call_ctors();
extern "C" void _initialize() { __wasm_call_ctors(); }
#endif
