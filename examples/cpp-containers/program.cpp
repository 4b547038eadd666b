// C++ with the containers of libc++: std::string, std::map and std::vector on our heap, without a system.
#include <map>
#include <string>
#include <string_view>
#include <vector>

// A global object: constructed before anything else runs.
static const std::string kSeparators = " ,.;:!?\n\t-\"'()";

static std::map<std::string, std::vector<int>> positions;

// Notes where each word of a text begins. The text is the caller's.
extern "C" void index_words(const char* text, size_t length) {
  const std::string_view all(text, length);
  for (size_t begin = all.find_first_not_of(kSeparators); begin != all.npos; begin = all.find_first_not_of(kSeparators, begin)) {
    const size_t end = std::min(all.find_first_of(kSeparators, begin), length);
    positions[std::string(all.substr(begin, end - begin))].push_back(static_cast<int>(begin));
    begin = end;
  }
}

extern "C" int count_words() { return static_cast<int>(positions.size()); }

extern "C" int count_of(const char* word, size_t length) {
  const auto found = positions.find(std::string(word, length));
  return found == positions.end() ? 0 : static_cast<int>(found->second.size());
}

extern "C" void forget() { positions.clear(); }

extern "C" void __wasm_call_ctors();
extern "C" void _initialize() { __wasm_call_ctors(); }
