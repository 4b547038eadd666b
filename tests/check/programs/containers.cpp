// libc++'s containers and strings, with a sum over what is in them at the end.
#include <algorithm>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

struct Shape {
  virtual ~Shape() = default;
  virtual uint32_t area() const = 0;
};
struct Square : Shape {
  explicit Square(uint32_t side) : side(side) {}
  uint32_t area() const override { return side * side; }
  uint32_t side;
};
struct Named : Square {
  Named(uint32_t side, std::string name) : Square(side), name(std::move(name)) {}
  uint32_t area() const override { return Square::area() + static_cast<uint32_t>(name.size()); }
  std::string name;
};

extern "C" __attribute__((export_name("run"))) uint32_t run() {
  uint32_t sum = 0, random = 1;
  const auto next = [&random] { return (random = random * 1664525 + 1013904223) >> 8; };
  for (int round = 0; round < 10; round++) {
    std::map<std::string, std::vector<uint32_t>> index;
    std::unordered_map<uint32_t, std::string> names;
    std::vector<std::unique_ptr<Shape>> shapes;
    std::deque<uint32_t> queue;
    std::list<std::string> list;
    std::multiset<uint16_t> set;
    for (uint32_t i = 0; i < 3000; i++) {
      const std::string name = "name " + std::string(next() % 40, static_cast<char>('a' + i % 26)) + char('0' + next() % 10);
      index[name].push_back(i);
      names.emplace(next() % 1000, name);
      if (i % 2) shapes.push_back(std::make_unique<Square>(i % 17));
      else shapes.push_back(std::make_unique<Named>(i % 13, name));
      queue.push_back(i);
      if (i % 3 == 0) queue.pop_front();
      list.push_front(name.substr(2));
      set.insert(static_cast<uint16_t>(next()));
    }
    std::sort(shapes.begin(), shapes.end(), [](const auto &a, const auto &b) { return a->area() < b->area(); });
    list.sort();
    for (const auto &[name, where] : index) sum = sum * 31 + static_cast<uint32_t>(name.size() + where.size());
    for (const auto &name : list) sum = sum * 31 + static_cast<unsigned char>(name.back());
    sum += shapes.front()->area() + shapes.back()->area() + queue.front() + *set.begin() + static_cast<uint32_t>(names.size());
    std::vector<bool> bits(977);
    for (size_t i = 0; i < bits.size(); i += 3) bits[i] = true;
    sum += static_cast<uint32_t>(std::count(bits.begin(), bits.end(), true));
  }
  return sum;
}
