// SPDX-License-Identifier: Apache-2.0
#include "agent/delivery/span_limits.h"

#include <gtest/gtest.h>

namespace weft {
namespace {

std::shared_ptr<Span> a_span() {
  auto span = std::make_shared<Span>();
  span->attributes.set("a", "één");  // 3 characters, 5 bytes
  span->attributes.set("b", 12345);
  span->attributes.set("c", Value(std::vector<std::string>{"long", "x"}));
  span->events.resize(3);
  span->links.resize(2);
  span->links[0].attributes.set("l", "linked");
  return span;
}

TEST(SpanLimits, WithinLimitsIsTheSameObject) {
  const SpanPtr span = a_span();
  EXPECT_EQ(limited(span, {}), span);
  EXPECT_EQ(
      limited(
          span,
          {.attribute_count = 3, .attribute_value_length = 6, .event_count = 3, .link_count = 2}),
      span);
}

TEST(SpanLimits, CutsFromTheEndAndCounts) {
  auto original = a_span();
  original->dropped_attributes = 4;
  const SpanPtr span = limited(original, {.attribute_count = 1, .event_count = 1, .link_count = 0});
  EXPECT_EQ(span->attributes.size(), 1u);
  EXPECT_EQ(span->attributes.text("a"), "één");
  EXPECT_EQ(span->dropped_attributes, 6u);
  EXPECT_EQ(span->dropped_events, 2u);
  EXPECT_EQ(span->dropped_links, 2u);
  EXPECT_EQ(original->events.size(), 3u);  // the original is shared: untouched
}

TEST(SpanLimits, CutsTheAttributesOfEventsAndLinks) {
  auto original = a_span();
  original->events[1].attributes = original->attributes;
  const SpanPtr span = limited(original, {.event_attribute_count = 1, .link_attribute_count = 0});
  EXPECT_EQ(span->events[1].attributes.size(), 1u);
  EXPECT_EQ(span->events[1].dropped_attributes, 2u);
  EXPECT_EQ(span->links[0].attributes.size(), 0u);
  EXPECT_EQ(span->links[0].dropped_attributes, 1u);
  EXPECT_EQ(span->attributes.size(), 3u);
}

TEST(SpanLimits, ShortensByCharactersEverywhere) {
  const SpanPtr span = limited(a_span(), {.attribute_value_length = 2});
  EXPECT_EQ(span->attributes.text("a"), "éé");
  EXPECT_EQ(std::get<int64_t>(*span->attributes.find("b")), 12345);
  EXPECT_EQ(std::get<std::vector<std::string>>(*span->attributes.find("c")),
            (std::vector<std::string>{"lo", "x"}));
  EXPECT_EQ(span->links[0].attributes.text("l"), "li");
  EXPECT_EQ(span->dropped_attributes, 0u);
}

}  // namespace
}  // namespace weft
