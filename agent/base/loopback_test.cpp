// SPDX-License-Identifier: Apache-2.0
#include "agent/base/loopback.h"

#include <gtest/gtest.h>
#include <string>

namespace weft {
namespace {

using std::string_view_literals::operator""sv;

TEST(Loopback, Authorities) {
  for (const std::string_view good :
       {"127.0.0.1", "127.0.0.1:4380", "127.1.2.3", "127.255.255.254:1", "127.0.0.1.", "127.0.0.1:",
        "localhost", "LocalHost:80", "localhost.", "localhost.:4380", "[::1]", "[::1]:4380",
        "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::FFFF:127.9.9.9]:1", "  127.0.0.1 \t"}) {
    EXPECT_TRUE(is_loopback_authority(good)) << good;
  }
  for (const std::string_view bad : {""sv,
                                     " "sv,
                                     ":80"sv,
                                     "."sv,
                                     "127.evil.example"sv,
                                     "127.0.0.1.evil.example"sv,
                                     "127.evil.example:80"sv,
                                     "127.0.0.1evil"sv,
                                     "127.0.0"sv,
                                     "127.1"sv,
                                     "127."sv,
                                     "2130706433"sv,
                                     "0x7f.0.0.1"sv,
                                     "0177.0.0.1"sv,
                                     "127.0.0.256"sv,
                                     "128.0.0.1"sv,
                                     "10.0.0.1"sv,
                                     "0.0.0.0"sv,
                                     "evil.example"sv,
                                     "localhost.evil.example"sv,
                                     "evil.localhost"sv,
                                     "notlocalhost"sv,
                                     "localhost.."sv,
                                     "user@127.0.0.1"sv,
                                     "127.0.0.1@evil.example"sv,
                                     "user:x@localhost"sv,
                                     "127.0.0.1:80:80"sv,
                                     "127.0.0.1:x"sv,
                                     "127.0.0.1:123456"sv,
                                     "127.0.0.1/x"sv,
                                     "[::1"sv,
                                     "[::1]x"sv,
                                     "[::1]:x"sv,
                                     "[::1].evil.example"sv,
                                     "::1"sv,
                                     "[::2]"sv,
                                     "[::1%lo]"sv,
                                     "[127.0.0.1]"sv,
                                     "[localhost]"sv,
                                     "[]"sv,
                                     "[::ffff:10.0.0.1]"sv,
                                     "[::ffff:7f00:1]x"sv,
                                     "[::127.0.0.1]"sv,
                                     "127.0.0.1, evil"sv,
                                     "127.0.0.1 evil"sv,
                                     "127.0.0.1\0.evil"sv,
                                     "localhost\0"sv,
                                     "[::1\0]"sv}) {
    EXPECT_FALSE(is_loopback_authority(bad)) << bad;
  }
}

TEST(Loopback, Addresses) {
  for (const char* good : {"127.0.0.1", "127.9.9.9", "::1", "localhost", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(is_loopback(good)) << good;
  }
  for (const char* bad : {"", "127.evil.example", "0.0.0.0", "::", "[::1]", "192.0.2.1", "host"}) {
    EXPECT_FALSE(is_loopback(bad)) << bad;
  }
}

}  // namespace
}  // namespace weft
