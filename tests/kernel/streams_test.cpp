// SPDX-License-Identifier: Apache-2.0
// Whatever a call did not write or read, and whoever else moves bytes on the same socket: a
// byte that is shown stands where the stream has it. Ways to move bytes, on every hook type.
#include <array>
#include <gtest/gtest.h>
#include <map>
#include <sstream>
#include <sys/mman.h>
#include <sys/wait.h>

#include "agent/kernel/object.h"
#include "agent/kernel/reader.h"
#include "tests/kernel/pairs.h"
#include "tests/kernel/stream_ways.h"

namespace weft::kernel {
namespace {

using std::chrono::milliseconds;
using testing::Family;
using testing::kHead;
using testing::kWays;
using testing::Truth;
using testing::Way;

// Bytes shown of a process's first connection, at their places, by direction.
class Shown : public EventSink {
 public:
  void push(const Event& event) override {
    if (event.head->type != WEFT_EV_DATA || event.head->pid != pid) return;
    const auto& data = event.as<weft_ev_data>();
    if (!conn[data.dir]) conn[data.dir] = data.conn;
    if (data.conn != conn[data.dir]) return;
    const std::string_view bytes = event.tail<weft_ev_data>();
    if (!begin[data.dir]) begin[data.dir] = data.pos;
    const uint64_t at = data.pos - *begin[data.dir];
    for (size_t i = 0; i < bytes.size(); ++i) sides[data.dir][at + i] = bytes[i];
  }
  uint32_t pid = 0;
  std::array<uint64_t, 2> conn{};
  std::array<std::optional<uint64_t>, 2> begin;
  std::array<std::map<uint64_t, char>, 2> sides;
};

using Case = std::tuple<HookType, Family>;

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
  const auto [hook_type, family] = GetParam();
  auto features = Features::probe();
  if (!features) GTEST_SKIP() << features.error().message;
  KernelOptions options;
  options.hooks = hook_type;
  auto object = Object::start(options, *features, {}, {});
  if (!object) GTEST_SKIP() << object.error().message;
  auto* truth = static_cast<Truth*>(
      mmap(nullptr, sizeof(Truth), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  for (const Way& way : kWays) {
    if (way.play == testing::urgent && family == Family::kUnix) continue;
    // No tracepoint tells of bytes spliced out of a Unix socket (bpf/README.md, "Not seen").
    if (way.play == testing::spliced && family == Family::kUnix &&
        hook_type == HookType::kTracepoint)
      continue;
    run_way(way, family, **object, *truth);
  }
  munmap(truth, sizeof(Truth));
}

std::string case_name(const ::testing::TestParamInfo<Case>& info) {
  return std::string(hook_type_name(std::get<0>(info.param))) + "_" +
         testing::family_name(std::get<1>(info.param));
}
INSTANTIATE_TEST_SUITE_P(
    HookTypes, StreamsTest,
    ::testing::Combine(::testing::Values(HookType::kFentry, HookType::kTracepoint,
                                         HookType::kKprobe, HookType::kSyscall),
                       ::testing::Values(Family::kTcp4, Family::kUnix)),
    case_name);

}  // namespace
}  // namespace weft::kernel
