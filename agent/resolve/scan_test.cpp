// SPDX-License-Identifier: Apache-2.0
#include "agent/resolve/scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/resolve/toy_binary.h"

namespace weft::resolve {
namespace {

using ::testing::ElementsAre;
using testing::ElfBuilder;
using ::testing::IsEmpty;

constexpr size_t kSlice = 64 << 10;

std::string counting(size_t n) {
  std::string out;
  while (out.size() < n) out += std::to_string(out.size()) + ' ';
  return out;
}

TEST(CachedBytes, GivesWhatTheSourceDoes) {
  const std::string text = counting(1 << 20);
  const MemoryBytes source(text);
  const CachedBytes cached(source, 1 << 30);
  for (const uint64_t at : {0UL, 16383UL, 16384UL, 700000UL, 5UL, text.size() - 3, text.size()}) {
    for (const size_t n : {0UL, 1UL, 20UL, 16383UL, 16384UL, 50000UL}) {
      EXPECT_EQ(cached.read(at, n), source.read(at, n)) << at << ' ' << n;
    }
  }
  EXPECT_EQ(cached.read(UINT64_MAX, 5), "");
}

TEST(CachedBytes, EndsWithTheBudget) {
  const MemoryBytes source("text");
  const CachedBytes cached(source, 200);
  EXPECT_EQ(cached.read(0, 4), "text");
  EXPECT_EQ(cached.read(0, 4), "text");
  EXPECT_EQ(cached.read(0, 4), "");
}

class ScanTest : public ::testing::Test {
 protected:
  // Offset of the text in the file.
  uint64_t with(const std::string& text) {
    const uint64_t at = builder.put(text);
    file = std::make_unique<testing::TextBytes>(builder.build());
    elf = std::make_unique<ElfFile>(*file);
    return at;
  }
  ElfBuilder builder;
  std::unique_ptr<Bytes> file;
  std::unique_ptr<ElfFile> elf;
};

TEST_F(ScanTest, FindsAcrossSlices) {
  std::string text(3 * kSlice, '.');
  for (const size_t at : {0UL, kSlice - 3, 2 * kSlice, 3 * kSlice - 4}) text.replace(at, 4, "abcd");
  const uint64_t at = with(text);
  EXPECT_THAT(find_all(*elf, at, text.size(), "abcd", 9),
              ElementsAre(0, kSlice - 3, 2 * kSlice, 3 * kSlice - 4));
  EXPECT_THAT(find_all(*elf, at, text.size(), "abcd", 2), ElementsAre(0, kSlice - 3));
  EXPECT_THAT(find_all(*elf, at, text.size() - 1, "abcd", 9),
              ElementsAre(0, kSlice - 3, 2 * kSlice));
  EXPECT_THAT(find_all(*elf, at, text.size(), "", 9), IsEmpty());
}

TEST_F(ScanTest, EverySliceIsShownOnce) {
  for (const size_t size : {1UL, kSlice - 1, kSlice, kSlice + 1, kSlice + 4, 2 * kSlice + 5}) {
    const std::string text = counting(size).substr(0, size);
    const uint64_t at = with(text);
    std::string seen;
    slices(*elf, at, size, 4, [&](uint64_t from, std::string_view bytes) {
      EXPECT_LE(from, seen.size());
      seen.resize(from);
      seen += bytes;
      return true;
    });
    EXPECT_EQ(seen, text) << size;
  }
}

TEST_F(ScanTest, ClaimsBeyondTheFileEnd) {
  const uint64_t at = with("abcd");
  size_t shown = 0;
  const auto count = [&shown](auto&&...) { return ++shown != 0; };
  slices(*elf, at, UINT64_MAX, 4, count);
  slices(*elf, 1 << 30, 1 << 30, 4, count);
  EXPECT_EQ(shown, 0u);
  ElfFile::Section table;
  table.offset = UINT64_MAX - 5;
  table.size = UINT64_MAX;
  records(*elf, table, 8, count);
  EXPECT_EQ(shown, 0u);
}

TEST_F(ScanTest, RecordsOfAnySize) {
  const std::string text = counting(3 * kSlice);
  ElfFile::Section table;
  table.offset = with(text);
  table.size = text.size();
  std::string seen;
  records(*elf, table, 24, [&seen](std::string_view record) {
    seen += record;
    return true;
  });
  EXPECT_EQ(seen, text.substr(0, text.size() / 24 * 24));
}

}  // namespace
}  // namespace weft::resolve
