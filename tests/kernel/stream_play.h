// SPDX-License-Identifier: Apache-2.0
// In a child: one end of a stream that sends to the other, and notes what the stream then holds.
#pragma once

#include <atomic>
#include <cstring>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace weft::kernel::testing {

inline constexpr std::string_view kHead = "GET /streams HTTP/1.1\r\nHost: test\r\n\r\n";
inline constexpr size_t kBlock = 64;
inline constexpr int kBlocks = 400;  // of each thread

// What fds[0] sent to fds[1], as the peer would read it. Shared by the child and the test.
struct Truth {
  std::atomic<size_t> size;
  char bytes[1 << 20];
  void add(const char* data, size_t n) {
    std::memcpy(bytes + size, data, n);
    size += n;
  }
};

struct Play {
  const int* fds;
  Truth& truth;
  void send_all(std::string_view data, int flags = 0) const {
    truth.add(data.data(), data.size());
    if (::send(fds[0], data.data(), data.size(), flags) != static_cast<ssize_t>(data.size()))
      _exit(3);
  }
  // Waits until so many bytes lie ready.
  void await(size_t n) const {
    std::string all(n, 0);
    while (recv(fds[1], all.data(), n, MSG_PEEK | MSG_DONTWAIT) < static_cast<ssize_t>(n)) {
      pollfd ready{fds[1], POLLIN, 0};
      poll(&ready, 1, 10);
    }
  }
  void receive(size_t n, int flags = 0) const {
    std::string into(n, '#');  // what a call does not write stays so
    for (size_t got = 0; got < n;) {
      const ssize_t r = recv(fds[1], into.data(), n - got, flags);
      if (r <= 0) _exit(4);
      got += static_cast<size_t>(r);
    }
  }
  void head() const {
    send_all(kHead);
    await(kHead.size());
    receive(kHead.size());
  }
};

inline std::string block(char who, int n) {
  std::string out = std::string(1, who) + std::to_string(n) + ":";
  out.resize(kBlock, who);
  return out;
}

}  // namespace weft::kernel::testing
