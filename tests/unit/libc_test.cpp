// The C functions' edge cases: what the standards say about their arguments and results.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include "fake_pages.h"
#include "instance.h"
#include "libc_on_host.h"

namespace memory_wasm {
namespace {

constexpr size_t kHuge = ~size_t(0);
constexpr int kInvalid = 28, kNoMemory = 48;

class LibcTest : public ::testing::Test {
 protected:
  LibcTest() {
    FakePages::reset();
    the_heap = nullptr;
  }
  void TearDown() override {
    EXPECT_EQ(heap_check(), 0);
    EXPECT_TRUE(FakePages::foreign_is_intact());
  }
  void refuse_growth() { FakePages::fail_from = FakePages::grow_calls + 1; }
};

TEST_F(LibcTest, NothingIsTouchedBeforeTheFirstAllocation) {
  EXPECT_EQ(heap_footprint(), 0u);
  EXPECT_EQ(heap_state(), nullptr);
  EXPECT_EQ(heap_span_next(nullptr), nullptr);
  EXPECT_EQ(heap_in_use(), 0u);
  EXPECT_EQ(heap_largest_free(), 0u);
  EXPECT_EQ(heap_trim(), 0u);
  heap_reset();
  heap_free(nullptr);
  EXPECT_EQ(FakePages::grow_calls, 0u);
}

TEST_F(LibcTest, TheHostIsToldOfEachGrowthOnceTheHeapIsWhole) {
  static size_t told, blocks;
  FakePages::on_grow = [] {
    told = FakePages::pages();
    EXPECT_EQ(heap_check(), 0);
    if (blocks < 10) blocks += heap_malloc(1000) != nullptr;  // the callback may use the heap
  };
  heap_malloc(1);
  EXPECT_EQ(FakePages::grown_calls, 1u) << "creation";
  heap_free(heap_calloc(5, kPageSize));
  EXPECT_EQ(FakePages::grown_calls, 2u);
  EXPECT_EQ(told, FakePages::pages());
  EXPECT_EQ(blocks, 2u);
  refuse_growth();
  heap_malloc(50 * kPageSize);
  EXPECT_EQ(FakePages::grown_calls, 2u) << "a refused growth is none";
  FakePages::fail_from = 0;
  heap_realloc(heap_aligned_alloc(kPageSize, 10 * kPageSize), 20 * kPageSize);
  EXPECT_EQ(FakePages::grown_calls, 4u);
}

TEST_F(LibcTest, MallocOfNothingIsAUniqueBlock) {
  for (int i = 0; i < 100; i++) {
    void* a = heap_malloc(0);
    void* b = heap_malloc(0);
    ASSERT_TRUE(a && b && a != b);
    heap_free(a);
  }
}

TEST_F(LibcTest, RequestsBeyondPtrdiffMaxFailAtOnce) {
  void* mem = heap_malloc(1);
  const size_t calls = FakePages::grow_calls;
  for (size_t bytes : {kHuge, kHuge - 15, kHuge - 16, kHuge / 2 + 1, kHuge / 2 + 17}) {
    EXPECT_EQ(heap_malloc(bytes), nullptr);
    EXPECT_EQ(heap_calloc(1, bytes), nullptr);
    EXPECT_EQ(heap_calloc(bytes, 1), nullptr);
    EXPECT_EQ(heap_realloc(mem, bytes), nullptr);
    EXPECT_EQ(heap_realloc(nullptr, bytes), nullptr);
    EXPECT_EQ(heap_reallocarray(mem, bytes, 1), nullptr);
    EXPECT_EQ(heap_aligned_alloc(16, bytes), nullptr);
    EXPECT_EQ(heap_aligned_alloc(4096, bytes), nullptr);
    EXPECT_EQ(heap_memalign(64, bytes), nullptr);
  }
  EXPECT_EQ(FakePages::grow_calls, calls);
}

TEST_F(LibcTest, ProductsThatOverflowFail) {
  const size_t half = size_t(1) << (4 * sizeof(size_t));
  EXPECT_EQ(heap_calloc(half, half), nullptr);
  EXPECT_EQ(heap_calloc(half + 1, half), nullptr) << "the low word is small";
  EXPECT_EQ(heap_calloc(kHuge / 2, 3), nullptr);
  EXPECT_EQ(heap_reallocarray(nullptr, half, half), nullptr);
  void* mem = heap_malloc(10);
  EXPECT_EQ(heap_reallocarray(mem, half + 1, half), nullptr);
  heap_free(mem);
}

TEST_F(LibcTest, CallocOfNothing) {
  void* blocks[] = {heap_calloc(0, 0), heap_calloc(0, 10), heap_calloc(10, 0), heap_calloc(0, kHuge), heap_calloc(kHuge, 0)};
  for (void* mem : blocks) EXPECT_NE(mem, nullptr);
  for (void* mem : blocks) heap_free(mem);
}

TEST_F(LibcTest, ReallocOfNullIsMalloc) {
  void* mem = heap_realloc(nullptr, 100);
  EXPECT_GE(heap_malloc_usable_size(mem), 100u);
  EXPECT_NE(heap_realloc(nullptr, 0), nullptr);
  EXPECT_NE(heap_reallocarray(nullptr, 10, 10), nullptr);
}

TEST_F(LibcTest, ReallocToNothingKeepsASmallestBlock) {
  for (size_t bytes : {1, 10, 100, 600, 100000}) {
    void* mem = heap_realloc(heap_malloc(bytes), 0);
    ASSERT_NE(mem, nullptr);
    EXPECT_LE(heap_malloc_usable_size(mem), 32u);
    heap_free(mem);
  }
  EXPECT_EQ(heap_in_use(), 0u);
}

TEST_F(LibcTest, ShrinkingNeverFails) {
  for (size_t bytes : {40, 300, 500, 513, 5000}) {
    for (int i = 0; i < 20; i++) heap_malloc(bytes);  // the class has proved its use: the next are slots
    void* mem = heap_malloc(bytes);
    heap_memset(mem, 7, bytes);
    refuse_growth();
    while (heap_malloc(bytes / 3)) {
    }
    auto* smaller = static_cast<unsigned char*>(heap_realloc(mem, bytes / 3));
    ASSERT_NE(smaller, nullptr) << bytes;
    for (size_t i = 0; i < bytes / 3; i++) ASSERT_EQ(smaller[i], 7);
    FakePages::fail_from = 0;
  }
}

TEST_F(LibcTest, AlignmentsThatAreNoPowerOfTwoFail) {
  for (size_t alignment : {size_t(0), size_t(3), size_t(24), size_t(65), kHuge, kHuge / 2 + 3}) {
    EXPECT_EQ(heap_aligned_alloc(alignment, 64), nullptr);
    EXPECT_EQ(heap_memalign(alignment, 64), nullptr);
    void* result = &result;
    EXPECT_EQ(heap_posix_memalign(&result, alignment, 64), kInvalid);
    EXPECT_EQ(result, &result);
  }
  EXPECT_EQ(FakePages::grow_calls, 0u);
}

TEST_F(LibcTest, PosixMemalignWantsAMultipleOfAPointer) {
  void* result = &result;
  EXPECT_EQ(heap_posix_memalign(&result, 1, 64), kInvalid);
  EXPECT_EQ(heap_posix_memalign(&result, sizeof(void*) / 2, 64), kInvalid);
  EXPECT_EQ(result, &result);
  EXPECT_EQ(heap_posix_memalign(&result, sizeof(void*), 64), 0);
  EXPECT_NE(result, &result);
  EXPECT_EQ(heap_posix_memalign(&result, 64, 0), 0);
  void* before = result;
  EXPECT_EQ(heap_posix_memalign(&result, 64, kHuge / 2), kNoMemory);
  EXPECT_EQ(result, before);
}

TEST_F(LibcTest, AlignedAllocTakesAnySize) {
  for (size_t alignment = 1; alignment <= 65536; alignment *= 2)
    for (size_t bytes : {0, 1, 7, 100, 1000}) {
      void* mem = heap_aligned_alloc(alignment, bytes);
      ASSERT_NE(mem, nullptr);
      ASSERT_EQ(reinterpret_cast<uintptr_t>(mem) % alignment, 0u);
      ASSERT_EQ(reinterpret_cast<uintptr_t>(mem) % 16, 0u);
      heap_free_aligned_sized(mem, alignment, bytes);
    }
  EXPECT_EQ(heap_in_use(), 0u);
}

TEST_F(LibcTest, EveryFunctionFailsCleanlyWithoutMemory) {
  void* mem = heap_malloc(100);
  void* old = mem;
  refuse_growth();
  while (heap_malloc(1)) {
  }
  EXPECT_EQ(heap_malloc(0), nullptr);
  EXPECT_EQ(heap_calloc(1, 1), nullptr);
  EXPECT_EQ(heap_realloc(mem, 100000), nullptr);
  EXPECT_EQ(heap_aligned_alloc(64, 1), nullptr);
  EXPECT_EQ(heap_posix_memalign(&mem, 64, 1), kNoMemory);
  EXPECT_EQ(mem, old);
  EXPECT_EQ(heap_strdup("a"), nullptr);
  EXPECT_EQ(heap_sbrk(1), reinterpret_cast<void*>(-1));
  heap_free(mem);
  EXPECT_NE(heap_malloc(100), nullptr);
}

TEST_F(LibcTest, FreeWithASizeTakesTheSizeAskedFor) {
  for (size_t bytes = 0; bytes < 700; bytes += 7) {
    heap_free_sized(heap_malloc(bytes), bytes);
    heap_free_sized(heap_calloc(1, bytes), bytes);
    heap_free_aligned_sized(heap_aligned_alloc(64, bytes), 64, bytes);
  }
  EXPECT_EQ(heap_in_use(), 0u);
  heap_free_sized(nullptr, 10);
  heap_free_aligned_sized(nullptr, 3, 10);
}

TEST_F(LibcTest, UsableSizeOfNothing) { EXPECT_EQ(heap_malloc_usable_size(nullptr), 0u); }

TEST_F(LibcTest, SbrkGivesWholePagesOnce) {
  void* end = heap_sbrk(0);
  EXPECT_EQ(heap_sbrk(1), end);
  EXPECT_EQ(static_cast<char*>(heap_sbrk(0)) - static_cast<char*>(end), static_cast<ptrdiff_t>(kPageSize));
  EXPECT_EQ(heap_sbrk(-1), reinterpret_cast<void*>(-1));
  EXPECT_EQ(heap_sbrk(INTPTR_MAX), reinterpret_cast<void*>(-1));
  EXPECT_EQ(heap_sbrk(INTPTR_MIN), reinterpret_cast<void*>(-1));
}

TEST(HostTest, SaysItsVersionAndLayout) {
  EXPECT_EQ(heap_version(), HEAP_VERSION);
  EXPECT_NE(heap_layout(), 0u);
}

using LibcDeathTest = LibcTest;

TEST_F(LibcDeathTest, AbortStopsTheProgram) { EXPECT_DEATH(heap_abort(), ""); }

// In WebAssembly there is memory at address 0, which is not to be read as a heap: so no access there, but a trap.
TEST_F(LibcDeathTest, ABlockTrapsWhereThereIsNoHeap) {
  const auto traps = [](int status) { return WIFSIGNALED(status) && WTERMSIG(status) != SIGSEGV; };
  void* const mem = reinterpret_cast<void*>(FakePages::begin());
  EXPECT_EXIT(heap_free(mem), traps, "");
  EXPECT_EXIT(heap_realloc(mem, 10), traps, "");
  EXPECT_EXIT(heap_malloc_usable_size(mem), traps, "");
}

}  // namespace

}  // namespace memory_wasm
