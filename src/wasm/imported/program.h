// memory.wasm is a module of its own. It can't see which operators a program replaced, and a function pointer of the program (a
// new_handler) means nothing in its table. A program that needs either links libmemory_c.a, which has the operators too.
#pragma once

namespace memory_wasm {

template <class Function>
constexpr bool is_replaced(Function*, Function*) {
  return false;
}

constexpr bool call_new_handler() { return false; }

}  // namespace memory_wasm
