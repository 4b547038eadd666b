// What <new> declares, for programs without a C++ library.
#pragma once

#include <stddef.h>

namespace std {
enum class align_val_t : size_t {};
struct nothrow_t {
  explicit nothrow_t() = default;
};
inline constexpr nothrow_t nothrow{};
}  // namespace std

[[nodiscard]] void* operator new(size_t, const std::nothrow_t&) noexcept;
[[nodiscard]] void* operator new[](size_t, const std::nothrow_t&) noexcept;
[[nodiscard]] void* operator new(size_t, std::align_val_t);
[[nodiscard]] void* operator new[](size_t, std::align_val_t);
[[nodiscard]] void* operator new(size_t, std::align_val_t, const std::nothrow_t&) noexcept;
[[nodiscard]] void* operator new[](size_t, std::align_val_t, const std::nothrow_t&) noexcept;
void operator delete(void*, const std::nothrow_t&) noexcept;
void operator delete[](void*, const std::nothrow_t&) noexcept;
void operator delete(void*, std::align_val_t) noexcept;
void operator delete[](void*, std::align_val_t) noexcept;
void operator delete(void*, std::align_val_t, const std::nothrow_t&) noexcept;
void operator delete[](void*, std::align_val_t, const std::nothrow_t&) noexcept;
void operator delete(void*, size_t) noexcept;
void operator delete[](void*, size_t) noexcept;
void operator delete(void*, size_t, std::align_val_t) noexcept;
void operator delete[](void*, size_t, std::align_val_t) noexcept;
