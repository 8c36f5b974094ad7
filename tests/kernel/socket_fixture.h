// SPDX-License-Identifier: Apache-2.0
// The kernel side on one hook type, and a child process that talks to itself over TCP: what was
// told of either end of its connection.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "agent/kernel/object.h"
#include "agent/kernel/reader.h"
#include "tests/kernel/socket_pair.h"

namespace weft::kernel::testing {

class SocketFixture : public ::testing::TestWithParam<HookType>, protected EventSink {
 protected:
  // One direction, as one end of the connection told it: bytes that were moved and not shown
  // are dots.
  struct Stream {
    std::string bytes;
    std::optional<uint64_t> begin;
    uint64_t first_age = 0;
  };

  // tail, tail_end: of every protocol. Where the hook type is not offered, `object_` stays empty.
  void start(uint16_t tail = 0, uint32_t ring_bytes = 0, std::string_view tail_end = {}) {
    auto features = Features::probe();
    if (!features) GTEST_SKIP() << features.error().message;
    for (Protocol protocol : protocols()) {
      protocol.tail = tail;
      protocol.tail_end = tail_end;
      table_.push_back(protocol);
    }
    KernelOptions options;
    options.hooks = GetParam();
    options.ring_bytes = ring_bytes;
    may_drop_ = ring_bytes != 0;
    auto object = Object::start(options, *features, {}, {}, table_);
    if (!object) GTEST_SKIP() << object.error().message;
    object_ = std::move(*object);
    if (!read_late_) make_reader();
  }
  void make_reader() {
    auto reader = Reader::make(*object_, *this, counters_);
    ASSERT_TRUE(reader);
    reader_ = std::move(*reader);
  }

  void fork_and_play(const std::function<void(const Pair&)>& work) {
    child_ = fork();
    if (child_ != 0) return;
    work(Pair::connected());
    _exit(0);
  }
  void join() {
    int status = 0;
    waitpid(child_, &status, 0);
    EXPECT_EQ(status, 0);
  }
  void drain() {
    for (int i = 0; i < 3; ++i) reader_->poll(std::chrono::milliseconds(5));
    reader_->flush();
  }
  void run(const std::function<void(const Pair&)>& work) {
    fork_and_play(work);
    join();
    drain();
  }

  void push(const Event& event) override {
    if (event.head->type == WEFT_EV_OPEN && static_cast<pid_t>(event.head->pid) == child_) {
      const auto& open = event.as<weft_ev_open>();
      opens[open.role] = open;
      preambles[open.role] = event.tail<weft_ev_open>();
      roles_[open.conn] = open.role;
      streams_[open.role] = {};
    }
    if (event.head->type == WEFT_EV_DATA) on_data(event.as<weft_ev_data>(), event);
    if (event.head->type == WEFT_EV_CLOSE && roles_.contains(event.as<weft_ev_close>().conn) &&
        (event.as<weft_ev_close>().how & WEFT_CLOSE_GONE) != 0) {
      on_gone(event.as<weft_ev_close>());
    }
  }

  // Ends of connections that are gone.
  size_t closed() const { return closed_; }
  // Of the connection opened last.
  Stream& requests(weft_role role) { return streams_[role][role == WEFT_ROLE_CLIENT]; }
  Stream& responses(weft_role role) { return streams_[role][role == WEFT_ROLE_SERVER]; }

  std::map<int, weft_ev_open> opens;  // by role
  std::map<int, std::string> preambles;
  std::unique_ptr<Object> object_;
  bool leaves_out_ = false;  // exchanges: what is not told of is not missed
  pid_t child_ = -1;
  bool read_late_ = false;  // start() makes no reader

 private:
  // The end tells where each direction has ended, so that a record lost before it shows.
  void on_gone(const weft_ev_close& close) {
    ++closed_;
    if (may_drop_ || leaves_out_) return;
    const auto& streams = streams_[roles_[close.conn]];
    const auto end = [&](weft_dir dir) {
      return streams[dir].begin ? *streams[dir].begin + streams[dir].bytes.size() : 0;
    };
    EXPECT_EQ(close.rx_pos, end(WEFT_DIR_RX)) << "received, role " << roles_[close.conn];
    EXPECT_EQ(close.tx_pos, end(WEFT_DIR_TX)) << "sent, role " << roles_[close.conn];
  }
  void on_data(const weft_ev_data& data, const Event& event) {
    const auto role = roles_.find(data.conn);
    if (role == roles_.end()) return;
    Stream& stream = streams_[role->second][data.dir];
    if (!stream.begin) {
      stream.begin = data.pos;
      stream.first_age = data.age;
    }
    const uint64_t at = data.pos - *stream.begin;
    std::string bytes(event.tail<weft_ev_data>());
    bytes.resize(data.len, '.');
    if (stream.bytes.size() < at) stream.bytes.resize(at, '?');  // a hole nobody told of
    if (at + bytes.size() <= stream.bytes.size()) return;        // said twice
    stream.bytes.resize(at);
    stream.bytes += bytes;
  }

  std::vector<Protocol> table_;
  CounterSet counters_;
  std::unique_ptr<Reader> reader_;
  size_t closed_ = 0;
  bool may_drop_ = false;
  std::map<uint64_t, int> roles_;                 // by connection
  std::map<int, std::array<Stream, 2>> streams_;  // by role and direction
};

inline const auto kHookTypes = ::testing::Values(HookType::kFentry, HookType::kTracepoint,
                                                 HookType::kKprobe, HookType::kSyscall);
inline std::string hook_type_of(const ::testing::TestParamInfo<HookType>& info) {
  return std::string(hook_type_name(info.param));
}

}  // namespace weft::kernel::testing
