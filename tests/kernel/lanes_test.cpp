// SPDX-License-Identifier: Apache-2.0
// Records in lanes (bpf/abi/weft_lane.h): what is in them, what is in a ring instead, what a full
// one does, and who wakes the reader.
#include <poll.h>

#include "tests/kernel/socket_fixture.h"

namespace weft::kernel {
namespace {

using namespace testing;

constexpr std::string_view kGet = "GET /lane HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
constexpr uint32_t kSmall = 128 * 1024;  // of a lane; a ring has half

class LanesTest : public SocketFixture {
 protected:
  // Two halves in a child: `first` opens a connection.
  void play(const std::function<void(const Pair&)>& first,
            const std::function<void(const Pair&)>& second) {
    ASSERT_EQ(pipe(ready_) | pipe(go_), 0);
    fork_and_play([&](const Pair& pair) {
      char byte = 0;
      first(pair);
      (void)!write(ready_[1], "r", 1);
      (void)!read(go_[0], &byte, 1);
      second(pair);
      (void)!write(ready_[1], "r", 1);
      (void)!read(go_[0], &byte, 1);
    });
    await();
  }
  void go_on() {
    EXPECT_EQ(write(go_[1], "g", 1), 1);
    await();
  }
  void finish() {
    EXPECT_EQ(write(go_[1], "g", 1), 1);
    join();
    drain();
  }
  bool woken() const {
    for (const int fd : object_->rings()) {
      pollfd ring{fd, POLLIN, 0};
      if (::poll(&ring, 1, 0) > 0) return true;
    }
    return false;
  }
  uint64_t written() {
    Lanes lanes = *Lanes::map(object_->lanes());
    uint64_t bytes = 0;
    for (size_t i = 0; i < lanes.size(); ++i) bytes += lanes.at(i).head;
    return bytes;
  }
  void take_lanes(uint32_t busy) {
    Lanes lanes = *Lanes::map(object_->lanes());
    for (size_t i = 0; i < lanes.size(); ++i) lanes.at(i).busy = busy;
  }
  static void exchange(const Pair& pair) {
    pair.ask(kGet);
    pair.answer(kOk);
  }

 private:
  void await() {
    char byte = 0;
    ASSERT_EQ(read(ready_[0], &byte, 1), 1);
  }
  int ready_[2] = {}, go_[2] = {};
};

TEST_P(LanesTest, HoldWhatMovedExactly) {
  start();
  if (!object_) return;  // skipped
  play(exchange, exchange);
  drain();
  const uint64_t before = written();
  go_on();
  // Each end tells each message.
  const auto record = [](size_t bytes) { return (sizeof(weft_ev_data) + bytes + 7) / 8 * 8; };
  EXPECT_EQ(written() - before, 2 * (record(kGet.size()) + record(kOk.size())));
  finish();
  EXPECT_EQ(requests(WEFT_ROLE_SERVER).bytes, std::string(kGet) + std::string(kGet));
  EXPECT_EQ(responses(WEFT_ROLE_CLIENT).bytes, std::string(kOk) + std::string(kOk));
}

TEST_P(LanesTest, ARingStandsInForALaneThatIsTaken) {
  start();
  if (!object_) return;  // skipped
  take_lanes(1);
  play(exchange, exchange);
  EXPECT_EQ(written(), 0u);
  take_lanes(0);
  go_on();
  EXPECT_GT(written(), 0u);
  finish();
  for (const weft_role role : {WEFT_ROLE_SERVER, WEFT_ROLE_CLIENT}) {
    EXPECT_EQ(requests(role).bytes, std::string(kGet) + std::string(kGet));
    EXPECT_EQ(responses(role).bytes, std::string(kOk) + std::string(kOk));
  }
}

// Nobody reads, and the pieces are too many for a lane.
TEST_P(LanesTest, AFullLaneLosesAndCounts) {
  start(0, kSmall);
  if (!object_) return;  // skipped
  ASSERT_EQ(object_->lanes().bytes, kSmall);
  play(exchange, [](const Pair& pair) {
    for (uint32_t i = 0; i < 8 * kSmall / 256; ++i) pair.ask(std::string(256, 'x'));
  });
  EXPECT_EQ(object_->stats()[WEFT_STAT_DROP_RING], 0u);
  go_on();
  const uint64_t lost = object_->stats()[WEFT_STAT_DROP_RING];
  EXPECT_GT(lost, 0u);
  EXPECT_LE(written(), object_->lanes().bytes * object_->lanes().count);
  finish();
  EXPECT_EQ(closed(), 2u) << "the rings had room";
  run([](const Pair& pair) { exchange(pair); });
  EXPECT_EQ(object_->stats()[WEFT_STAT_DROP_RING], lost);
  EXPECT_EQ(responses(WEFT_ROLE_CLIENT).bytes, kOk) << "of the next connection";
}

TEST_P(LanesTest, AnIdleReaderIsWokenByAnyRecord) {
  start();
  if (!object_) return;  // skipped
  play(exchange, exchange);
  drain();
  ASSERT_FALSE(woken());
  object_->set_wake(WEFT_WAKE_ANY);
  go_on();
  EXPECT_TRUE(woken());
  finish();
  EXPECT_EQ(responses(WEFT_ROLE_CLIENT).bytes, std::string(kOk) + std::string(kOk));
}

TEST_P(LanesTest, AReaderThatWaitsIsWokenByMuchOnly) {
  for (const bool much : {false, true}) {
    object_.reset();
    start();
    if (!object_) return;  // skipped
    play(exchange, [&](const Pair& pair) {
      exchange(pair);
      // On any CPU, at either end.
      for (int i = 0; much && i < 4 * WEFT_WAKE_BYTES / 4096; ++i) {
        pair.ask(std::string(4096, 'x'));
        exchange(pair);
      }
    });
    drain();
    object_->set_wake(WEFT_WAKE_ASKED);
    go_on();
    EXPECT_EQ(woken(), much);
    finish();
  }
}

TEST_P(LanesTest, AReaderThatComesLateReadsThem) {
  read_late_ = true;
  start();
  if (!object_) return;  // skipped
  fork_and_play(exchange);
  join();
  make_reader();
  drain();
  EXPECT_EQ(requests(WEFT_ROLE_SERVER).bytes, kGet);
  EXPECT_EQ(responses(WEFT_ROLE_CLIENT).bytes, kOk);
}

INSTANTIATE_TEST_SUITE_P(HookTypes, LanesTest, kHookTypes, hook_type_of);

}  // namespace
}  // namespace weft::kernel
