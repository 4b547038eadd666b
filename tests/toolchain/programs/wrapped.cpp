// A global object, and nobody who calls its constructor.
struct Counter {
  int* count = new int(1);
};
Counter counter;
extern "C" __attribute__((export_name("count"))) int count() { return ++*counter.count; }
