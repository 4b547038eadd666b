// The mem and str functions against this machine's own, on random bytes and at the corners.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "instance.h"
#include "libc_on_host.h"

namespace {

int sign(int value) { return (value > 0) - (value < 0); }

// Random bytes of a few values only, so that strings are short and matches and mismatches come late.
class StringTest : public ::testing::Test {
 protected:
  std::vector<char> bytes(size_t count) {
    static constexpr char kValues[] = {'a', 'b', 'a', 'a', '\x80', '\xff', '\0'};
    std::vector<char> made(count);
    for (char& byte : made) byte = kValues[random_() % (random_() % 20 ? 6 : 7)];
    return made;
  }
  // A string of at most `most` characters.
  std::string string(size_t most) {
    const std::vector<char> made = bytes(1 + random_() % (most + 1));
    return std::string(made.data(), strnlen(made.data(), made.size() - 1));
  }
  size_t below(size_t limit) { return random_() % limit; }

  std::mt19937 random_{20261120};
  static constexpr int kRounds = 20000;
};

TEST_F(StringTest, MemcpyAndMemset) {
  for (int i = 0; i < kRounds; i++) {
    const size_t count = below(100);
    const std::vector<char> from = bytes(count + 1);
    std::vector<char> ours = bytes(count + 2), theirs = ours;
    EXPECT_EQ(heap_memcpy(ours.data() + 1, from.data(), count), ours.data() + 1);
    memcpy(theirs.data() + 1, from.data(), count);
    ASSERT_EQ(ours, theirs);
    const int value = static_cast<int>(random_());
    EXPECT_EQ(heap_memset(ours.data() + 1, value, count), ours.data() + 1);
    memset(theirs.data() + 1, value, count);
    ASSERT_EQ(ours, theirs);
  }
}

TEST_F(StringTest, MemmoveOverItself) {
  for (int i = 0; i < kRounds; i++) {
    std::vector<char> ours = bytes(100), theirs = ours;
    const size_t count = below(60), to = below(40), from = below(40);
    EXPECT_EQ(heap_memmove(ours.data() + to, ours.data() + from, count), ours.data() + to);
    memmove(theirs.data() + to, theirs.data() + from, count);
    ASSERT_EQ(ours, theirs);
  }
}

TEST_F(StringTest, MemcmpHasTheSignOfUnsignedBytes) {
  for (int i = 0; i < kRounds; i++) {
    const std::vector<char> left = bytes(8), right = bytes(8);
    const size_t count = below(9);
    ASSERT_EQ(sign(heap_memcmp(left.data(), right.data(), count)), sign(memcmp(left.data(), right.data(), count)));
    ASSERT_EQ(heap_bcmp(left.data(), right.data(), count) == 0, memcmp(left.data(), right.data(), count) == 0);
  }
  EXPECT_GT(heap_memcmp("\x80", "\x7f", 1), 0);
  EXPECT_GT(heap_memcmp("a\0b", "a\0a", 3), 0) << "a NUL is a byte like any other";
  EXPECT_EQ(heap_memcmp("a", "b", 0), 0);
}

TEST_F(StringTest, MemchrAndMemrchr) {
  for (int i = 0; i < kRounds; i++) {
    const std::vector<char> in = bytes(40);
    const size_t count = below(41);
    const int value = "ab\x80\xff"[below(5)] + 256 * static_cast<int>(below(3));
    ASSERT_EQ(heap_memchr(in.data(), value, count), memchr(in.data(), value, count));
    ASSERT_EQ(heap_memrchr(in.data(), value, count), memrchr(in.data(), value, count));
  }
  EXPECT_EQ(heap_memchr("abc", 'a', SIZE_MAX) != nullptr, true) << "C lets count reach beyond, if the byte comes before";
}

TEST_F(StringTest, LengthsAndComparisons) {
  for (int i = 0; i < kRounds; i++) {
    const std::string left = string(20);
    const std::string right = below(2) ? left.substr(0, below(left.size() + 1)) + string(3) : string(20);
    const size_t limit = below(4) ? below(24) : SIZE_MAX;
    ASSERT_EQ(heap_strlen(left.c_str()), left.size());
    ASSERT_EQ(heap_strnlen(left.c_str(), limit), strnlen(left.c_str(), limit));
    ASSERT_EQ(sign(heap_strcmp(left.c_str(), right.c_str())), sign(strcmp(left.c_str(), right.c_str())));
    ASSERT_EQ(sign(heap_strncmp(left.c_str(), right.c_str(), limit)), sign(strncmp(left.c_str(), right.c_str(), limit)));
  }
  EXPECT_GT(heap_strcmp("\x80", "\x7f"), 0) << "characters compare as unsigned";
  EXPECT_EQ(heap_strncmp("a", "b", 0), 0);
  EXPECT_EQ(heap_strnlen("abc", 0), 0u);
}

TEST_F(StringTest, Copies) {
  for (int i = 0; i < kRounds; i++) {
    const std::string from = string(20);
    const size_t limit = below(24);
    std::vector<char> ours = bytes(64), theirs;
    ours[10] = '\0';
    theirs = ours;
    EXPECT_EQ(heap_strcat(ours.data(), from.c_str()), ours.data());
    strcat(theirs.data(), from.c_str());
    ASSERT_EQ(ours, theirs);
    EXPECT_EQ(heap_strcpy(ours.data() + 1, from.c_str()), ours.data() + 1);
    strcpy(theirs.data() + 1, from.c_str());
    ASSERT_EQ(ours, theirs);
    EXPECT_EQ(heap_stpcpy(ours.data() + 2, from.c_str()), ours.data() + 2 + from.size());
    strcpy(theirs.data() + 2, from.c_str());
    ASSERT_EQ(ours, theirs);
    EXPECT_EQ(heap_strncpy(ours.data() + 3, from.c_str(), limit), ours.data() + 3);
    strncpy(theirs.data() + 3, from.c_str(), limit);
    ASSERT_EQ(ours, theirs);
  }
}

TEST_F(StringTest, Searches) {
  for (int i = 0; i < kRounds; i++) {
    const std::string in = string(30);
    const std::string sought = string(3);
    const int value = "ab\x80\xff"[below(5)] + 256 * static_cast<int>(below(3));  // the NUL too
    ASSERT_EQ(heap_strchr(in.c_str(), value), strchr(in.c_str(), value));
    ASSERT_EQ(heap_strrchr(in.c_str(), value), strrchr(in.c_str(), value));
    ASSERT_EQ(heap_strstr(in.c_str(), sought.c_str()), strstr(in.c_str(), sought.c_str()));
  }
  EXPECT_STREQ(heap_strstr("abc", ""), "abc");
  EXPECT_EQ(heap_strstr("", "a"), nullptr);
}

TEST_F(StringTest, Duplicates) {
  memory_wasm::FakePages::reset();
  memory_wasm::the_heap = nullptr;
  for (int i = 0; i < kRounds / 10; i++) {
    const std::string from = string(30);
    const size_t limit = below(40);
    char* whole = heap_strdup(from.c_str());
    char* part = heap_strndup(from.c_str(), limit);
    ASSERT_EQ(whole, from);
    ASSERT_EQ(part, from.substr(0, limit));
    heap_free(whole);
    heap_free(part);
  }
  memory_wasm::FakePages::reset(1, 1);
  memory_wasm::the_heap = nullptr;
  EXPECT_EQ(heap_strdup("a"), nullptr);
}

}  // namespace
