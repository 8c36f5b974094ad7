// SPDX-License-Identifier: Apache-2.0
#include "agent/delivery/batcher.h"

#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/delivery/fanout.h"
#include "agent/delivery/manual_pacer.h"

namespace weft {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using Kind = Delivery::Kind;

SpanPtr a_span(std::string name = "GET") {
  auto span = std::make_shared<Span>();
  span->name = std::move(name);
  span->resource = std::make_shared<Resource>();
  return span;
}

// What the fake exporter received and should answer; shared with the test.
struct Script {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<size_t> batches;
  std::function<Delivery(size_t call, const Deadline&)> answer;
  bool destroyed = false;

  std::vector<size_t> wait_for(size_t calls) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return batches.size() >= calls; });
    return batches;
  }
  std::vector<size_t> seen() {
    const std::lock_guard lock(mutex);
    return batches;
  }
};

class FakeExporter final : public Exporter {
 public:
  explicit FakeExporter(Script& script) : script_(script) {}
  ~FakeExporter() override { script_.destroyed = true; }
  Delivery deliver(std::span<const SpanPtr> batch, const Deadline& deadline) override {
    size_t call = 0;
    {
      const std::lock_guard lock(script_.mutex);
      script_.batches.push_back(batch.size());
      call = script_.batches.size();
    }
    script_.changed.notify_all();
    return script_.answer ? script_.answer(call, deadline) : Delivery{};
  }

 private:
  Script& script_;
};

Delivery retry(std::optional<std::chrono::milliseconds> after = {}) {
  return {.kind = Kind::kRetry, .retry_after = after, .message = "try later"};
}

struct BatcherTest : testing::Test {
  std::unique_ptr<Batcher> make(const BatchOptions& options = {}, bool immediate = false) {
    RetryRules rules;
    rules.jitter = 0;
    return std::make_unique<Batcher>(std::make_unique<DeliveryStats>("fake", counters),
                                     std::make_unique<FakeExporter>(script), options, immediate,
                                     rules, pacer);
  }
  uint64_t dropped(const char* cause) {
    return counters.get("weft.exporter.spans.dropped", {{"exporter", "fake"}, {"cause", cause}})
        .value();
  }
  uint64_t delivered() {
    return counters.get("weft.exporter.spans.delivered", {{"exporter", "fake"}}).value();
  }
  uint64_t retries() {
    return counters.get("weft.exporter.retries", {{"exporter", "fake"}}).value();
  }
  Batcher::TimePoint later() const { return Pacer::Clock::now() + 1h; }

  Script script;
  CounterSet counters;
  ManualPacer pacer;
};

TEST_F(BatcherTest, WaitsForTheScheduleDelay) {
  const auto batcher = make({.schedule_delay = 5000ms});
  batcher->push(a_span());
  batcher->push(a_span());
  EXPECT_EQ(pacer.asleep_for(), 5000ms);
  pacer.advance(4999ms);
  EXPECT_EQ(pacer.asleep_for(), 1ms);
  EXPECT_THAT(script.seen(), IsEmpty());
  pacer.advance(1ms);
  EXPECT_THAT(script.wait_for(1), ElementsAre(2u));
}

TEST_F(BatcherTest, AFullBatchDoesNotWait) {
  const auto batcher = make({.max_queue_size = 10, .max_export_batch_size = 3});
  for (int i = 0; i < 3; ++i) batcher->push(a_span());
  EXPECT_THAT(script.wait_for(1), ElementsAre(3u));
}

TEST_F(BatcherTest, ImmediateExportsAtOnce) {
  const auto batcher = make({}, true);
  batcher->push(a_span());
  EXPECT_THAT(script.wait_for(1), ElementsAre(1u));
}

TEST_F(BatcherTest, FlushExportsEverythingInBatches) {
  const auto batcher = make({.max_queue_size = 10, .max_export_batch_size = 4});
  for (int i = 0; i < 3; ++i) batcher->push(a_span());
  EXPECT_TRUE(batcher->flush(later()));
  EXPECT_THAT(script.seen(), ElementsAre(3u));
  EXPECT_EQ(delivered(), 3u);
}

TEST_F(BatcherTest, FlushGivesUpAtItsDeadline) {
  script.answer = [](size_t, const Deadline&) { return retry(); };
  const auto batcher = make();
  batcher->push(a_span());
  EXPECT_FALSE(batcher->flush(Pacer::Clock::now()));
}

