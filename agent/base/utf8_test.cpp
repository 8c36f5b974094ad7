// SPDX-License-Identifier: Apache-2.0
#include "agent/base/utf8.h"

#include <gtest/gtest.h>

namespace weft {
namespace {

TEST(Utf8, ValidTextIsKept) {
  for (const char* text : {"", "plain", "exactly 8", "h\xc3\xa9llo", "\xe2\x82\xac",
                           "\xf0\x9f\x98\x80", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_EQ(to_utf8(text), text);
  }
}

TEST(Utf8, BytesOutsideASequenceAreReplaced) {
  const std::string r = "\xef\xbf\xbd";
  EXPECT_EQ(to_utf8("a\xff"
                    "b"),
            "a" + r + "b");
  EXPECT_EQ(to_utf8("\xc3"), r) << "truncated";
  EXPECT_EQ(to_utf8("\xc0\xaf"), r + r) << "overlong";
  EXPECT_EQ(to_utf8("\xe0\x80\xaf"), r + r + r) << "overlong";
  EXPECT_EQ(to_utf8("\xed\xa0\x80"), r + r + r) << "surrogate";
  EXPECT_EQ(to_utf8("\xf4\x90\x80\x80"), r + r + r + r) << "beyond U+10FFFF";
  EXPECT_EQ(to_utf8("\xe2\x82x"), r + r + "x");
  EXPECT_EQ(to_utf8("caf\xe9 ok"), "caf" + r + " ok") << "Latin-1";
}

TEST(Utf8, AsciiIsFoundAtEveryOffset) {
  std::string text(20, 'a');
  EXPECT_TRUE(is_ascii(text));
  for (size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = '\x80';
    EXPECT_FALSE(is_ascii(changed)) << i;
  }
}

}  // namespace
}  // namespace weft
