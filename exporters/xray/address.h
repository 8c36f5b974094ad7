// SPDX-License-Identifier: Apache-2.0
// The address at which the X-Ray daemon receives datagrams, as its environment variable has it.
#pragma once

#include <string>
#include <string_view>

#include "agent/base/result.h"

namespace weft::xray {

struct DaemonAddress {
  std::string host;  // a name or an address, without brackets
  std::string port;
};

// "host:port", or "tcp:host:port udp:host:port" in either order, of which the udp one is used (the
// other is the daemon's proxy for sampling rules). IPv6 addresses are in brackets. Error kConfig:
// neither form. Pure; any thread.
Result<DaemonAddress> parse_daemon_address(std::string_view text);

}  // namespace weft::xray