TEST_F(BatcherTest, AFullQueueDropsTheNewest) {
  std::mutex gate;
  gate.lock();
  script.answer = [&](size_t, const Deadline&) {
    const std::lock_guard wait(gate);
    return Delivery{};
  };
  const auto batcher = make({.max_queue_size = 2, .max_export_batch_size = 1});
  batcher->push(a_span());
  script.wait_for(1);  // one is being exported, two fit in the queue
  for (int i = 0; i < 5; ++i) batcher->push(a_span());
  EXPECT_EQ(dropped("queue_full"), 3u);
  gate.unlock();
  EXPECT_TRUE(batcher->flush(later()));
  EXPECT_EQ(delivered(), 3u);
}

TEST_F(BatcherTest, RetriesTheSameBatchWithGrowingWaits) {
  script.answer = [](size_t call, const Deadline&) { return call < 4 ? retry() : Delivery{}; };
  const auto batcher = make({}, true);
  batcher->push(a_span());
  for (const auto wait : {5000ms, 7500ms, 11250ms}) {
    EXPECT_EQ(pacer.asleep_for(), wait);
    pacer.advance(wait);
  }
  EXPECT_TRUE(batcher->flush(later()));
  EXPECT_THAT(script.seen(), ElementsAre(1u, 1u, 1u, 1u));
  EXPECT_EQ(delivered(), 1u);
  EXPECT_EQ(retries(), 3u);
}

TEST_F(BatcherTest, TheServersOwnWordWins) {
  script.answer = [](size_t call, const Deadline&) { return call == 1 ? retry(42s) : Delivery{}; };
  const auto batcher = make({}, true);
  batcher->push(a_span());
  EXPECT_EQ(pacer.asleep_for(), 42s);
  pacer.advance(42s);
  EXPECT_TRUE(batcher->flush(later()));
  EXPECT_EQ(delivered(), 1u);
}

TEST_F(BatcherTest, GivesUpAfterFiveMinutes) {
  script.answer = [](size_t, const Deadline&) { return retry(); };
  const auto batcher = make({}, true);
  batcher->push(a_span());
  auto spent = 0ns;
  for (int wait = 1; wait <= 12; ++wait) {
    const auto time = pacer.asleep_for();
    spent += time;
    pacer.advance(time);
  }
  EXPECT_TRUE(batcher->flush(later()));  // the 13th wait would end after 300 s
  EXPECT_EQ(spent, 275938ms);
  EXPECT_EQ(script.seen().size(), 13u);
  EXPECT_EQ(dropped("retry_exhausted"), 1u);
}

TEST_F(BatcherTest, CountsRefusedAndRejectedApart) {
  script.answer = [](size_t call, const Deadline&) {
    return call == 1 ? Delivery{.kind = Kind::kRefused, .message = "400"}
                     : Delivery{.rejected = 2, .message = "bad names"};
  };
  const auto batcher = make();
  for (int i = 0; i < 4; ++i) batcher->push(a_span());
  EXPECT_TRUE(batcher->flush(later()));
  for (int i = 0; i < 3; ++i) batcher->push(a_span());
  EXPECT_TRUE(batcher->flush(later()));
  EXPECT_EQ(dropped("refused"), 4u);
  EXPECT_EQ(dropped("rejected"), 2u);
  EXPECT_EQ(delivered(), 1u);
  EXPECT_EQ(retries(), 0u);
}

TEST_F(BatcherTest, OfABatchThatIsGivenUpOnlyTheRestIsLost) {
  script.answer = [](size_t, const Deadline&) {
    return Delivery{.kind = Kind::kRetry, .rejected = 1, .delivered = 2, .stored = 3};
  };
  const auto batcher = make();
  for (int i = 0; i < 10; ++i) batcher->push(a_span());
  EXPECT_FALSE(batcher->stop(pacer.now() + 5s));
  EXPECT_EQ(delivered(), 2u);
  EXPECT_EQ(dropped("rejected"), 1u);
  EXPECT_EQ(dropped("shutdown"), 4u);
}

TEST_F(BatcherTest, StopDrainsAndDestroysTheExporter) {
  const auto batcher = make({.max_queue_size = 10, .max_export_batch_size = 4});
  for (int i = 0; i < 3; ++i) batcher->push(a_span());
  EXPECT_TRUE(batcher->stop(pacer.now() + 5s));
  EXPECT_EQ(delivered(), 3u);
  EXPECT_TRUE(script.destroyed);
}

TEST_F(BatcherTest, StopCutsAWaitShortAndTriesOnceMore) {
  script.answer = [](size_t call, const Deadline&) { return call == 1 ? retry() : Delivery{}; };
  const auto batcher = make({}, true);
  batcher->push(a_span());
  pacer.asleep_for();
  EXPECT_TRUE(batcher->stop(pacer.now() + 5s));
  EXPECT_EQ(delivered(), 1u);
}

