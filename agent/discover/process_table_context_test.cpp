// SPDX-License-Identifier: Apache-2.0
// Processes that publish a context or export spans: when the table checks for it, and what it
// changes.
#include <gtest/gtest.h>

#include "agent/base/semconv.h"
#include "agent/discover/table_fixture.h"

namespace weft {
namespace {

using testing::FakeSource;
using testing::Record;

constexpr uint64_t kSecond = 1'000'000'000;
uint64_t now = 0;

class TableContextTest : public ::testing::Test {
 protected:
  TableContextTest() {
    now = 3600 * kSecond;
    ProcessFacts facts;
    facts.pid = 42;
    facts.exe = "/usr/bin/shop";
    state_.live[42] = facts;
  }
  ProcessTable table(ExistingInstrumentation existing = ExistingInstrumentation::kPreferSdk) {
    config_.existing_instrumentation = existing;
    return ProcessTable(config_, std::make_unique<FakeSource>(state_), [](uint32_t, bool) {},
                        counters_, {.clock = [] { return now; }});
  }
  void publish(const char* name, uint64_t when) {
    auto context = std::make_shared<ProcessContext>();
    context->published = when;
    context->attributes.set(semconv::kServiceName, name);
    state_.contexts[42] = context;
  }
  static std::string name(ProcessTable& table) {
    return std::string(table.get(42)->resource->attributes.text(semconv::kServiceName));
  }

  Config config_;
  CounterSet counters_;
  FakeSource::State state_;
};

TEST_F(TableContextTest, IsReadAtOnceAndItsChangesAreSeen) {
  publish("first", 1);
  ProcessTable processes = table();
  EXPECT_EQ(name(processes), "first");
  publish("second", 2);
  EXPECT_EQ(name(processes), "first") << "not at every look";
  now += kSecond;
  EXPECT_EQ(name(processes), "second");
}

TEST_F(TableContextTest, IsFoundWhenItComesLater) {
  ProcessTable processes = table();
  EXPECT_EQ(name(processes), "shop");
  publish("late", 1);
  now += 2 * kSecond;
  EXPECT_EQ(name(processes), "late");
}

TEST_F(TableContextTest, IsSearchedForAFewTimesOnly) {
  ProcessTable processes = table();
  for (int i = 0; i < 100'000; ++i, now += kSecond / 10) processes.get(42);
  EXPECT_EQ(state_.searches, 6);
}

TEST_F(TableContextTest, OneThatChangesForEverIsLeftAlone) {
  publish("x", 1);
  ProcessTable processes = table();
  ResourcePtr last;
  int changes = 0;
  for (uint64_t i = 2; i < 1000; ++i, now += kSecond) {
    publish("x", i);
    const ResourcePtr resource = processes.get(42)->resource;
    changes += resource != last;
    last = resource;
  }
  EXPECT_LE(changes, 70);
}

TEST_F(TableContextTest, IsNotInheritedOverAFork) {
  publish("parent", 1);
  ProcessTable processes = table();
  EXPECT_EQ(name(processes), "parent");
  processes.on_event(Record::fork(42, 43).event());
  EXPECT_EQ(processes.get(43)->resource->attributes.text(semconv::kServiceName), "shop");
  EXPECT_FALSE(processes.get(43)->exports_own_spans);
}

TEST_F(TableContextTest, WhoHasOneTellsItself) {
  ProcessTable plain = table();
  EXPECT_FALSE(plain.get(42)->exports_own_spans);
  publish("sdk", 1);
  ProcessTable processes = table();
  EXPECT_TRUE(processes.get(42)->exports_own_spans);
  ProcessTable both = table(ExistingInstrumentation::kBoth);
  EXPECT_FALSE(both.get(42)->exports_own_spans);
}

TEST_F(TableContextTest, WhoExportsTellsItselfUntilItExecutesAnother) {
  ProcessTable processes = table();
  EXPECT_FALSE(processes.get(42)->exports_own_spans);
  publish("found", 1);
  processes.exports_spans(42);
  EXPECT_TRUE(processes.get(42)->exports_own_spans);
  EXPECT_EQ(name(processes), "found") << "what exports is searched at once";
  state_.contexts.clear();
  processes.on_event(Record::exec(42, 1, "/usr/bin/other").event());
  EXPECT_FALSE(processes.get(42)->exports_own_spans);
}

TEST_F(TableContextTest, WhoExportsIsToldTooIfBothAreWanted) {
  ProcessTable processes = table(ExistingInstrumentation::kBoth);
  processes.get(42);
  processes.exports_spans(42);
  EXPECT_FALSE(processes.get(42)->exports_own_spans);
}

}  // namespace
}  // namespace weft
