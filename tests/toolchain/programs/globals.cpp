// std::string globals over wasi-libc and libc++, with our heap before them. check() returns the number of the line that failed, or 0.
#include <memory_wasm.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#define EXPECT(holds) \
  if (!(holds)) return __LINE__

static const std::string kLong = "a global string that is too long to be kept inside its object";
static std::vector<std::string> words{"one", "two", kLong};

extern "C" void __wasm_call_ctors();
extern "C" [[clang::export_name("_initialize")]] void _initialize() { __wasm_call_ctors(); }

extern "C" [[clang::export_name("check")]] int check() {
  EXPECT(heap_in_use() > kLong.size());  // the globals are on our heap
  EXPECT(words.size() == 3 && words[2] == kLong);
  const size_t before = heap_in_use();
  void* mem = std::calloc(1, 1000);
  EXPECT(heap_in_use() >= before + 1000);
  std::free(mem);
  char* text = nullptr;
  EXPECT(asprintf(&text, "%s %d", words[0].c_str(), 1) == 5);  // malloc inside the C library
  std::free(text);
  EXPECT(heap_in_use() == before && heap_check() == 0);
  std::atexit([] {});
  return 0;
}
