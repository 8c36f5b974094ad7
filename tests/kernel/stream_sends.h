// SPDX-License-Identifier: Apache-2.0
// Ways to send bytes that leave in parts, or without a copy.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <string>
#include <string_view>
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

// More than a socket takes at once, after make_small().
inline std::string large_text(char who, size_t size) {
  std::string large(kHead);
  for (int n = 0; large.size() < size; ++n) large += block(who, n);
  return large;
}

inline void make_small(int fd) {
  const int small = 4096;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
}

// Offers the rest of the text; returns how much the socket took.
inline size_t offer(int fd, std::string_view rest) {
  const ssize_t n = send(fd, rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return n > 0 ? static_cast<size_t>(n) : 0;
}

inline void drain(int fd) {
  char into[8192];
  while (recv(fd, into, sizeof into, MSG_DONTWAIT) > 0) {
  }
}

// Into a buffer that has room for less: the rest is offered again, and again.
inline void sent_in_parts(const Play& play) {
  make_small(play.fds[0]);
  play.head();
  const std::string large = large_text('p', 512 * 1024);
  for (std::string_view rest = large; !rest.empty(); drain(play.fds[1])) {
    const size_t taken = offer(play.fds[0], rest);
    play.truth.add(rest.data(), taken);
    rest.remove_prefix(taken);
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
  const std::string large = large_text('t', 256 * 1024);
  make_small(play.fds[0]);
  make_small(others[0]);
  std::string_view theirs = large;
  for (std::string_view mine = large; !mine.empty(); drain(play.fds[1])) {
    for (int i = 0; i < 3 && !mine.empty(); ++i) {
      const size_t taken = offer(play.fds[0], mine);
      play.truth.add(mine.data(), taken);
      mine.remove_prefix(taken);
      theirs.remove_prefix(offer(others[0], theirs));
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
