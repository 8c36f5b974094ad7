// SPDX-License-Identifier: Apache-2.0
#include "exporters/xray/address.h"

#include <gtest/gtest.h>

namespace weft::xray {
namespace {

std::string parsed(std::string_view text) {
  const auto address = parse_daemon_address(text);
  return address ? address->host + " " + address->port : "none";
}

TEST(DaemonAddress, HostAndPort) {
  EXPECT_EQ(parsed("127.0.0.1:2000"), "127.0.0.1 2000");
  EXPECT_EQ(parsed("xray-daemon.local:3000"), "xray-daemon.local 3000");
  EXPECT_EQ(parsed("[::1]:2000"), "::1 2000");
}

TEST(DaemonAddress, OfTwoTheUdpOne) {
  EXPECT_EQ(parsed("tcp:127.0.0.1:2000 udp:127.0.0.2:2001"), "127.0.0.2 2001");
  EXPECT_EQ(parsed("udp:127.0.0.2:2001 tcp:127.0.0.1:2000"), "127.0.0.2 2001");
  EXPECT_EQ(parsed("tcp:[fe80::1]:2000 udp:[fe80::2]:2001"), "fe80::2 2001");
}

TEST(DaemonAddress, WhatIsNoneIsAnError) {
  for (const char* text :
       {"", "localhost", "127.0.0.1", ":2000", "localhost:", "localhost:0", "localhost:70000",
        "localhost:2000x", "::1:2000", "[]:2000", "[::1]", "http://127.0.0.1:2000",
        "tcp:127.0.0.1:2000", "tcp:a:1 tcp:b:2", "udp:a:1 udp:b:2", "a:1 b:2"}) {
    EXPECT_EQ(parsed(text), "none") << text;
  }
  EXPECT_EQ(parse_daemon_address("localhost").error().message,
            "xray: endpoint: found \"localhost\", expected host:port, or tcp:host:port "
            "udp:host:port");
}

}  // namespace
}  // namespace weft::xray
