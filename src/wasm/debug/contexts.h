// Who allocates: numbers of stacks. JavaScript takes and keeps the stacks (js/debug/stacks.js); here is only when it is asked to.
//
// A program that was rewritten says its calling context before each call (heap_debug_at): then a stack is taken once for each new
// context. Any other program: a stack for each allocation and free, or for every n-th.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "records.h"

namespace memory_wasm::debug {

class Contexts {
 public:
  // Calls back into JavaScript, which answers with set_stack.
  void (*on_stack)() = nullptr;

  void every(uint32_t n) { every_ = countdown_ = n; }
  void at(uint64_t context) { context_ = context; }
  void set_stack(uint32_t number) { stack_ = number; }

  // The number of the stack that is there now.
  uint32_t here(OwnMemory& memory) {
    if (const uint64_t context = context_) {
      context_ = 0;
      return in_context(context, memory);
    }
    if (!every_ || --countdown_) return 0;
    countdown_ = every_;
    return ask();
  }

 private:
  struct Entry {
    uint64_t context;
    uint32_t stack;
  };

  uint32_t ask() {
    stack_ = 0;
    if (on_stack) on_stack();
    return stack_;
  }

  uint32_t in_context(uint64_t context, OwnMemory& memory) {
    if (used_ >= capacity_ / 2 && !enlarge(memory)) return 0;
    Entry& entry = *place(context);
    if (!entry.context) {
      used_++;
      entry = {context, 0};
      entry.stack = ask();
    }
    return entry.stack;
  }

  // Open addressing; the contexts are hashes already.
  Entry* place(uint64_t context) const {
    size_t i = context & (capacity_ - 1);
    while (entries_[i].context && entries_[i].context != context) i = (i + 1) & (capacity_ - 1);
    return &entries_[i];
  }

  // The old table is left behind: together they are smaller than the new one.
  bool enlarge(OwnMemory& memory) {
    const size_t capacity = capacity_ ? 2 * capacity_ : 1024;
    auto* entries = static_cast<Entry*>(memory.take(capacity * sizeof(Entry)));
    if (!entries) return false;
    Entry* const old = entries_;
    const size_t count = capacity_;
    entries_ = entries;
    capacity_ = capacity;
    for (size_t i = 0; i < count; i++)
      if (old[i].context) *place(old[i].context) = old[i];
    return true;
  }

  Entry* entries_ = nullptr;
  size_t capacity_ = 0, used_ = 0;
  uint64_t context_ = 0;
  uint32_t stack_ = 0, every_ = 0, countdown_ = 0;
};

}  // namespace memory_wasm::debug
