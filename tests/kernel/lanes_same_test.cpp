// SPDX-License-Identifier: Apache-2.0
// The same traffic, seen at once by programs that write to lanes and by programs that have rings
// only: both tell the same, so the spans are the same.
#include <array>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <sys/mman.h>
#include <sys/wait.h>

#include "agent/kernel/object.h"
#include "agent/kernel/reader.h"
#include "tests/kernel/pairs.h"
#include "tests/kernel/socket_pair.h"
#include "tests/kernel/stream_ways.h"

namespace weft::kernel {
namespace {

using testing::Family;
using testing::kWays;
using testing::Pair;
using testing::Truth;
using testing::Way;

// What was told of a process's connections, a line each; ids in the order of their first use.
class Told : public EventSink {
 public:
  void push(const Event& event) override {
    if (event.head->type == WEFT_EV_OPEN && event.head->pid == pid) {
      const auto& e = event.as<weft_ev_open>();
      lines.push_back(fmt::format("open {} role {} protocol {} late {} {}", id(e.conn), e.role,
                                  e.protocol, e.late, event.tail<weft_ev_open>()));
    } else if (event.head->type == WEFT_EV_DATA && event.head->pid == pid) {
      const auto& e = event.as<weft_ev_data>();
      lines.push_back(
          fmt::format("data {} dir {} at {} of {} flags {} exchange {} in {} task {}: {}",
                      id(e.conn), e.dir, e.pos, e.len, e.flags, id(e.exchange_id),
                      id(e.current_exchange), e.task, event.tail<weft_ev_data>()));
    } else if (event.head->type == WEFT_EV_CLOSE && ids_.contains(event.as<weft_ev_close>().conn)) {
      const auto& e = event.as<weft_ev_close>();
      lines.push_back(fmt::format("close {} how {} at {} {} {} error {}", id(e.conn), e.how,
                                  e.rx_end, e.rx_pos, e.tx_pos, e.error));
    }
  }
  uint32_t pid = 0;
  std::vector<std::string> lines;

 private:
  size_t id(uint64_t value) {
    return value == 0 ? 0 : ids_.try_emplace(value, ids_.size() + 1).first->second;
  }
  std::map<uint64_t, size_t> ids_;
};

// One of the two.
struct Watcher {
  std::unique_ptr<Object> object;
  std::unique_ptr<Reader> reader;
  CounterSet counters;
  Told told;

  bool start(HookType hooks, bool lanes) {
    auto features = Features::probe();
    if (!features) return false;
    KernelOptions options;
    options.hooks = hooks;
    options.lanes = lanes;
    auto started = Object::start(options, *features, {}, {});
    if (!started) return false;
    object = std::move(*started);
    auto made = Reader::make(*object, told, counters);
    if (!made) return false;
    reader = std::move(*made);
    return true;
  }
  void drain() {
    for (int i = 0; i < 3; ++i) reader->poll(std::chrono::milliseconds(5));
    reader->flush();
  }
};

void play_messages() {
  const std::string get = "GET /same HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string long_one = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
  const Pair pair = Pair::connected();
  for (const size_t piece : {size_t{1}, size_t{20}, size_t{300}, size_t{20000}, SIZE_MAX}) {
    pair.ask(get, piece);
    pair.answer(long_one + std::string(100000, 'x'), std::max<size_t>(piece, 300));
  }
  pair.ask_in_segments({"GET /parts HTTP/1.1\r\n", "", "Host: ", "b", "\r\n", "\r\n"});
  for (const int fd : {pair.client, pair.server}) close(fd);
}

void play_way(const Way& way, Family family) {
  void* memory =
      mmap(nullptr, sizeof(Truth), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int fds[2];
  if (!testing::connected_pair(family, fds)) _exit(1);
  way.play({fds, *static_cast<Truth*>(memory)});
}

class LanesSameTest : public ::testing::TestWithParam<HookType> {
 protected:
  // In a child, once both watch it.
  void expect_same(const char* name, const std::function<void()>& play) {
    SCOPED_TRACE(name);
    int go[2];
    ASSERT_EQ(pipe(go), 0);
    const pid_t child = fork();
    if (child == 0) {
      char byte = 0;
      if (read(go[0], &byte, 1) != 1) _exit(1);
      play();
      _exit(0);
    }
    for (Watcher* watcher : {&lanes_, &rings_}) {
      watcher->told = {};
      watcher->told.pid = static_cast<uint32_t>(child);
    }
    EXPECT_EQ(write(go[1], "g", 1), 1);
    int status = 0;
    waitpid(child, &status, 0);
    for (Watcher* watcher : {&lanes_, &rings_}) watcher->drain();
    for (const int fd : go) close(fd);
    EXPECT_EQ(status, 0);
    EXPECT_FALSE(rings_.told.lines.empty());
    EXPECT_EQ(lanes_.told.lines, rings_.told.lines);
  }

  Watcher lanes_, rings_;
};

TEST_P(LanesSameTest, BothTellTheSame) {
  if (!lanes_.start(GetParam(), true) || !rings_.start(GetParam(), false)) GTEST_SKIP();
  if (lanes_.object->lanes().count == 0) GTEST_SKIP() << "no lanes on this kernel";
  ASSERT_EQ(rings_.object->lanes().count, 0u);
  expect_same("messages", play_messages);
  for (const Family family : {Family::kTcp4, Family::kUnix}) {
    for (const Way& way : kWays) {
      // Threads: which of them is alone in a call depends on the moment.
      if (way.play == testing::two_senders || way.play == testing::two_receivers) continue;
      if (way.play == testing::urgent && family == Family::kUnix) continue;
      expect_same(way.name, [&] { play_way(way, family); });
    }
  }
}

std::string name_of(const ::testing::TestParamInfo<HookType>& hooks) {
  return std::string(hook_type_name(hooks.param));
}
INSTANTIATE_TEST_SUITE_P(HookTypes, LanesSameTest,
                         ::testing::Values(HookType::kFentry, HookType::kTracepoint,
                                           HookType::kKprobe, HookType::kSyscall),
                         name_of);

}  // namespace
}  // namespace weft::kernel
