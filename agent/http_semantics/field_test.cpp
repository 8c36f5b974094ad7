// SPDX-License-Identifier: Apache-2.0
#include "agent/http_semantics/field.h"

#include <gtest/gtest.h>
#include <string>

namespace weft::http_semantics {
namespace {

char plain_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

// Every character at every place of names of every length, next to every other one.
TEST(SameName, IsWhatCharacterByCharacterGives) {
  const std::string lower = "x-forwarded-\x01~`{z@a";
  for (size_t size = 1; size <= lower.size(); ++size) {
    const std::string expected = lower.substr(0, size);
    for (size_t at = 0; at < size; ++at) {
      for (int c = 0; c < 256; ++c) {
        std::string name = expected;
        name[at] = static_cast<char>(c);
        EXPECT_EQ(same_name(name, expected), plain_lower(name[at]) == expected[at])
            << size << ' ' << at << ' ' << c;
      }
    }
  }
}

TEST(SameName, OfCapitals) {
  EXPECT_TRUE(same_name("TRANSFER-ENCODING", "transfer-encoding"));
  EXPECT_TRUE(same_name("HoSt", "host"));
  EXPECT_TRUE(same_name("", ""));
  EXPECT_FALSE(same_name("host", "hosts"));
  EXPECT_TRUE(same_name("\xc3\x84ndern", "\xc3\x84ndern"));
  EXPECT_FALSE(same_name("\xc3\xa4ndern!", "\xc3\x84ndern!"));
}

}  // namespace
}  // namespace weft::http_semantics
