// Threads of this machine over one memory, a heap each. They put blocks into common slots and free or resize what they find there, which
// is mostly another thread's. Every block is filled with a pattern that is looked at before it is freed. Built with ThreadSanitizer
// too, which sees each access of the heap that no atomic operation orders.
//
//     threads [--seed N] [--threads N] [--operations N] [--no-resize]
//
// --no-resize: realloc of another thread's block copies bytes behind its end, which ThreadSanitizer calls a race and which are used by
// nobody.

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "machine.h"

using namespace memory_wasm;

namespace {

constexpr unsigned kSlots = 512;

struct Options {
  unsigned long seed = 1, threads = 4, operations = 200'000;
  bool resize = true;
};

struct Block {
  size_t size;
};

Options options;
std::atomic<Block*> slots[kSlots];
std::atomic<unsigned> problems{0};

[[gnu::format(printf, 1, 2)]] void complain(const char* text, ...) {
  va_list values;
  va_start(values, text);
  std::vfprintf(stderr, text, values);
  va_end(values);
  problems++;
}

unsigned char pattern(const Block* block, size_t i) { return static_cast<unsigned char>(block->size * 31 + i); }

Block* filled(void* mem, size_t size) {
  Block* block = new (mem) Block{size};
  for (size_t i = sizeof(Block); i < size; i++) static_cast<unsigned char*>(mem)[i] = pattern(block, i);
  return block;
}

void look(const Block* block, size_t size) {
  for (size_t i = sizeof(Block); i < size; i++)
    if (reinterpret_cast<const unsigned char*>(block)[i] != pattern(block, i)) return complain("byte %zu of a block of %zu is wrong\n", i, block->size);
}

size_t some_size(std::mt19937& random) {
  const unsigned kind = random() % 32;
  if (kind == 0) return 4000 + random() % 60'000;
  return sizeof(Block) + random() % (kind < 4 ? 3000 : 400);
}

void operate(HostHeap& heap, std::mt19937& random) {
  std::atomic<Block*>& slot = slots[random() % kSlots];
  if (random() % 3 == 0) {
    Block* block = slot.exchange(nullptr);
    if (!block) return;
    look(block, block->size);
    if (options.resize && random() % 4 == 0) {
      const size_t before = block->size;
      const size_t size = some_size(random);
      void* moved = heap.resize(block, size);
      if (!moved) return complain("no memory to resize\n");
      block = static_cast<Block*>(moved);
      look(block, before < size ? before : size);
      filled(block, size);
      Block* other = slot.exchange(block);
      if (other) heap.release(other);
      return;
    }
    return heap.release(block);
  }
  const size_t size = some_size(random);
  void* mem = random() % 8 ? heap.allocate(size) : heap.allocate_zeroed(size);
  if (!mem) return complain("no memory for %zu bytes\n", size);
  Block* old = slot.exchange(filled(mem, size));
  if (!old) return;
  look(old, old->size);
  heap.release(old);
}

void work(unsigned long number, uintptr_t commons) {
  HostHeap* heap = commons ? HostHeap::at(commons) : reinterpret_cast<HostHeap*>(0);
  if (!heap) return complain("thread %lu has no heap\n", number);
  std::mt19937 random(static_cast<unsigned>(options.seed * 1000 + number));
  for (unsigned long i = 0; i < options.operations; i++) {
    operate(*heap, random);
    if (i % 50'000 == 0 && check(*heap) != Invariant::kHolds) return complain("thread %lu, operation %lu: %s\n", number, i, text(check(*heap)));
  }
  heap->trim();
  if (check(*heap) != Invariant::kHolds) complain("thread %lu: %s\n", number, text(check(*heap)));
  HostHeap::commons().change(heap->number(), HeapStatus::kLive, HeapStatus::kEnded);
}

// All blocks are freed by one thread; then each heap is taken over, and nothing is left in it.
void look_at_the_end() {
  HostHeap* heap = HostHeap::at(HostMachine::commons());
  for (auto& slot : slots) heap->release(slot.exchange(nullptr));
  const uintptr_t commons = HostMachine::commons();
  for (unsigned long i = 0; i < options.threads; i++) {
    HostMachine::enter(0, kNobody);
    HostHeap* left = HostHeap::at(commons);
    left->trim();
    if (check(*left) != Invariant::kHolds) complain("heap %u: %s\n", left->number(), text(check(*left)));
    const size_t largest = left->chunks().largest_free();
    if (left->cells()) complain("heap %u still has %zu cells, %zu bytes in a piece are free of %zu\n", left->number(), left->cells(), largest, left->footprint());
  }
}

}  // namespace

int main(int count, char** words) {
  for (int i = 1; i < count; i++) {
    const std::string word = words[i];
    if (word == "--no-resize") options.resize = false;
    else if (i + 1 < count && word == "--seed") options.seed = std::strtoul(words[++i], nullptr, 10);
    else if (i + 1 < count && word == "--threads") options.threads = std::strtoul(words[++i], nullptr, 10);
    else if (i + 1 < count && word == "--operations") options.operations = std::strtoul(words[++i], nullptr, 10);
    else return std::fprintf(stderr, "unknown: %s\n", words[i]), 2;
  }
  HostMachine::reset();
  if (!HostHeap::create()) return std::fprintf(stderr, "no heap\n"), 1;
  const uintptr_t commons = HostMachine::commons();
  std::vector<std::thread> threads;
  for (unsigned long i = 0; i < options.threads; i++) threads.emplace_back(work, i, commons);
  for (std::thread& thread : threads) thread.join();
  if (!problems) look_at_the_end();
  std::printf("seed %lu: %lu threads, %lu operations each, %zu pages, %u problems\n", options.seed, options.threads, options.operations, HostMachine::pages(), problems.load());
  return problems ? 1 : 0;
}
