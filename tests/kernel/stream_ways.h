// SPDX-License-Identifier: Apache-2.0
// Ways to move bytes from one socket to another.
#pragma once

#include <atomic>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <thread>
#include <unistd.h>

#include "tests/kernel/stream_sends.h"
#include "tests/kernel/uring.h"

namespace weft::kernel::testing {

// Both send at once; the truth is what comes out.
inline void two_senders(const Play& play) {
  play.head();
  const auto send_block = [&](char who, int n) {
    const std::string data = block(who, n);
    if (::send(play.fds[0], data.data(), data.size(), 0) != kBlock) _exit(5);
  };
  std::thread reader([&] {
    char piece[4096];
    for (size_t left = 2 * (kBlocks + 1) * kBlock; left > 0;) {
      const ssize_t n = recv(play.fds[1], piece, sizeof piece, 0);
      if (n <= 0) _exit(6);
      play.truth.add(piece, static_cast<size_t>(n));
      left -= static_cast<size_t>(n);
    }
  });
  send_block('a', kBlocks);  // one after the other: now it is known that there are two
  std::thread([&] { send_block('b', kBlocks); }).join();
  std::atomic<int> here = 0;
  const auto work = [&](char who) {
    for (++here; here < 2;) {
    }
    for (int n = 0; n < kBlocks; ++n) send_block(who, n);
  };
  std::thread second(work, 'b');
  work('a');
  second.join();
  reader.join();
}

// Both receive at once, calls of different sizes.
inline void two_receivers(const Play& play) {
  play.head();
  play.send_all(block('r', 0));  // once one after the other
  std::thread([&] { play.receive(kBlock); }).join();
  std::atomic<size_t> left = 2 * kBlocks * kBlock;
  const auto work = [&](size_t size) {
    std::string into(size, 0);
    while (left > 0) {
      const ssize_t n = recv(play.fds[1], into.data(), size, MSG_DONTWAIT);
      if (n > 0) left -= static_cast<size_t>(n);
    }
  };
  std::thread first(work, 40);
  std::thread second(work, 72);
  for (int n = 0; n < kBlocks; ++n) {
    play.send_all(block('a', n));
    play.send_all(block('b', n));
  }
  first.join();
  second.join();
}

inline void thrown_away(const Play& play) {
  play.head();
  play.send_all(kHead);
  play.await(kHead.size());
  play.receive(kHead.size(), MSG_TRUNC);
  play.head();
}

inline void peeked_from_an_offset(const Play& play) {
  int offset = 5;
  setsockopt(play.fds[1], SOL_SOCKET, SO_PEEK_OFF, &offset, sizeof offset);
  play.send_all(kHead);
  char into[100];
  while (recv(play.fds[1], into, 10, MSG_PEEK) < 0) {
  }
  offset = -1;
  setsockopt(play.fds[1], SOL_SOCKET, SO_PEEK_OFF, &offset, sizeof offset);
  play.receive(kHead.size(), MSG_WAITALL);
  play.head();
}

inline void urgent(const Play& play) {
  play.head();
  play.send_all("x!", MSG_OOB);
  play.send_all(kHead);
  char into[200];
  pollfd ready{play.fds[1], POLLIN | POLLPRI, 0};
  poll(&ready, 1, 1000);
  (void)recv(play.fds[1], into, 1, MSG_OOB);
  (void)recv(play.fds[1], into, sizeof into, 0);
  (void)recv(play.fds[1], into, sizeof into, MSG_DONTWAIT);
}

inline void no_error_queued(const Play& play) {
  char into[200];
  play.send_all(kHead);
  play.await(kHead.size());
  // A Unix socket does not know the flag.
  if (recv(play.fds[1], into, sizeof into, MSG_ERRQUEUE | MSG_DONTWAIT) > 0) return;
  play.receive(kHead.size());
}

inline void spliced(const Play& play) {
  int pipes[2];
  if (pipe(pipes) != 0) _exit(7);
  play.head();
  play.send_all(block('s', 0));
  play.await(kBlock);
  if (splice(play.fds[1], nullptr, pipes[1], nullptr, kBlock, 0) != kBlock) _exit(8);
  play.truth.add(block('s', 0).data(), kBlock);
  if (splice(pipes[0], nullptr, play.fds[0], nullptr, kBlock, 0) != kBlock) _exit(9);
  play.await(kBlock);
  play.receive(kBlock);
  play.head();
}

// A page that is there and one that is not: what the call takes or gives is cut short.
inline void cut_by_a_fault(const Play& play) {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  char* pages = static_cast<char*>(
      mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  munmap(pages + page, page);
  std::memset(pages, '#', page);
  play.head();
  char* const start = pages + page - 20;
  std::memcpy(start, kHead.data(), 20);
  const ssize_t taken = send(play.fds[0], start, kHead.size(), 0);
  if (taken > 0) play.truth.add(start, static_cast<size_t>(taken));
  play.send_all(kHead);
  (void)recv(play.fds[1], start, 60, MSG_DONTWAIT);
  char rest[200];
  (void)recv(play.fds[1], rest, sizeof rest, MSG_DONTWAIT);
}

inline void empty_vectors(const Play& play) {
  play.head();
  play.send_all(kHead);
  play.await(kHead.size());
  char into[200];
  iovec parts[4] = {{into, 0}, {into, 3}, {into + 3, 0}, {into + 3, 100}};
  (void)readv(play.fds[1], parts, 0);
  (void)readv(play.fds[1], parts, 4);
}

inline void several_messages(const Play& play) {
  play.head();
  std::string text(kHead);
  iovec part{text.data(), text.size()};
  mmsghdr messages[3]{};
  for (mmsghdr& m : messages) {
    m.msg_hdr.msg_iov = &part;
    m.msg_hdr.msg_iovlen = 1;
    play.truth.add(text.data(), text.size());
  }
  if (sendmmsg(play.fds[0], messages, 3, 0) != 3) _exit(10);
  play.await(3 * text.size());
  (void)recvmmsg(play.fds[1], messages, 3, 0, nullptr);
  play.head();
}

inline void through_io_uring(const Play& play) {
  play.head();
  Uring ring;
  if (!ring.valid()) return;
  std::string text(kHead);
  io_uring_sqe request = Uring::write(play.fds[0], text.data(), static_cast<uint32_t>(text.size()));
  for (const uint8_t opcode : {IORING_OP_SEND, IORING_OP_WRITE}) {
    request.opcode = opcode;
    request.off = opcode == IORING_OP_SEND ? 0 : UINT64_MAX;
    if (ring.run(request) == static_cast<int>(text.size()))
      play.truth.add(kHead.data(), kHead.size());
  }
  play.await(kHead.size());
  std::string into(kHead.size(), '#');
  request = Uring::write(play.fds[1], into.data(), static_cast<uint32_t>(into.size()));
  request.opcode = IORING_OP_RECV;
  request.off = 0;
  (void)ring.run(request);
  play.receive(kHead.size());
  play.head();
}

struct Way {
  const char* name;
  void (*play)(const Play&);
};
inline constexpr Way kWays[] = {{"two_senders", two_senders},
                                {"two_receivers", two_receivers},
                                {"thrown_away", thrown_away},
                                {"peeked_from_an_offset", peeked_from_an_offset},
                                {"urgent", urgent},
                                {"no_error_queued", no_error_queued},
                                {"spliced", spliced},
                                {"cut_by_a_fault", cut_by_a_fault},
                                {"empty_vectors", empty_vectors},
                                {"several_messages", several_messages},
                                {"sent_without_a_copy", sent_without_a_copy},
                                {"sent_in_parts", sent_in_parts},
                                {"sent_by_turns", sent_by_turns},
                                {"through_io_uring", through_io_uring},
                                {"sent_from_a_file", sent_from_a_file}};

}  // namespace weft::kernel::testing
