// SPDX-License-Identifier: Apache-2.0
// Finds whether a process listens on a port: whether one of its descriptors is a listening socket
// of its network namespace.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weft {

// Inodes of the sockets that listen on `port`, from /proc/PID/net/tcp or tcp6.
std::vector<uint64_t> listeners(std::string_view table, uint16_t port);

// `process` is /proc/PID. False also if the process is gone.
bool process_listens(const std::string& process, uint16_t port);

}  // namespace weft
