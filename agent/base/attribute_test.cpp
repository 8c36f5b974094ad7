// SPDX-License-Identifier: Apache-2.0
#include "agent/base/attribute.h"

#include <gtest/gtest.h>

namespace weft {
namespace {

TEST(Key, SameLengthAndSameEndAreNotEnough) {
  constexpr Key kOne = "server.port";
  constexpr Key kTwo = "client.port";
  EXPECT_FALSE(kOne == kTwo);
  EXPECT_TRUE(kOne == Key::intern("server.port"));
  EXPECT_TRUE(Key::intern("") == Key::intern(""));
  EXPECT_FALSE(Key::intern("") == kOne);
}

TEST(Attributes, AreInOrderAndUnique) {
  Attributes out;
  out.set("a", "1");
  out.set("b", 2);
  out.set("a", std::string("3"));
  out.set("c", Value(true));
  ASSERT_EQ(out.size(), 3u);
  EXPECT_EQ(out.begin()->key.text(), "a");
  EXPECT_EQ(out.text("a"), "3");
  EXPECT_EQ(*out.find("b"), Value(int64_t{2}));
  out.set("b", "no number");
  EXPECT_EQ(out.text("b"), "no number");
}

// Longer than what a string holds without memory of its own.
TEST(Attributes, MayBeSetFromThemselves) {
  const std::string text(100, 'x');
  Attributes out;
  out.set("a", std::string_view(text));
  out.set("a", out.text("a").substr(1));
  EXPECT_EQ(out.text("a"), text.substr(1));
  for (const Key key :
       {Key("b"), Key("c"), Key("d"), Key("e"), Key("f"), Key("g"), Key("h"), Key("i"), Key("j")}) {
    out.set(key, out.text("a"));
    EXPECT_EQ(out.text(key), text.substr(1));
  }
}

}  // namespace
}  // namespace weft
