// SPDX-License-Identifier: Apache-2.0
// A runtime that switches tasks in one thread: which of them read a request and which sends one.
#include <cstdint>
#include <functional>
#include <gtest/gtest.h>
#include <map>

#include "tests/kernel/probes_fixture.h"
#include "tests/kernel/socket_pair.h"

// The runtime, as a program would export it.
inline uint64_t weft_test_current_task = 0;
thread_local uint64_t weft_test_thread_task = 0;
[[gnu::noinline]] inline void weft_test_switch(uint64_t task) {
  weft_test_current_task = weft_test_thread_task = task;
  asm volatile("" : : "r"(task) : "memory");
}
[[gnu::noinline]] inline uint64_t weft_test_spawn(uint64_t task) {
  asm volatile("" : "+r"(task) : : "memory");
  return task;
}
[[gnu::noinline]] inline void weft_test_hand(uint64_t task) {
  asm volatile("" : : "r"(task) : "memory");
}
[[gnu::noinline]] inline void weft_test_finish(uint64_t task) {
  asm volatile("" : : "r"(task) : "memory");
}

namespace weft::kernel {
namespace {

using namespace testing;

// Through pointers that no compiler looks through.
void (*volatile switch_to)(uint64_t) = weft_test_switch;
uint64_t (*volatile spawn)(uint64_t) = weft_test_spawn;
void (*volatile hand)(uint64_t) = weft_test_hand;
void (*volatile finish)(uint64_t) = weft_test_finish;

constexpr uint64_t kA = 0x1000, kB = 0x2000, kChild = 0x3000;
constexpr char kRequest[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr char kResponse[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

// One request read by task A, one by task B, and what the records of later requests say.
class TasksTest : public KernelFixture {
 protected:
  TasksTest() : KernelFixture("runtime tasks") {}

  struct Sent {
    uint64_t task;
    uint64_t current_exchange;
  };
  void push(const Event& event) override {
    KernelFixture::push(event);
    if (static_cast<pid_t>(event.head->pid) != child_) return;
    if (event.head->type == WEFT_EV_OPEN) {
      const auto& open = event.as<weft_ev_open>();
      client_[open.conn] = open.role == WEFT_ROLE_CLIENT;
    }
    if (event.head->type != WEFT_EV_DATA) return;
    const auto& data = event.as<weft_ev_data>();
    if ((data.flags & WEFT_DATA_DIR_CHANGE) == 0) return;
    if (!client_[data.conn] && data.dir == WEFT_DIR_RX) reads_.push_back(data);
    if (client_[data.conn] && data.dir == WEFT_DIR_TX) {
      sends_.push_back({data.task, data.current_exchange});
    }
  }
  void attach(auto* function, weft_task_op op, weft_probe_kind kind, weft_fetch task) {
    weft_probe spec{};
    spec.call = 1;
    spec.kind = kind;
    spec.op = op;
    spec.value[0] = task;
    const CompiledProbe probe{.binary = "/proc/self/exe",
                              .offset = file_offset(address_of(function)).value_or(0),
                              .spec = spec};
    const Result<uint32_t> number = object_->probes().attach(probe);
    ASSERT_TRUE(number) << number.error().message;
  }
  void attach_all() {
    attach(weft_test_spawn, WEFT_TASK_SPAWN, WEFT_PROBE_TASK_RETURN,
           fetch(WEFT_FETCH_RETURN, 0, 0, {0}));
    attach(weft_test_hand, WEFT_TASK_HAND, WEFT_PROBE_TASK, argument(0));
    attach(weft_test_finish, WEFT_TASK_END, WEFT_PROBE_TASK, argument(0));
    attach(weft_test_switch, WEFT_TASK_SWITCH, WEFT_PROBE_TASK, argument(0));
  }
  // where: how the ids are known. play: after both requests were read, with a pair to send on.
  void play(const weft_fetch& where, const std::function<void(const Pair& out)>& work) {
    object_->set_task_id(static_cast<uint32_t>(getpid()), where);  // a fork inherits it
    ASSERT_EQ(run([&] {
                const Pair a = Pair::connected(), b = Pair::connected(), out = Pair::connected();
                (void)!write(a.client, kRequest, sizeof kRequest - 1);
                (void)!write(b.client, kRequest, sizeof kRequest - 1);
                switch_to(kA);
                Pair::take(a.server, sizeof kRequest - 1);
                switch_to(kB);
                Pair::take(b.server, sizeof kRequest - 1);
                work(out);
                return 0;
              }),
              0);
    ASSERT_GE(reads_.size(), 2u);
    a_ = reads_[0].exchange_id;
    b_ = reads_[1].exchange_id;
    EXPECT_EQ(reads_[0].task, kA);
    EXPECT_EQ(reads_[1].task, kB);
    sends_.erase(sends_.begin(), sends_.begin() + 2);
  }
  static void send(const Pair& out) {
    (void)!write(out.client, kRequest, sizeof kRequest - 1);
    switch_to(0);  // who serves it is not of interest
    Pair::take(out.server, sizeof kRequest - 1);
    out.answer(kResponse);
  }

  std::map<uint64_t, bool> client_;  // by connection
  std::vector<weft_ev_data> reads_;
  std::vector<Sent> sends_;
  uint64_t a_ = 0, b_ = 0;  // the exchanges of the two requests
};

weft_fetch global() {
  const auto at = static_cast<int64_t>(address_of(&weft_test_current_task));
  return fetch(WEFT_FETCH_ADDRESS, 0, 0, {at, 0});
}

weft_fetch thread_local_variable() {
  uint64_t thread_pointer = 0;
  asm("mov %%fs:0, %0" : "=r"(thread_pointer));
  const auto distance = static_cast<int64_t>(address_of(&weft_test_thread_task) - thread_pointer);
  return fetch(WEFT_FETCH_TLS, 0, 0, {distance, 0});
}

weft_fetch slot() {
  return fetch(WEFT_FETCH_SLOT, 0, 0, {0});
}

class TaskIdTest : public TasksTest, public ::testing::WithParamInterface<weft_fetch (*)()> {};

TEST_P(TaskIdTest, TheTaskThatSendsWorksOnWhatItHasRead) {
  attach_all();
  play(GetParam()(), [](const Pair& out) {
    switch_to(kA);
    send(out);
    switch_to(kB);
    send(out);
    switch_to(kChild);
    send(out);
  });
  ASSERT_EQ(sends_.size(), 3u);
  EXPECT_EQ(sends_[0].current_exchange, a_);
  EXPECT_EQ(sends_[0].task, kA);
  EXPECT_EQ(sends_[1].current_exchange, b_);
  EXPECT_EQ(sends_[2].current_exchange, 0u) << "it has read nothing";
  EXPECT_EQ(sends_[2].task, kChild);
}

INSTANTIATE_TEST_SUITE_P(Ways, TaskIdTest, ::testing::Values(global, thread_local_variable, slot));

TEST_F(TasksTest, ASpawnedTaskWorksOnItsMakersRequest) {
  attach_all();
  play(global(), [](const Pair& out) {
    switch_to(kA);
    spawn(kChild);
    switch_to(kB);
    send(out);
    switch_to(kChild);
    send(out);
    switch_to(kA);
    send(out);
    finish(kChild);
    switch_to(kChild);
    send(out);
  });
  ASSERT_EQ(sends_.size(), 4u);
  EXPECT_EQ(sends_[0].current_exchange, b_);
  EXPECT_EQ(sends_[1].current_exchange, a_);
  EXPECT_EQ(sends_[2].current_exchange, a_) << "the maker still works on it";
  EXPECT_EQ(sends_[3].current_exchange, 0u) << "a task of that id has ended";
}

TEST_F(TasksTest, WhatIsHandedOverIsNoLongerTheGivers) {
  attach_all();
  play(global(), [](const Pair& out) {
    switch_to(kA);
    hand(kChild);
    send(out);
    switch_to(kChild);
    send(out);
  });
  ASSERT_EQ(sends_.size(), 2u);
  EXPECT_EQ(sends_[0].current_exchange, 0u);
  EXPECT_EQ(sends_[1].current_exchange, a_);
}

}  // namespace
}  // namespace weft::kernel
