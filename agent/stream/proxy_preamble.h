// SPDX-License-Identifier: Apache-2.0
// The PROXY protocol's preamble, which a proxy sends before a connection's own bytes to name
// its client (haproxy.org, proxy-protocol.txt). The kernel side finds where it ends and skips it;
// this code reads its addresses.
//
//   v1   "PROXY TCP4 192.0.2.7 198.51.100.1 4000 80" CRLF
//   v2   12 bytes of signature · 0x21 · family and transport · length (2) · source and
//        destination address · source and destination port (2 each) · …
#pragma once

#include <optional>
#include <string_view>

#include "agent/stream/endpoint.h"

namespace weft {

// The address of the client behind the proxy. None if the preamble names none (UNKNOWN, LOCAL, a
// Unix socket) or is malformed.
std::optional<Endpoint> proxied_client(std::string_view preamble);

}  // namespace weft
