// SPDX-License-Identifier: Apache-2.0
// Which process listens on a port: the listening sockets of its network namespace, and
// among its own descriptors one of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weft {

// Inodes of the sockets that listen on `port`, from /proc/PID/net/tcp or tcp6.
std::vector<uint64_t> listeners(std::string_view table, uint16_t port);

// `process` is /proc/PID. False when it does not, or is gone.
bool process_listens(const std::string& process, uint16_t port);

}  // namespace weft
