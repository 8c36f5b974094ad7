// SPDX-License-Identifier: Apache-2.0
#include "exporters/xray/daemon.h"

#include <cerrno>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <sys/socket.h>

namespace weft::xray {

Status Daemon::failed(const char* reason) {
  socket_.reset();
  return fail(ExitCode::kUnreachable,
              "X-Ray daemon at udp " + address_.host + ":" + address_.port + ": " + reason);
}

Status Daemon::open() {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(address_.host.c_str(), address_.port.c_str(), &hints, &found);
  if (error != 0) return failed(gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> list(found, &freeaddrinfo);
  socket_ = Fd(socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  // Connected, so that the kernel reports ICMP errors if nothing listens.
  if (!socket_.valid() || connect(socket_.get(), found->ai_addr, found->ai_addrlen) != 0) {
    return failed(strerror(errno));
  }
  return {};
}

Status Daemon::send(std::string_view datagram) {
  if (!socket_.valid()) {
    if (Status status = open(); !status) return status;
  }
  if (::send(socket_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL) >= 0) return {};
  return failed(errno == ECONNREFUSED ? "nobody listens there" : strerror(errno));
}

Status Daemon::check() {
  int error = 0;
  socklen_t size = sizeof error;
  if (!socket_.valid()) return {};
  getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error == 0) return {};
  return failed(error == ECONNREFUSED ? "nobody listens there" : strerror(error));
}

}  // namespace weft::xray
