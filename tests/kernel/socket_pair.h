// SPDX-License-Identifier: Apache-2.0
// A TCP connection of a process to itself.
#pragma once

#include <algorithm>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <vector>

#include "agent/base/fd.h"

namespace weft::kernel::testing {

// In the child. The client's end and the server's.
struct Pair {
  int client = -1;
  int server = -1;

  static Pair connected() {
    Pair pair;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    const Fd listener(socket(AF_INET, SOCK_STREAM, 0));
    bind(listener.get(), any, size);
    listen(listener.get(), 1);
    getsockname(listener.get(), any, &size);
    pair.client = socket(AF_INET, SOCK_STREAM, 0);
    connect(pair.client, any, size);
    pair.server = accept(listener.get(), nullptr, nullptr);
    const int on = 1;
    setsockopt(pair.client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return pair;
  }
  void ask(std::string_view bytes, size_t piece = SIZE_MAX) const {
    move(client, server, bytes, piece);
  }
  void answer(std::string_view bytes, size_t piece = SIZE_MAX) const {
    move(server, client, bytes, piece);
  }
  void ask_in_segments(const std::vector<std::string>& parts) const {
    std::vector<iovec> segments;
    size_t all = 0;
    for (const std::string& part : parts) {
      segments.push_back({const_cast<char*>(part.data()), part.size()});
      all += part.size();
    }
    (void)!writev(client, segments.data(), static_cast<int>(segments.size()));
    take(server, all);
  }

  static void take(int fd, size_t n) {
    std::string buffer(n, '\0');
    recv(fd, buffer.data(), n, MSG_WAITALL);
  }

 private:
  static void move(int from, int to, std::string_view bytes, size_t piece) {
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
      const std::string_view part = bytes.substr(0, piece);
      (void)!write(from, part.data(), part.size());
      take(to, part.size());
    }
  }
};

}  // namespace weft::kernel::testing
