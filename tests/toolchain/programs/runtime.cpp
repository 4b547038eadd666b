// What compiled C++ needs of a runtime besides new and delete. check() returns the number of the line that failed, or 0; finish()
// calls exit, and the host reads what the destructors left in `ended`.
#include <memory_wasm.h>
#include <new>
#include <stdlib.h>

#define EXPECT(holds) \
  if (!(holds)) return __LINE__

#define EXPORT(name) extern "C" [[clang::export_name(name)]]

namespace {

int constructed = 0;
int ended = 0;  // the digits of those that ended, in order

struct Ends {
  explicit Ends(int digit) : digit_(digit) { constructed++; }
  ~Ends() { ended = ended * 10 + digit_; }
  int digit_;
};

Ends first(1);  // a global object with a destructor: __cxa_atexit
Ends second(2);

Ends& inside_a_function() {
  static Ends third(3);  // a guard
  return third;
}

struct Shape {
  virtual ~Shape() {}
  virtual int corners() const = 0;  // __cxa_pure_virtual
};
struct Square : Shape {
  int corners() const override { return 4; }
};

char* reserve = nullptr;
int handled = 0;

void give_up_the_reserve() {
  handled++;
  free(reserve);
  reserve = nullptr;
  std::set_new_handler(nullptr);
}

struct alignas(128) Wide {
  char bytes[128];
};

}  // namespace

extern "C" void __wasm_call_ctors();
EXPORT("_initialize") void initialize() { __wasm_call_ctors(); }

EXPORT("check") int check() {
  EXPECT(constructed == 2);
  EXPECT(&inside_a_function() == &inside_a_function());
  EXPECT(constructed == 3);

  Shape* shape = new (std::nothrow) Square;
  EXPECT(shape && shape->corners() == 4);
  delete shape;

  alignas(Ends) char place[sizeof(Ends)];
  Ends* placed = new (place) Ends(0);
  EXPECT(static_cast<void*>(placed) == place && constructed == 4);

  Wide* wide = new (std::nothrow) Wide;
  EXPECT(reinterpret_cast<size_t>(wide) % 128 == 0);
  delete wide;

  EXPECT(atexit([] { ended = ended * 10 + 9; }) == 0);
  EXPECT(heap_check() == 0);
  return 0;
}

// A new_handler that frees what the program kept for this moment. The program's memory is limited to 4 MiB.
EXPORT("check_new_handler") int check_new_handler() {
  constexpr size_t kMost = 2 << 20;
  reserve = static_cast<char*>(malloc(kMost));
  EXPECT(reserve);
  EXPECT(!::operator new(kMost, std::nothrow));
  EXPECT(std::set_new_handler(give_up_the_reserve) == nullptr && std::get_new_handler() == give_up_the_reserve);
  char* mem = new char[kMost];
  EXPECT(mem && handled == 1 && std::get_new_handler() == nullptr);
  delete[] mem;
  return 0;
}

EXPORT("finish") void finish() { exit(0); }
EXPORT("ended") int get_ended() { return ended; }
