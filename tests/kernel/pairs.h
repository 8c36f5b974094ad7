// SPDX-License-Identifier: Apache-2.0
// Connected sockets of each family that is traced.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/base/fd.h"

namespace weft::kernel::testing {

enum class Family { kTcp4, kTcp6, kUnix };
inline const char* family_name(Family family) {
  return family == Family::kTcp4 ? "tcp4" : family == Family::kTcp6 ? "tcp6" : "unix";
}

// fds[0] has connected, fds[1] was accepted.
inline bool connected_pair(Family family, int (&fds)[2]) {
  if (family == Family::kUnix) return socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0;
  sockaddr_storage address{};
  socklen_t size = sizeof(sockaddr_in);
  if (family == Family::kTcp4) {
    auto* in = reinterpret_cast<sockaddr_in*>(&address);
    in->sin_family = AF_INET;
    in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  } else {
    auto* in = reinterpret_cast<sockaddr_in6*>(&address);
    in->sin6_family = AF_INET6;
    in->sin6_addr = in6addr_loopback;
    size = sizeof(sockaddr_in6);
  }
  auto* any = reinterpret_cast<sockaddr*>(&address);
  const Fd listener(socket(address.ss_family, SOCK_STREAM, 0));
  if (bind(listener.get(), any, size) != 0 || listen(listener.get(), 1) != 0) return false;
  getsockname(listener.get(), any, &size);
  fds[0] = socket(address.ss_family, SOCK_STREAM, 0);
  if (connect(fds[0], any, size) != 0) return false;
  fds[1] = accept(listener.get(), nullptr, nullptr);
  return fds[1] >= 0;
}

}  // namespace weft::kernel::testing
