// How a thread hands a block that it frees to the thread whose heap the block is from, without a lock. Every block begins at a
// multiple of 16, so one bit for each 16 bytes of the memory says whether another thread has freed what begins there.
//
//     bits     | ...1......1.. |   64 words for each page of 64 KiB, in leaves of 128 pages, which never move
//     touched  | ..1..         |   one bit for each page: it has bits
//     flag     1                   one for each heap: some page of it is touched
//
// Another thread sets bit, touched and flag in this order. The owner clears them in the opposite order, and frees each block whose
// bit it cleared. So a bit that the owner doesn't see was set after it cleared the flag, and its flag is still to come. Nothing is
// written into the block. A thread that ends between two of the steps leaves a bit that the next free in the page makes visible.
//
// A is where the atomic operations come from: a test puts every interleaving between them.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace memory_wasm {

// Each is sequentially consistent, as all atomic operations of WebAssembly are.
struct Atomics {
  template <class T>
  static T load(const T& place) {
    return __atomic_load_n(&place, __ATOMIC_SEQ_CST);
  }
  template <class T>
  static void store(T& place, T value) {
    __atomic_store_n(&place, value, __ATOMIC_SEQ_CST);
  }
  template <class T>
  static T exchange(T& place, T value) {
    return __atomic_exchange_n(&place, value, __ATOMIC_SEQ_CST);
  }
  template <class T>
  static T fetch_or(T& place, T bits) {
    return __atomic_fetch_or(&place, bits, __ATOMIC_SEQ_CST);
  }
  template <class T>
  static T fetch_and(T& place, T bits) {
    return __atomic_fetch_and(&place, bits, __ATOMIC_SEQ_CST);
  }
  template <class T>
  static bool replace(T& place, T from, T to) {
    return __atomic_compare_exchange_n(&place, &from, to, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  }
};

constexpr unsigned kPendingBits = 64;   // of a word
constexpr unsigned kPendingWords = 64;  // of a page

template <class A, unsigned kWords = kPendingWords>
struct Pending {
  // Another thread frees a block. False if that was done before and the owner has not seen it yet.
  [[gnu::always_inline]] static bool add(uint64_t& word, uint64_t bit, uint64_t& touched, uint64_t page, uint32_t& flag) {
    if (A::fetch_or(word, bit) & bit) return false;
    if (!(A::load(touched) & page)) A::fetch_or(touched, page);
    if (!A::load(flag)) A::store(flag, uint32_t(1));
    return true;
  }

  // The owner: calls take(page, number of the 16 bytes in the page) for each bit of its pages. words_of(page) has the words of a page
  // of its own, null for another's.
  template <class WordsOf, class Take>
  [[gnu::always_inline]] static void drain(uint32_t& flag, uint64_t* touched, size_t touched_words, WordsOf words_of, Take take) {
    if (!A::load(flag)) return;
    A::store(flag, uint32_t(0));
    for (size_t i = 0; i < touched_words; i++) {
      for (uint64_t pages = A::load(touched[i]); pages; pages &= pages - 1) {
        const size_t page = i * 64 + static_cast<unsigned>(__builtin_ctzll(pages));
        uint64_t* words = words_of(page);
        if (!words) continue;
        A::fetch_and(touched[i], ~(pages & -pages));
        drain_page(words, [&](unsigned unit) __attribute__((always_inline)) { take(page, unit); });
      }
    }
  }

 private:
  template <class Take>
  [[gnu::always_inline]] static void drain_page(uint64_t* words, Take take) {
    for (unsigned i = 0; i < kWords; i++) {
      if (!A::load(words[i])) continue;
      for (uint64_t bits = A::exchange(words[i], uint64_t(0)); bits; bits &= bits - 1)
        take(i * kPendingBits + static_cast<unsigned>(__builtin_ctzll(bits)));
    }
  }
};

}  // namespace memory_wasm
