// SPDX-License-Identifier: Apache-2.0
#include "agent/stream/proxy_preamble.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>

#include "bpf/abi/weft_preamble.h"

namespace weft {
namespace {

const std::string kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
const std::string kFour("\xc0\0\2\7\xc6\x33\x64\1\x0f\xa0\0\x50", 12);  // with both ports

std::string version_2(std::string_view command_and_family, std::string_view addresses,
                      size_t claimed) {
  return kSignature + std::string(command_and_family) + static_cast<char>(claimed >> 8) +
         static_cast<char>(claimed) + std::string(addresses);
}

// "address port", or "none".
std::string client(std::string_view preamble) {
  const auto found = proxied_client(preamble);
  return found ? found->text() + " " + std::to_string(found->port) : "none";
}

TEST(ProxyPreamble, Version1) {
  EXPECT_EQ(client("PROXY TCP4 192.0.2.7 198.51.100.1 4000 80\r\n"), "192.0.2.7 4000");
  EXPECT_EQ(client("PROXY TCP6 2001:db8::7 2001:db8::1 65535 443\r\n"), "2001:db8::7 65535");
  EXPECT_EQ(client("PROXY TCP6 ::ffff:192.0.2.7 ::1 4000 80\r\n"), "192.0.2.7 4000")
      << "a mapped address is IPv4";
}

TEST(ProxyPreamble, Version1ThatNamesNobody) {
  for (const std::string_view line :
       {"PROXY UNKNOWN\r\n", "PROXY UNKNOWN ffff:f::1 ffff:f::2 65535 65535\r\n",
        "PROXY UDP4 192.0.2.7 198.51.100.1 4000 80\r\n"}) {
    EXPECT_EQ(client(line), "none") << line;
  }
}

TEST(ProxyPreamble, MalformedVersion1) {
  for (const std::string_view line :
       {"PROXY TCP4 192.0.2.7 198.51.100.1 4000 80", "PROXY TCP4 192.0.2.7 198.51.100.1 4000 80\n",
        "PROXY TCP4 192.0.2.256 198.51.100.1 4000 80\r\n", "PROXY TCP4 ::1 ::1 4000 80\r\n",
        "PROXY TCP6 192.0.2.7 198.51.100.1 4000 80\r\n", "PROXY TCP4 192.0.2.7 4000 80\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 65536 80\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 -1 80\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 4000 80 \r\n",
        "PROXY TCP4  192.0.2.7 198.51.100.1 4000 80\r\n", "PROXY TCP4\r\n", "PROXY \r\n", "PROXY ",
        "proxy TCP4 192.0.2.7 198.51.100.1 4000 80\r\n"}) {
    EXPECT_EQ(client(line), "none") << line;
  }
}

TEST(ProxyPreamble, Version2) {
  EXPECT_EQ(client(version_2("\x21\x11", kFour, 12)), "192.0.2.7 4000");
  EXPECT_EQ(client(version_2("\x21\x11", kFour, 300)), "192.0.2.7 4000") << "more follows";
  const std::string six = std::string("\x20\1\xd\xb8", 4) + std::string(11, '\0') + "\7" +
                          std::string(16, '\1') + std::string("\x0f\xa0\0\x50", 4);
  EXPECT_EQ(client(version_2("\x21\x21", six, 36)), "2001:db8::7 4000");
}

TEST(ProxyPreamble, Version2ThatNamesNobody) {
  EXPECT_EQ(client(version_2("\x20\x11", kFour, 12)), "none") << "LOCAL";
  EXPECT_EQ(client(version_2(std::string_view("\x21\0", 2), "", 0)), "none") << "UNSPEC";
  EXPECT_EQ(client(version_2("\x21\x12", kFour, 12)), "none") << "a datagram";
  EXPECT_EQ(client(version_2("\x21\x31", std::string(216, '/'), 216)), "none") << "Unix";
  EXPECT_EQ(client(version_2("\x11\x11", kFour, 12)), "none") << "version 1";
}

TEST(ProxyPreamble, Version2CutAnywhere) {
  const std::string whole = version_2("\x21\x11", kFour, 12);
  for (size_t n = 0; n < whole.size(); ++n) EXPECT_EQ(client(whole.substr(0, n)), "none") << n;
  EXPECT_EQ(client(version_2("\x21\x11", kFour, 11)), "none") << "shorter than its addresses";
}

// What the kernel side's parser finds in a heap block of exactly this size: where the message
// begins and how much is kept, or "more" or "none".
std::string ends(std::string_view bytes) {
  bytes = bytes.substr(0, WEFT_PREAMBLE_MAX);
  const auto copy = std::make_unique<unsigned char[]>(bytes.size());
  std::ranges::copy(bytes, copy.get());
  weft_preamble found{};
  switch (weft_preamble_read(copy.get(), static_cast<unsigned>(bytes.size()), &found)) {
    case WEFT_PREAMBLE_MORE:
      return "more";
    case WEFT_PREAMBLE_WHOLE:
      return std::to_string(found.length) + " " + std::to_string(found.wanted);
    default:
      return "none";
  }
}

// Every prefix of the preamble needs more.
void expect_ends(const std::string& preamble, const std::string& expected) {
  EXPECT_EQ(ends(preamble + "GET / HTTP/1.1\r\n"), expected);
  const size_t wanted = std::stoul(expected.substr(expected.find(' ')));
  for (size_t n = 0; n < wanted; ++n) EXPECT_EQ(ends(preamble.substr(0, n)), "more") << n;
}

TEST(PreambleEnd, OfEachKind) {
  expect_ends("PROXY TCP4 192.0.2.7 198.51.100.1 4000 80\r\n", "43 43");
  expect_ends("PROXY UNKNOWN\r\n", "15 15");
  expect_ends("PROXY UNKNOWN " + std::string(91, 'f') + "\r\n", "107 107");
  expect_ends(version_2("\x21\x11", kFour, 12), "28 28");
  expect_ends(version_2("\x21\x11", kFour + std::string(50, 'x'), 62), "78 28");
  expect_ends(version_2("\x21\x21", std::string(36, '\1'), 2000), "2016 52");
  expect_ends(version_2("\x20\x11", kFour, 12), "28 16");
  expect_ends(version_2(std::string_view("\x21\0", 2), "", 0), "16 16");
  expect_ends(version_2("\x21\x31", std::string(216, '/'), 216), "232 16");
}

TEST(PreambleEnd, WhatIsMalformedIsNone) {
  for (const std::string& bytes :
       {std::string("PROXY TCP5 "), std::string("PROXY /a HTTP/1.1\r\n"), std::string("POST"),
        std::string("PRI * HTTP/2.0"), std::string("\r\nGET / HTTP/1.1"), std::string("GET"),
        "PROXY UNKNOWN " + std::string(92, 'f') + "\r\n",
        std::string("PROXY TCP4 192.0.2.7 198.51.100.1 4000 80\nGET"),
        version_2("\x31\x11", kFour, 12), version_2("\x22\x11", kFour, 12),
        version_2("\x21\x41", kFour, 12), version_2("\x21\x13", kFour, 12),
        version_2("\x21\x11", kFour, 11)}) {
    EXPECT_EQ(ends(bytes), "none") << bytes;
  }
}

}  // namespace
}  // namespace weft
