// SPDX-License-Identifier: Apache-2.0
// Of long messages: the end of each call where a protocol asks for it, and no more of them
// than the ring has room for.
#include "tests/kernel/socket_fixture.h"

namespace weft::kernel {
namespace {

using namespace testing;

constexpr std::string_view kGet = "GET /long HTTP/1.1\r\nHost: a\r\n\r\n";

class Tail : public SocketFixture {
 protected:
  static std::string numbers(size_t n) {
    std::string out;
    while (out.size() < n) out += std::to_string(out.size()) + ",";
    return out.substr(0, n);
  }
  // Long enough that nothing shown twice looks right by chance.
  static std::string shown(std::string_view bytes, size_t head, size_t tail) {
    return std::string(bytes.substr(0, head)) + std::string(bytes.size() - head - tail, '.') +
           std::string(bytes.substr(bytes.size() - tail));
  }
};

TEST_P(Tail, IsCopiedOfEachCall) {
  start(100);
  if (!object_) return;  // skipped
  const std::string first = numbers(20000), second = numbers(9000), third = numbers(300);
  run([&](const Pair& pair) {
    pair.ask(kGet);
    pair.answer(first);
    pair.answer(second);
    pair.answer(third);
  });
  const std::string expected = shown(first, 4096, 100) + shown(second, 256, 100) + third;
  EXPECT_EQ(responses(WEFT_ROLE_SERVER).bytes, expected);
  EXPECT_EQ(responses(WEFT_ROLE_CLIENT).bytes, expected);
}

TEST_P(Tail, IsFoundInTheLastSegments) {
  start(100);
  if (!object_) return;  // skipped
  const std::string body = numbers(30000);
  const std::string whole = std::string(kGet) + body + "the" + "end";
  run([&](const Pair& pair) {
    pair.ask_in_segments({std::string(kGet), body, "", "the", "", "end"});
  });
  EXPECT_EQ(requests(WEFT_ROLE_CLIENT).bytes, shown(whole, 16384, 100));
  EXPECT_EQ(requests(WEFT_ROLE_SERVER).bytes, shown(whole, 16384, 100));
}

TEST_P(Tail, IsNotCopiedWhereNobodyAsks) {
  start(0);
  if (!object_) return;  // skipped
  const std::string body = numbers(20000);
  run([&](const Pair& pair) {
    pair.ask(kGet);
    pair.answer(body);
  });
  EXPECT_EQ(responses(WEFT_ROLE_SERVER).bytes, shown(body, 4096, 0));
  EXPECT_EQ(responses(WEFT_ROLE_CLIENT).bytes, shown(body, 4096, 0));
}

TEST_P(Tail, IsCopiedOfCallsThatEndAsTheProtocolSays) {
  start(100, 0, "end");
  if (!object_) return;  // skipped
  const std::string first = numbers(20000) + "end", second = numbers(9000), third = second + "end";
  run([&](const Pair& pair) {
    pair.ask(kGet);
    pair.answer(first);
    pair.answer(second);
    pair.answer(third);
  });
  const std::string expected =
      shown(first, 4096, 100) + shown(second, 256, 0) + shown(third, 256, 100);
  EXPECT_EQ(responses(WEFT_ROLE_SERVER).bytes, expected);
  EXPECT_EQ(responses(WEFT_ROLE_CLIENT).bytes, expected);
}

// Nobody reads while one connection moves more than a ring holds, and asks for all of it.
TEST_P(Tail, AnOverrideLeavesRoomForTheOthers) {
  constexpr uint32_t kRing = 256 * 1024;
  start(0, kRing);
  if (!object_) return;  // skipped
  int ready[2], go[2];
  ASSERT_EQ(pipe(ready) | pipe(go), 0);
  fork_and_play([&](const Pair& greedy) {
    char byte = 0;
    greedy.ask(kGet);
    (void)!write(ready[1], "r", 1);
    (void)!read(go[0], &byte, 1);
    for (int i = 0; i < 3; ++i) {
      greedy.answer(std::string(2 * kRing, 'x'), 32768);
      greedy.ask(kGet);
    }
    const Pair other = Pair::connected();
    other.ask(kGet);
    for (const int fd : {other.client, other.server, greedy.client, greedy.server}) close(fd);
  });
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  drain();
  for (const auto& [role, open] : opens)
    object_->override_capture(open.conn, {.head_cap = 1 << 20});
  ASSERT_EQ(write(go[1], "g", 1), 1);
  join();
  drain();
  EXPECT_EQ(object_->stats()[WEFT_STAT_DROP_RING], 0u);
  EXPECT_GT(object_->stats()[WEFT_STAT_OVERRIDE], 0u);
  EXPECT_EQ(closed(), 4u) << "each end of both connections";
  EXPECT_EQ(requests(WEFT_ROLE_SERVER).bytes, kGet) << "of the other connection";
}

INSTANTIATE_TEST_SUITE_P(HookTypes, Tail, kHookTypes, hook_type_of);

}  // namespace
}  // namespace weft::kernel
