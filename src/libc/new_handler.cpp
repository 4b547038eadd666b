// What <new> declares beside the operators: the new_handler, and the object std::nothrow.
#include <new>

namespace {
std::new_handler handler = nullptr;
}

namespace std {

[[gnu::weak]] extern const nothrow_t nothrow{};

[[gnu::weak]] new_handler get_new_handler() noexcept { return handler; }

[[gnu::weak]] new_handler set_new_handler(new_handler next) noexcept {
  const new_handler previous = handler;
  handler = next;
  return previous;
}

}  // namespace std