TEST_F(BatcherTest, StopCountsWhatCannotBeDelivered) {
  script.answer = [](size_t, const Deadline&) { return retry(); };
  const auto batcher = make({.max_queue_size = 10, .max_export_batch_size = 2});
  for (int i = 0; i < 5; ++i) batcher->push(a_span());
  EXPECT_FALSE(batcher->stop(pacer.now() + 5s));
  EXPECT_EQ(dropped("shutdown"), 5u);
  batcher->push(a_span());
  EXPECT_EQ(dropped("shutdown"), 6u);
}

TEST_F(BatcherTest, StopWaitsOnTheServersWordWithinTheDeadline) {
  script.answer = [](size_t call, const Deadline&) { return call == 1 ? retry(2s) : Delivery{}; };
  const auto batcher = make();
  batcher->push(a_span());
  batcher->begin_stop(pacer.now() + 5s);
  EXPECT_EQ(pacer.asleep_for(), 2s);
  pacer.advance(2s);
  EXPECT_TRUE(batcher->stop(pacer.now() + 3s));
  EXPECT_EQ(delivered(), 1u);
}

TEST_F(BatcherTest, StopEndsADeliveryUnderWay) {
  script.answer = [](size_t, const Deadline& deadline) {
    while (!deadline.passed()) std::this_thread::yield();
    return retry();
  };
  const auto batcher = make({.export_timeout = 1h}, true);
  batcher->push(a_span());
  script.wait_for(1);
  EXPECT_FALSE(batcher->stop(pacer.now()));
  EXPECT_EQ(dropped("shutdown"), 1u);
}

TEST_F(BatcherTest, CallsAnExporterThatHoldsSomethingBack) {
  script.answer = [](size_t call, const Deadline&) {
    return call == 1 ? Delivery{.call_again = 500ms} : Delivery{};
  };
  const auto batcher = make({}, true);
  batcher->push(a_span());
  script.wait_for(1);
  EXPECT_EQ(pacer.asleep_for(), 500ms);
  pacer.advance(500ms);
  EXPECT_THAT(script.wait_for(2), ElementsAre(1u, 0u));
  EXPECT_EQ(delivered(), 1u);
}

TEST_F(BatcherTest, StateTellsTheQueueAndTheFault) {
  script.answer = [](size_t call, const Deadline&) { return call == 1 ? retry() : Delivery{}; };
  const auto batcher = make({.max_queue_size = 7}, true);
  batcher->push(a_span());
  pacer.asleep_for();
  batcher->push(a_span());
  auto state = batcher->state();
  EXPECT_EQ(state.name, "fake");
  EXPECT_EQ(state.queued, 1u);
  EXPECT_EQ(state.capacity, 7u);
  EXPECT_EQ(state.fault, "try later");
  pacer.advance(5000ms);
  EXPECT_TRUE(batcher->flush(later()));
  state = batcher->state();
  EXPECT_EQ(state.queued, 0u);
  EXPECT_EQ(state.fault, "");
}

TEST_F(BatcherTest, FanoutFeedsEveryQueueOnItsOwn) {
  Script slow;
  slow.answer = [](size_t, const Deadline&) { return retry(); };
  std::vector<std::unique_ptr<Batcher>> batchers;
  batchers.push_back(make());
  batchers.push_back(std::make_unique<Batcher>(std::make_unique<DeliveryStats>("slow", counters),
                                               std::make_unique<FakeExporter>(slow), BatchOptions{},
                                               false));
  SpanFanout fanout(std::move(batchers), {});
  fanout.push(a_span());
  fanout.push(a_span());
  EXPECT_FALSE(fanout.stop(Pacer::Clock::now() + 5s));
  EXPECT_EQ(delivered(), 2u);
  EXPECT_EQ(
      counters.get("weft.exporter.spans.dropped", {{"exporter", "slow"}, {"cause", "shutdown"}})
          .value(),
      2u);
}

TEST_F(BatcherTest, ManyThreadsLoseNothingUncounted) {
  constexpr uint64_t kEach = 2000;
  const auto batcher = make({.max_queue_size = 64, .max_export_batch_size = 16}, true);
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      for (uint64_t i = 0; i < kEach; ++i) batcher->push(a_span());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(batcher->stop(pacer.now() + 5s));
  EXPECT_EQ(delivered() + dropped("queue_full"), 3 * kEach);
}

}  // namespace
}  // namespace weft
