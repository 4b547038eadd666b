// A command over wasi-libc that ends as its argument says: by a return from main, by exit, or by _Exit, which runs nothing. Each
// function that runs at the end writes a letter; "text" stays in stdio's buffer until then.
#include <cstdio>
#include <cstdlib>
#include <cstring>

struct Writes {
  explicit Writes(char letter) : letter_(letter) {}
  ~Writes() { std::putchar(letter_); }
  char letter_;
};

static Writes global('g');

static Writes& local() {
  static Writes writes('l');
  return writes;
}

int main(int count, char** arguments) {
  const char* way = count > 1 ? arguments[1] : "";
  local();
  std::atexit([] {
    std::atexit([] { std::putchar('2'); });  // registered by one that runs
    std::putchar('1');
  });
  char* text = static_cast<char*>(std::malloc(10));
  std::strcpy(text, "text:");
  std::fputs(text, stdout);
  std::free(text);
  if (std::strcmp(way, "exit") == 0) std::exit(3);
  if (std::strcmp(way, "_Exit") == 0) std::_Exit(4);
  return 5;
}
