// What libmemory.a knows of the program that it is linked with: which operators the program replaced, and its new_handler.
#pragma once

#include <new>

namespace memory_wasm {

// True if the program's definition of an operator took the place of ours, which is weak.
template <class Function>
bool is_replaced(Function* linked, Function* ours) {
  return linked != ours;
}

// Calls the program's new_handler, which may free memory. False if the program has none.
inline bool call_new_handler() {
  const std::new_handler handler = std::get_new_handler();
  if (handler) handler();
  return handler != nullptr;
}

}  // namespace memory_wasm
