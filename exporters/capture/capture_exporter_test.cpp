// SPDX-License-Identifier: Apache-2.0
#include "exporters/capture/capture_exporter.h"

#include <gtest/gtest.h>

#include "agent/port/exporter.h"

namespace weft::exporters::capture {
std::span<const ExporterKind> kinds();

namespace {

TEST(Capture, GivesBackWhatWasDeliveredOnce) {
  const auto exporter = kinds()[0].make({});
  const std::vector<SpanPtr> batch{std::make_shared<Span>(), std::make_shared<Span>()};
  const auto delivery = (*exporter)->deliver(batch, Deadline::in(std::chrono::seconds(1)));
  EXPECT_EQ(delivery.kind, Delivery::Kind::kDelivered);
  EXPECT_EQ(take(), batch);
  EXPECT_TRUE(take().empty());
}

TEST(Capture, KeepsTheNewest) {
  const auto exporter = kinds()[0].make({});
  const std::vector<SpanPtr> many(kCapacity, std::make_shared<Span>());
  const std::vector<SpanPtr> one{std::make_shared<Span>()};
  (*exporter)->deliver(many, Deadline::in(std::chrono::seconds(1)));
  (*exporter)->deliver(one, Deadline::in(std::chrono::seconds(1)));
  const auto kept = take();
  EXPECT_EQ(kept.size(), kCapacity);
  EXPECT_EQ(kept.back(), one[0]);
}

}  // namespace
}  // namespace weft::exporters::capture
