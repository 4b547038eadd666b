// fmt: 30,000 strings by its compile-time and run-time formats, joined ranges, dates without a locale.
#include "output.h"
#include <map>
#include <string>
#include <vector>
#include "fmt/format.h"
#include "fmt/ranges.h"

void run() {
  std::vector<std::string> lines;
  for (int i = 0; i < 30000; i++) lines.push_back(fmt::format("{:>8}|{:<10.4f}|{:#x}|{:^12}|{}", i, i / 7.0, i * 2654435761u, fmt::format("<{}>", i % 100), i % 2 == 0));
  fmt::memory_buffer all;
  for (const std::string& line : lines) fmt::format_to(std::back_inserter(all), "{}\n", line);
  printf("%d bytes, hash %08x\n%s\n%s\n", static_cast<int>(all.size()), hash_of(all.data(), all.size()), lines[1].c_str(), lines[29999].c_str());

  const std::map<std::string, std::vector<int>> table = {{"one", {1, 2, 3}}, {"two", {}}};
  printf("%s\n", fmt::format("{} {:.17g} {:e} {:+d} {:08.3f}", table, 0.1, 1e300, 5, -3.14159).c_str());
  printf("%s\n", fmt::format(fmt::runtime("{1} {0} {name:*^9}"), "world", "hello", fmt::arg("name", "fmt")).c_str());
}
