// SPDX-License-Identifier: Apache-2.0
#include "agent/discover/process_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/base/semconv.h"
#include "agent/discover/table_fixture.h"

namespace weft {
namespace {

using ::testing::ElementsAre;
using testing::FakeSource;
using ::testing::IsEmpty;
using ::testing::Pair;
using testing::Record;
using testing::TableFixture;
using ::testing::UnorderedElementsAre;

constexpr uint64_t kSecond = 1'000'000'000;
constexpr uint32_t kForks = 30'000;

class ProcessTableTest : public ::testing::Test, public TableFixture {};

TEST_F(ProcessTableTest, ScanDecidesEverythingThatRuns) {
  config.targets.exclude = {"sshd"};
  run(10, 1, "/usr/sbin/nginx");
  run(11, 1, "/usr/sbin/sshd");
  make().scan();
  EXPECT_THAT(decision, UnorderedElementsAre(Pair(10, true), Pair(11, false)));
  EXPECT_TRUE(table->get(10)->traced);
  EXPECT_FALSE(table->get(11)->traced);
  EXPECT_EQ(name(10), "nginx");
}

TEST_F(ProcessTableTest, KernelThreadsAreNoProcesses) {
  run(2, 0, "");
  state.live[2].kernel_thread = true;
  make().scan();
  EXPECT_THAT(decision, IsEmpty());
  EXPECT_EQ(table->size(), 0u);
  EXPECT_FALSE(table->get(2)->traced);
}

TEST_F(ProcessTableTest, TheAgentAndWhatItStartsAreNeverTraced) {
  state.self = 50;
  config.targets.pids = {50, 51};
  run(50, 1, "/usr/bin/weft");
  run(51, 50, "/usr/bin/curl");
  make().scan();
  send(Record::fork(51, 52));
  send(Record::exec(52, 51, "/usr/bin/id"));
  for (const uint32_t pid : {50u, 51u, 52u}) EXPECT_FALSE(table->get(pid)->traced) << pid;
}

TEST_F(ProcessTableTest, AnUnknownPidIsNeverNullAndHasAName) {
  make();
  const ProcessPtr process = table->get(4711);
  ASSERT_NE(process, nullptr);
  EXPECT_EQ(process->facts.pid, 4711u);
  EXPECT_EQ(name(4711), "unknown_service");
  EXPECT_TRUE(process->traced);  // everything is
}

TEST_F(ProcessTableTest, ShortLivedProcessIsNamedByItsExecRecord) {
  make();
  send(Record::exec(7, 1, "/usr/bin/curl", {"curl", "-s", "http://shop/"},
                    {"PATH=/bin", "OTEL_SERVICE_NAME=probe"}));
  const ProcessPtr process = table->get(7);
  EXPECT_EQ(name(7), "probe");
  EXPECT_EQ(process->facts.exe, "/usr/bin/curl");
  EXPECT_THAT(process->facts.args, ElementsAre("curl", "-s", "http://shop/"));
  EXPECT_THAT(process->facts.environment, ElementsAre("OTEL_SERVICE_NAME=probe"));
  EXPECT_THAT(decision, ElementsAre(Pair(7, true)));
}

TEST_F(ProcessTableTest, AnExecIsCompletedFromTheSource) {
  make();
  run(7, 1, "/usr/bin/python3.11", {"python3", "/srv/shop.py"});
  state.live[7].container_id = "abc";
  send(Record::exec(7, 1, "/usr/local/bin/shop", {"python3", "/srv/shop.py"}));
  EXPECT_EQ(state.reads + state.identifies, 0) << "nobody has asked";
  EXPECT_EQ(table->get(7)->facts.exe, "/usr/bin/python3.11");
  EXPECT_EQ(table->get(7)->facts.container_id, "abc");
  EXPECT_EQ(name(7), "shop");
  EXPECT_EQ(state.reads, 1);
}

TEST_F(ProcessTableTest, ALaterProcessOfThePidDoesNotSpeakForThisOne) {
  make();
  run(7, 1, "/usr/bin/other");
  state.live[7].start_ticks = 1ull << 40;  // long after the record
  send(Record::exec(7, 1, "/usr/bin/curl", {"curl"}));
  EXPECT_EQ(table->get(7)->facts.exe, "/usr/bin/curl");
}

TEST_F(ProcessTableTest, AnExecIsDecidedAnew) {
  config.targets.exes = {"*/nginx"};
  make();
  send(Record::exec(7, 1, "/usr/sbin/nginx"));
  const ProcessPtr before = table->get(7);
  send(Record::exec(7, 1, "/bin/sh"));
  EXPECT_TRUE(before->traced);
  EXPECT_FALSE(table->get(7)->traced);
  EXPECT_THAT(decision, ElementsAre(Pair(7, true), Pair(7, false)));
}

TEST_F(ProcessTableTest, TheTailOfACutRecordComesFromTheSource) {
  make();
  run(7, 1, "/usr/bin/java", {"java", "-cp", "a.jar", "shop.Main"});
  Record record = Record::exec(7, 1, "/usr/bin/java", {"java", "-cp", "a.jar"});
  const_cast<weft_ev_exec&>(record.event().as<weft_ev_exec>()).args_len -= 1;
  send(record);
  EXPECT_THAT(table->get(7)->facts.args, ElementsAre("java", "-cp", "a.jar", "shop.Main"));
}

TEST_F(ProcessTableTest, ATitleWrittenOverTheArgumentsIsNotBelieved) {
  make();
  send(Record::exec(7, 1, "/usr/bin/python3", {"python3", "/srv/shop.py"}));
  run(7, 1, "/usr/bin/python3", {"shop: worker 3"});
  EXPECT_THAT(table->get(7)->facts.args, ElementsAre("python3", "/srv/shop.py"));
}

TEST_F(ProcessTableTest, ATitleWrittenOverTheEnvironmentIsNotBelieved) {
  make();
  send(Record::exec(7, 1, "/usr/bin/shopd", {"shopd"}, {"OTEL_SERVICE_NAME=shop"}));
  run(7, 1, "/usr/bin/shopd", {}, {"OTEL_SERVICE_NAME=wrong"});
  EXPECT_EQ(name(7), "shop");
  send(Record::exec(8, 1, "/usr/bin/shopd", {"shopd"}));
  run(8, 1, "/usr/bin/shopd", {}, {"OTEL_SERVICE_NAME=wrong"});
  EXPECT_EQ(name(8), "shopd") << "the record says that there was none";
}

TEST_F(ProcessTableTest, WhatTheRecordHadNoRoomForComesFromTheSource) {
  make();
  run(7, 1, "/usr/bin/shopd", {}, {"OTEL_SERVICE_NAME=shop"});
  Record record = Record::exec(7, 1, "/usr/bin/shopd", {"shopd"}, {"?"});
  auto& exec = const_cast<weft_ev_exec&>(record.event().as<weft_ev_exec>());
  exec.env_len -= 1;
  exec.h.size -= 1;
  send(record);
  EXPECT_EQ(name(7), "shop");
}

TEST_F(ProcessTableTest, WorkersOfASupervisorAreProcessesOfTheSameService) {
  make();
  run(100, 1, "/usr/bin/python3.11", {"python3", "/venv/bin/gunicorn", "shop:app"},
      {"OTEL_SERVICE_NAME=shop"});
  send(Record::exec(100, 1, "/usr/bin/python3.11", {"python3", "/venv/bin/gunicorn", "shop:app"}));
  table->get(100);
  decision.clear();
  state.reads = 0;
  send(Record::fork(100, 101));
  EXPECT_THAT(decision, IsEmpty()) << "the kernel copies the decision itself";
  run(101, 100, "/usr/bin/python3.11");
  const ProcessPtr worker = table->get(101);
  EXPECT_EQ(state.reads, 0) << "a fork is the image already known";
  EXPECT_EQ(name(101), "shop");
  EXPECT_EQ(worker->facts.pid, 101u);
  EXPECT_EQ(worker->facts.ppid, 100u);
  EXPECT_EQ(worker->facts.start_ticks, state.live[101].start_ticks);
  EXPECT_EQ(*worker->resource->attributes.find(semconv::kProcessPid), Value(int64_t{101}));
  EXPECT_NE(worker->resource->attributes.text(semconv::kServiceInstanceId),
            table->get(100)->resource->attributes.text(semconv::kServiceInstanceId));
  EXPECT_THAT(decision, ElementsAre(Pair(101, true)));
}

TEST_F(ProcessTableTest, AGrandchildNobodyAskedForInheritsToo) {
  make();
  send(Record::exec(100, 1, "/usr/sbin/postgres", {"postgres"}));
  send(Record::fork(100, 101));
  send(Record::fork(101, 102));
  send(Record::exit(100));
  send(Record::exit(101));
  EXPECT_EQ(name(102), "postgres");
  EXPECT_EQ(table->get(102)->facts.ppid, 101u);
}

TEST_F(ProcessTableTest, AChildOfAnUnaskedParentIsReadInFull) {
  run(100, 1, "/usr/sbin/shopd", {}, {"OTEL_SERVICE_NAME=shop"});
  make().scan();
  send(Record::fork(100, 101));
  run(101, 100, "/usr/sbin/shopd", {}, {"OTEL_SERVICE_NAME=shop"});
  EXPECT_EQ(name(101), "shop");
}

TEST_F(ProcessTableTest, AChildWhoseExecRecordWasLostIsDecidedByWhatItRuns) {
  config.targets.exes = {"shopd"};
  make();
  send(Record::exec(100, 1, "/usr/sbin/shopd"));
  table->get(100);
  send(Record::fork(100, 101));
  run(101, 100, "/bin/sh");
  EXPECT_EQ(table->get(101)->facts.exe, "/bin/sh");
  EXPECT_FALSE(table->get(101)->traced);
  EXPECT_THAT(decision.back(), Pair(101, false));
}

TEST_F(ProcessTableTest, NamedPidsAndWhatTheyForkAreTraced) {
  config.targets.pids = {100};
  run(100, 1, "/bin/sh");
  run(90, 101, "/usr/bin/grandchild");  // pids wrap around
  run(101, 100, "/usr/bin/child");
  run(200, 1, "/usr/bin/other");
  make().scan();
  send(Record::fork(90, 91));
  send(Record::exec(91, 90, "/usr/bin/curl"));
  send(Record::exec(201, 200, "/usr/bin/curl"));
  for (const uint32_t pid : {100u, 101u, 90u, 91u}) EXPECT_TRUE(table->get(pid)->traced) << pid;
  for (const uint32_t pid : {200u, 201u}) EXPECT_FALSE(table->get(pid)->traced) << pid;
}

TEST_F(ProcessTableTest, LineageOutlivesTheTarget) {
  config.targets.pids = {100};
  run(100, 1, "/bin/sh");
  make().scan();
  send(Record::fork(100, 101));
  send(Record::exit(100));
  send(Record::exec(101, 1, "/usr/bin/shopd"));
  EXPECT_TRUE(table->get(101)->traced);
}

TEST_F(ProcessTableTest, AnExitDoesNotInvalidateWhatIsHeld) {
  make();
  send(Record::exec(7, 1, "/usr/bin/curl", {"curl"}));
  const ProcessPtr held = table->get(7);
  send(Record::exit(7));
  EXPECT_EQ(table->size(), 0u);
  EXPECT_EQ(held->facts.exe, "/usr/bin/curl");
  EXPECT_EQ(table->get(7), held) << "a late record still finds it";
  EXPECT_EQ(table->size(), 0u);
}

TEST_F(ProcessTableTest, AReusedPidIsANewProcess) {
  make();
  run(7, 1, "/usr/bin/curl");
  send(Record::exec(7, 1, "/usr/bin/curl"));
  const ProcessPtr first = table->get(7);
  send(Record::exit(7));
  run(7, 1, "/usr/bin/wget");  // its fork and exec records were lost
  EXPECT_EQ(table->get(7)->facts.exe, "/usr/bin/wget");
  EXPECT_NE(table->get(7)->resource, first->resource);
}

TEST_F(ProcessTableTest, AReusedPidIsNoticedEvenWhenTheExitWasLost) {
  make();
  run(7, 1, "/usr/bin/curl");
  send(Record::exec(7, 1, "/usr/bin/curl"));
  table->get(7);
  run(7, 1, "/usr/bin/curl");
  const uint64_t second = state.live[7].start_ticks;
  EXPECT_NE(table->get(7)->facts.start_ticks, second);
  testing::fake_now += 31 * kSecond;
  EXPECT_EQ(table->get(7)->facts.start_ticks, second);
  EXPECT_EQ(counters.get("weft.discover.reused_pids").value(), 1u);
}

TEST_F(ProcessTableTest, TwoUnknownProcessesOfOnePidHaveDifferentInstances) {
  make();
  send(Record::exec(7, 1, "/usr/bin/curl"));
  const ProcessPtr first = table->get(7);
  send(Record::exit(7));
  send(Record::exec(7, 1, "/usr/bin/curl"));
  EXPECT_NE(first->resource->attributes.text(semconv::kServiceInstanceId),
            table->get(7)->resource->attributes.text(semconv::kServiceInstanceId));
}

TEST_F(ProcessTableTest, AContainerRestartIsSeen) {
  config.targets.containers = {"aaaa"};
  make();
  run(7, 1, "/app");
  state.live[7].container_id = std::string(64, 'a');
  send(Record::exec(7, 1, "/app"));
  EXPECT_TRUE(table->get(7)->traced);
  send(Record::exit(7));
  run(7, 1, "/app");
  state.live[7].container_id = std::string(64, 'b');
  send(Record::exec(7, 1, "/app"));
  EXPECT_FALSE(table->get(7)->traced);
  EXPECT_EQ(table->get(7)->resource->attributes.text(semconv::kContainerId), std::string(64, 'b'));
}

TEST_F(ProcessTableTest, AForkStormLeavesNothing) {
  make();
  send(Record::exec(100, 1, "/usr/sbin/httpd"));
  for (uint32_t i = 0; i < kForks; ++i) {
    send(Record::fork(100, 1000 + i % 20'000));
    send(Record::exit(1000 + i % 20'000));
  }
  EXPECT_EQ(table->size(), 1u);
  EXPECT_EQ(state.reads, 0);
}

TEST_F(ProcessTableTest, NothingIsReadOfAStormThatNobodyAsksFor) {
  config.targets.exes = {"shopd"};
  config.targets.exclude = {"sshd"};
  config.targets.ports = {8080};
  run(100, 1, "/bin/sh");
  make().scan();
  const int before = state.reads + state.identifies;
  for (uint32_t pid = 1000; pid < 1000 + kForks; ++pid) {
    run(pid, 100, "/usr/bin/true");
    send(Record::fork(100, pid));
    send(Record::exec(pid, 100, "/usr/bin/true", {"true"}, {"PATH=/bin"}));
    send(Record::exit(pid));
    state.live.erase(pid);
  }
  EXPECT_EQ(state.reads + state.identifies, before);
  EXPECT_EQ(state.asked_ports + state.refines, 0);
  EXPECT_EQ(table->size(), 1u);
}

TEST_F(ProcessTableTest, OfWhoIsNotWantedOnlyWhatTheRulesNeedIsRead) {
  config.targets.exes = {"shopd"};
  make();
  run(7, 1, "/usr/bin/curl");
  send(Record::exec(7, 1, "curl", {"curl"}));
  EXPECT_THAT(decision, IsEmpty()) << "undecided: the kernel captures it";
  EXPECT_FALSE(table->get(7)->traced);
  EXPECT_THAT(decision, ElementsAre(Pair(7, false)));
  EXPECT_EQ(state.identifies, 1);
  EXPECT_EQ(state.reads, 0);
  EXPECT_EQ(table->get(7)->facts.exe, "/usr/bin/curl");
  EXPECT_EQ(state.identifies, 1) << "once";
}

TEST_F(ProcessTableTest, ADecisionOutlivesNeitherTheProcessNorTheImage) {
  make();
  send(Record::exec(7, 1, "/bin/sh"));
  table->get(7);
  send(Record::exec(7, 1, "/usr/sbin/shopd"));
  EXPECT_THAT(gone, ElementsAre(7u)) << "it may have been told after the exec";
  send(Record::exec(8, 1, "/usr/bin/true"));
  send(Record::exit(8));
  EXPECT_THAT(gone, ElementsAre(7u)) << "none was told";
  table->get(7);
  send(Record::exit(7));
  EXPECT_THAT(gone, ElementsAre(7u, 7u));
  decision.clear();
  send(Record::exec(9, 1, "/usr/bin/curl"));
  send(Record::exit(9));
  EXPECT_TRUE(table->get(9)->traced) << "a late record's";
  EXPECT_THAT(decision, IsEmpty()) << "the pid may be another's by now";
}

TEST_F(ProcessTableTest, AStormDoesNotPushOutWhoWasAskedFor) {
  make();
  send(Record::exec(7, 1, "/usr/bin/curl"));
  const ProcessPtr held = table->get(7);
  send(Record::exit(7));
  for (uint32_t pid = 1000; pid < 2000; ++pid) {
    send(Record::exec(pid, 1, "/usr/bin/true"));
    send(Record::exit(pid));
  }
  EXPECT_EQ(table->get(7), held);
}

TEST_F(ProcessTableTest, AForkStormWithoutExitsIsBounded) {
  make();
  run(100, 1, "/usr/sbin/httpd");
  send(Record::exec(100, 1, "/usr/sbin/httpd"));
  for (uint32_t i = 0; i < kForks; ++i) {
    send(Record::fork(100, 1000 + i));
    if (i % 100 == 0) table->get(100);
  }
  EXPECT_EQ(table->size(), capacity);
  EXPECT_EQ(counters.get("weft.discover.evicted").value(), kForks + 1 - capacity);
  EXPECT_EQ(state.reads, 1) << "the parent is in use and stays";
}

TEST_F(ProcessTableTest, AnotherThingsRecordsDoNotConcernIt) {
  make();
  weft_event event{};
  event.type = WEFT_EV_DATA;
  event.pid = 9;
  table->on_event({&event});
  EXPECT_EQ(table->size(), 0u);
}

TEST_F(ProcessTableTest, StatusShowsThoseThatWereAskedFor) {
  run(10, 1, "/usr/sbin/nginx");
  run(11, 1, "/usr/sbin/idle");
  make().scan();
  table->get(10);
  std::vector<uint32_t> shown;
  table->for_each([&](const Process& p) { shown.push_back(p.facts.pid); });
  EXPECT_THAT(shown, ElementsAre(10u));
}

}  // namespace
}  // namespace weft
