// SPDX-License-Identifier: Apache-2.0
// The trace context of what a thread sends is decided before it is sent, and user space follows.
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <optional>

#include "tests/kernel/kernel_fixture.h"
#include "tests/kernel/socket_pair.h"

namespace weft::kernel {
namespace {

using namespace testing;

constexpr char kRequest[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr uint8_t kTrace = 0xa7;

// A thread reads a request on one connection and sends others on another.
class ContextsTest : public KernelFixture {
 protected:
  ContextsTest() : KernelFixture("tcp send") { options_.contexts = true; }

  void push(const Event& event) override {
    if (static_cast<pid_t>(event.head->pid) != child_) return;
    if (event.head->type == WEFT_EV_OPEN) {
      const auto& open = event.as<weft_ev_open>();
      client_[open.conn] = open.role == WEFT_ROLE_CLIENT;
    }
    if (event.head->type == WEFT_EV_CONTEXT) context_ = event.as<weft_ev_context>();
    if (event.head->type != WEFT_EV_DATA) return;
    const auto& data = event.as<weft_ev_data>();
    if (client_[data.conn] && data.dir == WEFT_DIR_TX) sent_.push_back({data, context_});
    if (client_[data.conn] || data.dir != WEFT_DIR_RX || request_ != 0) return;
    request_ = data.exchange_id;
    decide(data);
  }
  // As the stitcher does; tid_: for which thread.
  void decide(const weft_ev_data& request) {
    weft_exchange_context context{};
    std::fill(std::begin(context.trace_id), std::end(context.trace_id), kTrace);
    context.tid = of_another_thread_ ? request.h.tid + 1 : request.h.tid;
    context.trace_flags = 1;
    object_->set_context(request.exchange_id, context);
    (void)!write(decided_[1], "x", 1);
  }
  void play(int requests) {
    ASSERT_EQ(pipe(decided_), 0);
    child_ = fork();
    if (child_ == 0) {
      const Pair in = Pair::connected(), out = Pair::connected();
      in.ask(kRequest);
      char byte = 0;
      (void)!read(decided_[0], &byte, 1);
      for (int i = 0; i < requests; ++i) (void)!write(out.client, kRequest, sizeof kRequest - 1);
      _exit(0);
    }
    int status = 0;
    while (waitpid(child_, &status, WNOHANG) == 0) drain();
    drain();
    close(decided_[0]);
    close(decided_[1]);
    ASSERT_GE(sent_.size(), 2u);
  }

  struct Sent {
    weft_ev_data data;
    std::optional<weft_ev_context> context;  // the last one announced before
  };
  bool of_another_thread_ = false;
  int decided_[2] = {};
  uint64_t request_ = 0;
  std::map<uint64_t, bool> client_;  // by connection
  std::vector<Sent> sent_;           // the first one is the request itself
  std::optional<weft_ev_context> context_;
};

TEST_F(ContextsTest, AreAnnouncedBeforeTheFirstByte) {
  play(1);
  EXPECT_FALSE(sent_[0].context) << "who sent the request works on nothing";
  const Sent& sent = sent_[1];
  ASSERT_TRUE(sent.context);
  EXPECT_EQ(sent.context->exchange_id, sent.data.exchange_id);
  EXPECT_EQ(sent.context->parent, request_);
  EXPECT_EQ(sent.data.current_exchange, request_);
  for (const uint8_t byte : sent.context->trace_id) EXPECT_EQ(byte, kTrace);
  EXPECT_EQ(sent.context->trace_flags, 1);
  EXPECT_LE(sent.context->h.time, sent.data.h.time);
}

TEST_F(ContextsTest, AreOnlyForTheThreadThatIsCertain) {
  of_another_thread_ = true;
  play(1);
  EXPECT_FALSE(context_);
  EXPECT_EQ(sent_[1].data.current_exchange, request_) << "a candidate still";
}

class NoContextsTest : public ContextsTest {
 protected:
  NoContextsTest() { options_.contexts = false; }
};

TEST_F(NoContextsTest, UnlessAskedForThereAreNone) {
  play(1);
  EXPECT_FALSE(context_);
}

}  // namespace
}  // namespace weft::kernel
