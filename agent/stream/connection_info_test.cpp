// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <gtest/gtest.h>
#include <iterator>

#include "agent/stream/connection.h"

namespace weft {
namespace {

TEST(Endpoint, MappedIpv4IsIpv4) {
  weft_ev_open open{};
  open.family = WEFT_FAMILY_IPV6;
  const uint8_t mapped[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 2, 3};
  std::copy(std::begin(mapped), std::end(mapped), open.remote);
  open.remote_port = 80;
  open.local[15] = 1;
  open.local_port = 8080;
  const ConnectionInfo info = connection_info(open, "", nullptr);
  EXPECT_EQ(info.remote.text(), "10.1.2.3");
  EXPECT_EQ(info.local.text(), "::1");
}

TEST(Endpoint, TextOfIpv4) {
  const uint8_t bytes[] = {0, 9, 10, 255};
  EXPECT_EQ(Endpoint::v4(bytes, 1).text(), "0.9.10.255");
  const uint8_t high[] = {192, 100, 99, 199};
  EXPECT_EQ(Endpoint::v4(high, 0).text(), "192.100.99.199");
  EXPECT_EQ((Endpoint{.port = 1}.text()), "0.0.0.0");
  EXPECT_EQ(Endpoint().text(), "");
}

TEST(ConnectionInfo, AProxyNamesTheServersClient) {
  weft_ev_open open{};
  open.family = WEFT_FAMILY_IPV4;
  const std::string_view preamble = "PROXY TCP4 192.0.2.7 198.51.100.1 4000 80\r\n";
  open.role = WEFT_ROLE_SERVER;
  const ConnectionInfo server = connection_info(open, preamble, nullptr);
  ASSERT_TRUE(server.client);
  EXPECT_EQ(server.client->text(), "192.0.2.7");
  EXPECT_EQ(server.client->port, 4000);
  EXPECT_FALSE(connection_info(open, "", nullptr).client);
  open.role = WEFT_ROLE_CLIENT;
  EXPECT_FALSE(connection_info(open, preamble, nullptr).client) << "it is the proxy itself";
}

}  // namespace
}  // namespace weft
