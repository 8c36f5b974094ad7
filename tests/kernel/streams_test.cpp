// SPDX-License-Identifier: Apache-2.0
// Whatever a call did not write or read, and whoever else moves bytes on the same socket: a
// byte that is shown stands where the stream has it. Ways to move bytes, on every rung.
#include <array>
#include <atomic>
#include <cstring>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <map>
#include <poll.h>
#include <sstream>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <thread>

#include "agent/kernel/object.h"
#include "agent/kernel/reader.h"
#include "tests/kernel/pairs.h"

namespace weft::kernel {
namespace {

using std::chrono::milliseconds;
using testing::Family;

constexpr std::string_view kHead = "GET /streams HTTP/1.1\r\nHost: test\r\n\r\n";
constexpr size_t kBlock = 64;
constexpr int kBlocks = 400;  // of each thread

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

std::string block(char who, int n) {
  std::string out = std::string(1, who) + std::to_string(n) + ":";
  out.resize(kBlock, who);
  return out;
}

// Both send at once; the truth is what comes out.
void two_senders(const Play& play) {
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
void two_receivers(const Play& play) {
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

void thrown_away(const Play& play) {
  play.head();
  play.send_all(kHead);
  play.await(kHead.size());
  play.receive(kHead.size(), MSG_TRUNC);
  play.head();
}

void peeked_from_an_offset(const Play& play) {
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

void urgent(const Play& play) {
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

void no_error_queued(const Play& play) {
  char into[200];
  play.send_all(kHead);
  play.await(kHead.size());
  // A Unix socket does not know the flag.
  if (recv(play.fds[1], into, sizeof into, MSG_ERRQUEUE | MSG_DONTWAIT) > 0) return;
  play.receive(kHead.size());
}

void spliced(const Play& play) {
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
void cut_by_a_fault(const Play& play) {
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

void empty_vectors(const Play& play) {
  play.head();
  play.send_all(kHead);
  play.await(kHead.size());
  char into[200];
  iovec parts[4] = {{into, 0}, {into, 3}, {into + 3, 0}, {into + 3, 100}};
  (void)readv(play.fds[1], parts, 0);
  (void)readv(play.fds[1], parts, 4);
}

void several_messages(const Play& play) {
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

struct Way {
  const char* name;
  void (*play)(const Play&);
};
constexpr Way kWays[] = {{"two_senders", two_senders},
                         {"two_receivers", two_receivers},
                         {"thrown_away", thrown_away},
                         {"peeked_from_an_offset", peeked_from_an_offset},
                         {"urgent", urgent},
                         {"no_error_queued", no_error_queued},
                         {"spliced", spliced},
                         {"cut_by_a_fault", cut_by_a_fault},
                         {"empty_vectors", empty_vectors},
                         {"several_messages", several_messages}};

// Bytes shown of one process, at their places, by direction.
class Shown : public EventSink {
 public:
  void push(const Event& event) override {
    if (event.head->type != WEFT_EV_DATA || event.head->pid != pid) return;
    const auto& data = event.as<weft_ev_data>();
    const std::string_view bytes = event.tail<weft_ev_data>();
    if (!begin[data.dir]) begin[data.dir] = data.pos;
    const uint64_t at = data.pos - *begin[data.dir];
    for (size_t i = 0; i < bytes.size(); ++i) sides[data.dir][at + i] = bytes[i];
  }
  uint32_t pid = 0;
  std::array<std::optional<uint64_t>, 2> begin;
  std::array<std::map<uint64_t, char>, 2> sides;
};

using Case = std::tuple<Rung, Family>;

class StreamsTest : public ::testing::TestWithParam<Case> {};

void run_way(const Way& way, Family family, Object& object, Truth& truth) {
  SCOPED_TRACE(way.name);
  truth.size = 0;
  int go[2];
  ASSERT_EQ(pipe(go), 0);
  const pid_t child = fork();
  if (child == 0) {
    char byte = 0;
    int fds[2];
    if (read(go[0], &byte, 1) != 1 || !testing::connected_pair(family, fds)) _exit(1);
    way.play({fds, truth});
    _exit(0);
  }
  CounterSet counters;
  Shown shown;
  shown.pid = static_cast<uint32_t>(child);
  auto reader = Reader::make(object, shown, counters);
  ASSERT_TRUE(reader);
  EXPECT_EQ(write(go[1], "g", 1), 1);
  int status = 0;
  waitpid(child, &status, 0);
  for (int i = 0; i < 3; ++i) (*reader)->poll(milliseconds(5));
  (*reader)->flush();
  for (const int fd : go) close(fd);
  ASSERT_EQ(status, 0) << "the child could not do its part";
  for (const int dir : {WEFT_DIR_TX, WEFT_DIR_RX}) {
    size_t wrong = 0;
    for (const auto& [at, byte] : shown.sides[dir]) {
      wrong += at >= truth.size || truth.bytes[at] != byte;
    }
    EXPECT_EQ(wrong, 0u) << (dir == WEFT_DIR_TX ? "sent" : "received") << " of "
                         << shown.sides[dir].size() << " shown";
    EXPECT_GE(shown.sides[dir].size(), kHead.size());
  }
}

TEST_P(StreamsTest, WhatIsShownStandsWhereItIs) {
  const auto [rung, family] = GetParam();
  auto features = Features::probe();
  if (!features) GTEST_SKIP() << features.error().message;
  KernelOptions options;
  options.rung = rung;
  auto object = Object::start(options, *features, {});
  if (!object) GTEST_SKIP() << object.error().message;
  auto* truth = static_cast<Truth*>(
      mmap(nullptr, sizeof(Truth), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  for (const Way& way : kWays) {
    if (way.play == urgent && family == Family::kUnix) continue;
    // No tracepoint tells of bytes spliced out of a Unix socket (bpf/README.md, "Not seen").
    if (way.play == spliced && family == Family::kUnix && rung == Rung::kTracepoint) continue;
    run_way(way, family, **object, *truth);
  }
  munmap(truth, sizeof(Truth));
}

std::string case_name(const ::testing::TestParamInfo<Case>& info) {
  return std::string(rung_name(std::get<0>(info.param))) + "_" +
         testing::family_name(std::get<1>(info.param));
}
INSTANTIATE_TEST_SUITE_P(Rungs, StreamsTest,
                         ::testing::Combine(::testing::Values(Rung::kFentry, Rung::kTracepoint,
                                                              Rung::kKprobe, Rung::kSyscall),
                                            ::testing::Values(Family::kTcp4, Family::kUnix)),
                         case_name);

}  // namespace
}  // namespace weft::kernel
