// SPDX-License-Identifier: Apache-2.0
#include <deque>
#include <gtest/gtest.h>

#include "agent/port/exporter.h"

namespace weft {
namespace {

using Kind = Delivery::Kind;

// One span per parcel; returns the scripted answers, then kDelivered.
class Scripted final : public Sender {
 public:
  Packed pack(std::span<const SpanPtr> batch) override {
    Packed packed{.refused = refused};
    for (size_t i = refused; i < batch.size(); ++i) {
      packed.parcels.push_back({.bytes = batch[i]->name, .spans = 1});
    }
    return packed;
  }
  Delivery send(const Parcel& parcel, const Deadline&) override {
    sent.push_back(parcel.bytes);
    if (answers.empty()) return {};
    Delivery answer = answers.front();
    answers.pop_front();
    return answer;
  }
  std::string_view format() const override { return "name"; }

  uint64_t refused = 0;
  std::deque<Delivery> answers;
  std::vector<std::string> sent;
};

std::vector<SpanPtr> batch_of(std::vector<std::string> names) {
  std::vector<SpanPtr> batch;
  for (std::string& name : names) {
    auto span = std::make_shared<Span>();
    span->name = std::move(name);
    batch.push_back(std::move(span));
  }
  return batch;
}

Delivery deliver(Scripted& sender, const std::vector<SpanPtr>& batch) {
  return sender.deliver(batch, Deadline::in(std::chrono::minutes(1)));
}

TEST(Sender, SendsEachParcelOnceThoughTheBatchIsRetried) {
  Scripted sender;
  sender.answers = {{}, {.kind = Kind::kRetry}};
  const auto batch = batch_of({"a", "b", "c"});
  EXPECT_EQ(deliver(sender, batch).kind, Kind::kRetry);
  EXPECT_EQ(deliver(sender, batch).kind, Kind::kDelivered);
  EXPECT_EQ(sender.sent, (std::vector<std::string>{"a", "b", "b", "c"}));
}

TEST(Sender, TellsWhatIsDoneOfABatchThatMayBeGivenUp) {
  Scripted sender;
  sender.refused = 1;
  sender.answers = {{}, {.kind = Kind::kRefused}, {.kind = Kind::kStored}, {.kind = Kind::kRetry}};
  const Delivery delivery = deliver(sender, batch_of({"large", "a", "b", "c", "d", "e"}));
  EXPECT_EQ(delivery.kind, Kind::kRetry);
  EXPECT_EQ(delivery.delivered, 1u);
  EXPECT_EQ(delivery.stored, 1u);
  EXPECT_EQ(delivery.rejected, 2u);
}

TEST(Sender, BeginsAnewWithAnotherBatch) {
  Scripted sender;
  sender.answers = {{.kind = Kind::kRetry}};
  EXPECT_EQ(deliver(sender, batch_of({"given up"})).kind, Kind::kRetry);
  EXPECT_EQ(deliver(sender, batch_of({"next"})).kind, Kind::kDelivered);
  EXPECT_EQ(sender.sent.back(), "next");
}

TEST(Sender, CountsWhatIsRefusedOfABatchAsRejected) {
  Scripted sender;
  sender.refused = 1;
  sender.answers = {{.kind = Kind::kRefused, .message = "no"}, {}};
  const Delivery delivery = deliver(sender, batch_of({"too large", "b", "c"}));
  EXPECT_EQ(delivery.kind, Kind::kDelivered);
  EXPECT_EQ(delivery.rejected, 2u);
  EXPECT_EQ(delivery.message, "no");
}

TEST(Sender, ABatchOfWhichNothingIsTakenIsRefused) {
  Scripted sender;
  sender.answers = {{.kind = Kind::kRefused}, {.kind = Kind::kRefused}};
  EXPECT_EQ(deliver(sender, batch_of({"a", "b"})).kind, Kind::kRefused);
  sender.refused = 1;
  EXPECT_EQ(deliver(sender, batch_of({"a"})).kind, Kind::kRefused);
}

}  // namespace
}  // namespace weft
