// SPDX-License-Identifier: Apache-2.0
// How decisions and facts change with time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/base/semconv.h"
#include "agent/discover/table_fixture.h"

namespace weft {
namespace {

using ::testing::ElementsAre;
using testing::fake_now;
using ::testing::IsEmpty;
using ::testing::Pair;
using testing::Record;
using testing::TableFixture;

constexpr uint64_t kMillisecond = 1'000'000;
constexpr uint64_t kSecond = 1000 * kMillisecond;

class TargetDecisionTest : public ::testing::Test, public TableFixture {
 protected:
  void by_port() {
    config.targets.ports = {8080};
    make();
  }
};

TEST_F(TargetDecisionTest, AServerListensAfterItsExec) {
  by_port();
  run(7, 1, "/usr/bin/shopd");
  send(Record::exec(7, 1, "/usr/bin/shopd"));
  EXPECT_FALSE(table->get(7)->traced);
  EXPECT_THAT(decision, IsEmpty()) << "the kernel must go on capturing";
  state.listening.insert({7, 8080});
  fake_now += 10 * kMillisecond;
  const ProcessPtr process = table->get(7);
  EXPECT_TRUE(process->traced);
  EXPECT_THAT(decision, ElementsAre(Pair(7, true)));
}

// Short-lived processes end before their events arrive: a decision sent then would stay in the
// kernel's map for ever.
TEST_F(TargetDecisionTest, ADecisionEndsWithItsProcess) {
  make();
  for (uint32_t pid = 100; pid < 1100; ++pid) {
    run(pid, 1, "/usr/bin/shopd");
    send(Record::exec(pid, 1, "/usr/bin/shopd"));
    state.live.erase(pid);
    table->get(pid);
    send(Record::exit(pid));
    table->get(pid);  // a late record asks
  }
  EXPECT_EQ(decision.size(), 1000u);
  ASSERT_EQ(gone.size(), 1000u);
  EXPECT_EQ(gone.back(), 1099u);
  table->get(99999);  // never seen, and already gone
  EXPECT_EQ(decision.size(), 1000u);
}

TEST_F(TargetDecisionTest, ADecisionDoesNotChangeTheResource) {
  by_port();
  send(Record::exec(7, 1, "/usr/bin/shopd"));
  const ProcessPtr before = table->get(7);
  state.listening.insert({7, 8080});
  fake_now += 10 * kMillisecond;
  EXPECT_NE(table->get(7), before);
  EXPECT_EQ(table->get(7)->resource, before->resource);
}

TEST_F(TargetDecisionTest, PortsAreAskedForSeldom) {
  by_port();
  send(Record::exec(7, 1, "/usr/bin/client"));
  for (int i = 0; i < 10'000; ++i) {  // a minute of traffic, every 6 ms
    table->get(7);
    fake_now += 6 * kMillisecond;
  }
  EXPECT_GT(state.asked_ports, 10);
  EXPECT_LT(state.asked_ports, 100);
  EXPECT_THAT(decision, IsEmpty());
}

TEST_F(TargetDecisionTest, WhoNeverListensIsIgnoredInTheEnd) {
  by_port();
  send(Record::exec(7, 1, "/usr/bin/client"));
  table->get(7);
  fake_now += 601 * kSecond;
  EXPECT_FALSE(table->get(7)->traced);
  EXPECT_THAT(decision, ElementsAre(Pair(7, false)));
  const int asked = state.asked_ports;
  fake_now += 100 * kSecond;
  table->get(7);
  EXPECT_EQ(state.asked_ports, asked);
}

TEST_F(TargetDecisionTest, AWorkerServesThePortItsParentListensOn) {
  run(100, 1, "/usr/bin/postgres");
  run(101, 100, "/usr/bin/postgres");  // closed the listening socket
  run(102, 100, "/bin/sh");
  state.listening.insert({100, 8080});
  by_port();
  table->scan();
  EXPECT_TRUE(table->get(101)->traced);
  EXPECT_FALSE(table->get(102)->traced);
  EXPECT_TRUE(table->get(100)->traced);
}

TEST_F(TargetDecisionTest, AWorkerForkedBeforeThePortWasKnownFollowsItsParent) {
  by_port();
  send(Record::exec(100, 1, "/usr/bin/postgres"));
  send(Record::fork(100, 101));
  EXPECT_FALSE(table->get(101)->traced);
  state.listening.insert({100, 8080});
  fake_now += kSecond;
  EXPECT_TRUE(table->get(101)->traced);
}

TEST_F(TargetDecisionTest, AnExcludedServerIsNotAskedForPorts) {
  config.targets.exclude = {"sshd"};
  by_port();
  send(Record::exec(7, 1, "/usr/sbin/sshd"));
  EXPECT_FALSE(table->get(7)->traced);
  EXPECT_EQ(state.asked_ports, 0);
  EXPECT_THAT(decision, ElementsAre(Pair(7, false)));
}

TEST_F(TargetDecisionTest, ARuntimeMappedAfterTheExecIsFoundOnce) {
  make();
  send(Record::exec(7, 1, "/opt/launcher"));
  const ProcessPtr early = table->get(7);
  EXPECT_EQ(early->facts.language, "");
  EXPECT_EQ(state.refines, 0);
  state.mapped[7] = "java";
  fake_now += kSecond;
  EXPECT_EQ(table->get(7)->facts.language, "java");
  EXPECT_EQ(table->get(7)->resource->attributes.text(semconv::kTelemetrySdkLanguage), "java");
  fake_now += 100 * kSecond;
  table->get(7);
  EXPECT_EQ(state.refines, 1);
}

TEST_F(TargetDecisionTest, WhatRunsForLongIsRefinedAtOnce) {
  run(7, 1, "/opt/launcher");
  state.mapped[7] = "java";
  make().scan();
  const ProcessPtr process = table->get(7);
  EXPECT_EQ(process->facts.language, "java");
  EXPECT_EQ(table->get(7), process) << "one resource from the first span on";
}

TEST_F(TargetDecisionTest, AProcessFirstAskedForLateIsRefinedAtOnce) {
  make();
  send(Record::exec(7, 1, "/opt/launcher"));
  state.mapped[7] = "java";
  fake_now += 5 * kSecond;
  EXPECT_EQ(table->get(7)->facts.language, "java");
}

TEST_F(TargetDecisionTest, AWorkerThatHasEndedIsNamedByTheImageItRan) {
  run(100, 1, "/usr/bin/python3.11", {"python3", "/srv/shop.py"}, {"OTEL_RESOURCE_ATTRIBUTES=a=b"});
  make().scan();  // knows the executable, not yet the arguments
  send(Record::fork(100, 101));
  EXPECT_EQ(name(101), "shop") << "101 is gone from the source";
  EXPECT_EQ(table->get(101)->resource->attributes.text("a"), "b");
  EXPECT_EQ(name(100), "shop");
}

TEST_F(TargetDecisionTest, AnExecWhoseRecordWasLostIsNoticed) {
  config.targets.pids = {7};
  run(7, 1, "/bin/sh");
  make().scan();
  EXPECT_EQ(name(7), "sh");
  state.live[7].exe = "/usr/bin/shopd";
  fake_now += 31 * kSecond;
  EXPECT_EQ(name(7), "shopd");
  EXPECT_TRUE(table->get(7)->traced) << "still the pid that was named";
}

TEST_F(TargetDecisionTest, LookingAgainCostsLittle) {
  run(7, 1, "/usr/bin/shopd");
  make().scan();
  table->get(7);
  const int before = state.identifies + state.reads;
  for (int i = 0; i < 10'000; ++i) table->get(7);
  EXPECT_EQ(state.identifies + state.reads, before);
}

}  // namespace
}  // namespace weft
