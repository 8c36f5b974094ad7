// SPDX-License-Identifier: Apache-2.0
#include "agent/delivery/queued_sender.h"

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/delivery/batcher.h"

namespace weft {
namespace {

using namespace std::chrono_literals;
using Kind = Delivery::Kind;
using testing::ElementsAre;
using testing::HasSubstr;

// What the backend received, and its scripted answers.
struct Backend {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> got;
  Kind answer = Kind::kDelivered;
  int calls = 0;

  void answers(Kind kind) {
    const std::lock_guard lock(mutex);
    answer = kind;
  }
  std::vector<std::string> wait_for(size_t parcels) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, 20s, [&] { return got.size() >= parcels; });
    return got;
  }
  void wait_for_calls(int n) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, 20s, [&] { return calls >= n; });
  }
};

// One span per parcel, whose bytes are the span's name; a span named "large" fits in none.
class NameSender final : public Sender {
 public:
  explicit NameSender(Backend& backend) : backend_(backend) {}
  Packed pack(std::span<const SpanPtr> batch) override {
    Packed packed;
    for (const SpanPtr& span : batch) {
      if (span->name == "large") {
        ++packed.refused;
      } else {
        packed.parcels.push_back({.bytes = span->name, .spans = 1});
      }
    }
    return packed;
  }
  Delivery send(const Parcel& parcel, const Deadline&) override {
    const std::lock_guard lock(backend_.mutex);
    ++backend_.calls;
    if (backend_.answer == Kind::kDelivered) backend_.got.push_back(parcel.bytes);
    backend_.changed.notify_all();
    if (backend_.answer == Kind::kRetry)
      return {.kind = Kind::kRetry, .retry_after = 1ms, .message = "away"};
    return {.kind = backend_.answer};
  }
  std::string_view format() const override { return "names"; }

 private:
  Backend& backend_;
};

struct QueuedSenderTest : testing::Test {
  QueuedSenderTest() {
    char name[] = "/tmp/weft-queued-XXXXXX";
    options.directory = std::string(mkdtemp(name)) + "/names";
  }
  ~QueuedSenderTest() override {
    batcher.reset();
    std::filesystem::remove_all(std::filesystem::path(options.directory).parent_path());
  }
  void start() {
    auto sender = make_sender();
    ASSERT_TRUE(sender.has_value()) << sender.error().message;
    batcher =
        std::make_unique<Batcher>(std::make_unique<DeliveryStats>("names", counters),
                                  std::move(*sender), BatchOptions{.schedule_delay = 1ms}, false);
  }
  Result<std::unique_ptr<QueuedSender>> make_sender() {
    return QueuedSender::make(std::make_unique<NameSender>(backend), options, 10s,
                              std::make_unique<DeliveryStats>("names", counters));
  }
  void wait_for_stored(uint64_t spans) {
    const auto end = Pacer::Clock::now() + 20s;
    while (batcher->state().stored_spans < spans && Pacer::Clock::now() < end)
      std::this_thread::sleep_for(1ms);
    EXPECT_GE(batcher->state().stored_spans, spans);
  }
  uint64_t dropped(std::string_view cause) const { return stats.dropped(cause); }
  void push(std::string name) {
    auto span = std::make_shared<Span>();
    span->name = std::move(name);
    batcher->push(std::move(span));
  }
  bool stop(std::chrono::milliseconds time = 5s) {
    const bool all = batcher->stop(Pacer::Clock::now() + time);
    batcher.reset();
    return all;
  }
  uint64_t delivered() {
    return counters.get("weft.exporter.spans.delivered", {{"exporter", "names"}}).value();
  }

  CounterSet counters;
  Backend backend;
  disk_queue::Options options;
  DeliveryStats stats{"names", counters};
  std::unique_ptr<Batcher> batcher;
};

TEST_F(QueuedSenderTest, DeliversInOrder) {
  start();
  for (const char* name : {"a", "b", "c"}) push(name);
  EXPECT_THAT(backend.wait_for(3), ElementsAre("a", "b", "c"));
  EXPECT_TRUE(stop());
  EXPECT_EQ(delivered(), 3u);
}

TEST_F(QueuedSenderTest, WhatABackendDidNotTakeIsSentByTheNextAgent) {
  backend.answers(Kind::kRetry);
  start();
  for (const char* name : {"a", "b"}) push(name);
  backend.wait_for_calls(3);
  EXPECT_TRUE(batcher->flush(Pacer::Clock::now() + 5s)) << "stored is settled";
  EXPECT_EQ(batcher->state().stored_spans, 2u);
  push("c");  // storing successfully does not mean that sending works
  EXPECT_TRUE(batcher->flush(Pacer::Clock::now() + 5s));
  EXPECT_EQ(batcher->state().fault, "away");
  EXPECT_TRUE(stop());
  backend.answers(Kind::kDelivered);
  start();
  push("d");
  EXPECT_THAT(backend.wait_for(4), ElementsAre("a", "b", "c", "d"));
  EXPECT_TRUE(stop());
  EXPECT_EQ(delivered(), 4u);
}

TEST_F(QueuedSenderTest, StopSendsWhatIsStored) {
  start();
  for (int i = 0; i < 500; ++i) push("x");
  EXPECT_TRUE(stop());
  EXPECT_EQ(delivered(), 500u);
}

TEST_F(QueuedSenderTest, CountsWhatIsRefusedBeforeOrAfterTheDisk) {
  start();
  push("large");
  push("small");
  EXPECT_THAT(backend.wait_for(1), ElementsAre("small"));
  backend.answers(Kind::kRefused);
  push("unwanted");
  EXPECT_TRUE(stop());
  start();  // not counted twice
  EXPECT_TRUE(stop());
  EXPECT_EQ(delivered(), 1u);
  EXPECT_EQ(dropped("rejected") + dropped("refused"), 2u);
  EXPECT_EQ(dropped("killed"), 0u);
}

TEST_F(QueuedSenderTest, AFullQueueIsToldAndHoldsTheSpansInMemory) {
  options.max_bytes = 600;
  options.segment_bytes = 200;
  backend.answers(Kind::kRetry);
  start();
  for (int i = 0; i < 20; ++i) push(std::string(30, 'x'));
  wait_for_stored(4);
  EXPECT_FALSE(batcher->flush(Pacer::Clock::now() + 50ms));
  backend.answers(Kind::kDelivered);
  EXPECT_EQ(backend.wait_for(20).size(), 20u);
  EXPECT_TRUE(stop());
  EXPECT_EQ(delivered(), 20u);
}

TEST_F(QueuedSenderTest, ADirectoryInUseIsAnError) {
  start();
  const auto second = make_sender();
  ASSERT_FALSE(second.has_value());
  EXPECT_THAT(second.error().message, HasSubstr("another agent"));
}

}  // namespace
}  // namespace weft
