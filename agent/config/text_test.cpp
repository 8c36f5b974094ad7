// SPDX-License-Identifier: Apache-2.0
#include "agent/config/text.h"

#include <gtest/gtest.h>

namespace weft {
namespace {

TEST(Text, IntegersAreWholeAndInRange) {
  EXPECT_EQ(parse_integer<uint32_t>("0"), 0u);
  EXPECT_EQ(parse_integer<uint32_t>("4294967295"), UINT32_MAX);
  for (const char* bad : {"", "-1", "+1", " 1", "1 ", "1.0", "0x10", "4294967296", "one"}) {
    EXPECT_FALSE(parse_integer<uint32_t>(bad)) << bad;
  }
}

TEST(Text, NumbersAreFinite) {
  EXPECT_EQ(parse_number("0.25"), 0.25);
  EXPECT_EQ(parse_number("1e-3"), 0.001);
  for (const char* bad : {"", "nan", "inf", "0.5x", " 0.5", "1e999"}) {
    EXPECT_FALSE(parse_number(bad)) << bad;
  }
}

TEST(Text, HostAndPort) {
  EXPECT_EQ(parse_host_port("127.0.0.1:80"), std::pair(std::string("127.0.0.1"), uint16_t{80}));
  EXPECT_EQ(parse_host_port("[::1]:4380"), std::pair(std::string("::1"), uint16_t{4380}));
  for (const char* bad :
       {"", "localhost", "localhost:", ":80", "h:0", "h:65536", "::1:80", "[]:80"}) {
    EXPECT_FALSE(parse_host_port(bad)) << bad;
  }
}

TEST(Text, ListsAreTrimmed) {
  EXPECT_EQ(split_list(" a, b ,,c\t,"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(split_list(" , ").empty());
}

TEST(Text, Utf8) {
  EXPECT_TRUE(valid_utf8("plain é 漢 😀"));
  for (const char* bad : {"\x80", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff"}) {
    EXPECT_FALSE(valid_utf8(bad));
  }
}

TEST(Text, ShownIsOneShortLine) {
  EXPECT_EQ(shown("a\nb"), "\"a b\"");
  EXPECT_EQ(shown("ftp://bob:S3CRET@host/x"), "\"ftp://***@host/x\"");
  EXPECT_EQ(shown("bob@host"), "\"bob@host\"");
  EXPECT_LT(shown(std::string(1000, 'x')).size(), 100u);
  EXPECT_TRUE(valid_utf8(shown(std::string(79, 'x') + "é tail")));
}

TEST(ResourceAttributes, DecodesKeysAndValues) {
  const auto pairs = parse_resource_attributes("a=1, b%2Cc = x%3Dy ,team=caf%C3%A9,empty=");
  ASSERT_TRUE(pairs) << pairs.error().message;
  EXPECT_EQ(*pairs, (Pairs{{"a", "1"}, {"b,c", "x=y"}, {"team", "café"}, {"empty", ""}}));
}

TEST(ResourceAttributes, LaterWinsAndKeepsItsPlace) {
  EXPECT_EQ(*parse_resource_attributes("a=1,b=2,a=3"), (Pairs{{"a", "3"}, {"b", "2"}}));
}

TEST(ResourceAttributes, OneBadEntrySpoilsAllAndIsNamed) {
  const auto message = [](std::string_view text) {
    const auto pairs = parse_resource_attributes(text);
    return pairs ? "accepted" : pairs.error().message;
  };
  EXPECT_EQ(message("a=1,b"), "entry 2 has no '='");
  EXPECT_EQ(message("=1"), "entry 1 has no name before '='");
  const std::string percent = "entry 1 has a '%' that is not followed by two hex digits";
  EXPECT_EQ(message("a=%"), percent);
  EXPECT_EQ(message("a=%4"), percent);
  EXPECT_EQ(message("a=%zz"), percent);
  EXPECT_EQ(message("%=1"), percent);
  EXPECT_EQ(message("a=1,b=%ff"), "entry 2 is not UTF-8 after decoding");
}

TEST(Headers, NamesAreTokensAndValuesDecoded) {
  const auto pairs = parse_headers("api-key=a%20b,Authorization=Basic%20dGVzdA==");
  ASSERT_TRUE(pairs);
  EXPECT_EQ(*pairs, (Pairs{{"api-key", "a b"}, {"Authorization", "Basic dGVzdA=="}}));
}

TEST(Headers, NeverSmuggleALineAndNeverEchoAValue) {
  for (const char* bad : {"k=secret%0d%0aX: y", "k=secret%00", "bad name=secret"}) {
    const auto pairs = parse_headers(bad);
    ASSERT_FALSE(pairs) << bad;
    EXPECT_EQ(pairs.error().message.find("secret"), std::string::npos);
  }
}

TEST(Suggestion, NearMissElseTheWholeList) {
  constexpr std::string_view kWords[] = {"targets", "kernel", "admin"};
  EXPECT_EQ(suggestion("targts", kWords), ", did you mean \"targets\"?");
  EXPECT_EQ(suggestion("Kernel", kWords), ", did you mean \"kernel\"?");
  EXPECT_EQ(suggestion("amdin", kWords), ", did you mean \"admin\"?");
  EXPECT_EQ(suggestion("zebra", kWords), ", expected one of targets, kernel, admin");
  EXPECT_EQ(nearest(std::string(100000, 'a'), kWords), "");
}

}  // namespace
}  // namespace weft
