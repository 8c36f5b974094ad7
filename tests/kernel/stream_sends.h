// SPDX-License-Identifier: Apache-2.0
// Ways to send bytes that leave in parts, or without a copy.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/kernel/pairs.h"
#include "tests/kernel/stream_play.h"

namespace weft::kernel::testing {

// The kernel reads the pages after the call, so they stay as they are.
inline void sent_without_a_copy(const Play& play) {
  const int on = 1;
  (void)setsockopt(play.fds[0], SOL_SOCKET, SO_ZEROCOPY, &on, sizeof on);
  play.head();
  std::string large(kHead);
  large.resize(64 * 1024, 'z');
  // A Unix socket does not know the flag.
  const ssize_t taken = send(play.fds[0], large.data(), large.size(), MSG_ZEROCOPY);
  if (taken <= 0) return;
  play.truth.add(large.data(), static_cast<size_t>(taken));
  play.receive(static_cast<size_t>(taken));
  play.head();
}

// A file of so many bytes, sent without a copy.
inline void send_file(const Play& play, size_t size) {
  const int file = memfd_create("body", 0);
  const std::string body(size, 'f');
  off_t from = 0;
  if (write(file, body.data(), size) != static_cast<ssize_t>(size)) _exit(11);
  if (sendfile(play.fds[0], file, &from, size) != static_cast<ssize_t>(size)) _exit(12);
  play.truth.add(body.data(), size);
}

// Into a buffer that has room for less: the rest is offered again, and again.
inline void sent_in_parts(const Play& play) {
  const int small = 4096;
  setsockopt(play.fds[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  play.head();
  std::string large(kHead);
  for (int n = 0; large.size() < 512 * 1024; ++n) large += block('p', n);
  for (size_t sent = 0; sent < large.size();) {
    const ssize_t n =
        send(play.fds[0], large.data() + sent, large.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n > 0) {
      play.truth.add(large.data() + sent, static_cast<size_t>(n));
      sent += static_cast<size_t>(n);
    }
    char into[8192];
    while (recv(play.fds[1], into, sizeof into, MSG_DONTWAIT) > 0) {
    }
  }
  char rest[8192];
  pollfd ready{play.fds[1], POLLIN, 0};
  while (poll(&ready, 1, 20) > 0 && recv(play.fds[1], rest, sizeof rest, MSG_DONTWAIT) > 0) {
  }
  play.head();
}

// One thread offers more to two sockets than they take, by turns: what one of them refused is
// offered again after a send to the other.
inline void sent_by_turns(const Play& play) {
  int others[2];
  if (!connected_pair(Family::kTcp4, others)) _exit(13);
  play.head();
  std::string large(kHead);
  for (int n = 0; large.size() < 256 * 1024; ++n) large += block('t', n);
  const auto offer = [&](const int* fds, size_t& sent) {
    const ssize_t n =
        send(fds[0], large.data() + sent, large.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n > 0 && fds == play.fds) play.truth.add(large.data() + sent, static_cast<size_t>(n));
    if (n > 0) sent += static_cast<size_t>(n);
  };
  const auto drain = [](int fd) {
    char into[8192];
    while (recv(fd, into, sizeof into, MSG_DONTWAIT) > 0) {
    }
  };
  const int small = 4096;
  for (const int fd : {play.fds[0], others[0]})
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  for (size_t mine = 0, theirs = 0; mine < large.size(); drain(play.fds[1])) {
    for (int i = 0; i < 3 && mine < large.size(); ++i) {
      offer(play.fds, mine);
      offer(others, theirs);
    }
    drain(others[1]);
  }
}

inline void sent_from_a_file(const Play& play) {
  play.head();
  send_file(play, 2 * kBlock);
  play.receive(2 * kBlock);
  play.head();
}

}  // namespace weft::kernel::testing
