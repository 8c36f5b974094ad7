// SPDX-License-Identifier: Apache-2.0
#include "agent/attach/planner.h"

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/discover/proc/temp_tree.h"
#include "agent/resolve/toy_binary.h"

namespace weft::attach {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr uint64_t kSecond = 1'000'000'000;

constexpr std::string_view kExecutables[] = {"dbd*"};
constexpr std::string_view kLibraries[] = {"libdb.so*"};
constexpr std::string_view kOtherLibraries[] = {"libother.so"};
constexpr std::string_view kTlsLibraries[] = {"libtls.so*"};
constexpr std::string_view kLoopers[] = {"looper"};
const ProbeSpec kProbes[] = {
    {.number = 0, .name = "flush", .where = {Locator::symbol("flush")}},
    {.number = 1, .name = "gone", .where = {Locator::symbol("gone")}, .nested = true},
    {.number = 2, .name = "insert", .where = {Locator::symbol("flush")}, .per_record = true},
    {.number = 3, .name = "wait", .where = {Locator::symbol("flush")}, .is_implied = true},
};
const ProbeSpec kOneProbe[] = {
    {.number = 7, .name = "flush", .where = {Locator::symbol("flush")}},
};
constexpr ProbeTarget kDb{.kind = TargetKind::kEngine,
                          .id = 2,
                          .name = "db",
                          .executables = kExecutables,
                          .libraries = kLibraries,
                          .probes = kProbes};
constexpr ProbeTarget kOther{
    .kind = TargetKind::kEngine, .id = 3, .name = "other", .libraries = kOtherLibraries};
// Ids of another kind may be the same.
constexpr ProbeTarget kTls{.kind = TargetKind::kLibrary,
                           .id = 2,
                           .name = "tls",
                           .libraries = kTlsLibraries,
                           .probes = kOneProbe};
constexpr ProbeTarget kLoop{.kind = TargetKind::kRuntime,
                            .id = 2,
                            .name = "loop",
                            .executables = kLoopers,
                            .probes = kOneProbe};

size_t open_files() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin(all), end(all)));
}

class FakeHolder final : public ProbeHolder {
 public:
  Result<uint32_t> attach(const CompiledProbe& probe) override {
    if (in_place() == room) return fail(ExitCode::kKernelRefused, "no more");
    probes.push_back(probe);
    return static_cast<uint32_t>(10 + probes.size());
  }
  void detach(uint32_t probe) override { detached.push_back(probe); }
  size_t in_place() const { return probes.size() - detached.size(); }
  uint64_t hits(uint32_t probe) const override { return probe * calls; }
  std::vector<CompiledProbe> probes;
  std::vector<uint32_t> detached;
  uint64_t calls = 100;
  size_t room = SIZE_MAX;
};

// Mappings set by the test; none for other processes.
class FakeCode final : public CodeMap {
 public:
  std::vector<MappedCode> of(uint32_t pid) override { return processes[pid]; }
  std::map<uint32_t, std::vector<MappedCode>> processes;
};

std::string program() {
  testing::ToyBinary toy;
  toy.symbol("flush", toy.code("\x55\x5d\xc3"), 3);
  return toy.text();
}

class PlannerTest : public ::testing::Test {
 protected:
  void executes(const std::string& pid, const std::string& file) {
    tree_.link("proc/" + pid + "/exe", tree_.path(file));
  }
  // Returns a line of /proc/pid/maps, and creates the map_files link for it.
  std::string maps(const std::string& pid, const std::string& range, const std::string& perms,
                   const std::string& file) {
    tree_.link("proc/" + pid + "/map_files/" + range, tree_.path(file));
    return range + " " + perms + " 00001000 08:01 12345     " + tree_.path(file) + "\n";
  }
  Planner planner(bool records = false, Planner::Targets targets = {&kDb, &kOther, &kTls, &kLoop}) {
    const auto on_target = [this](const ProbeTarget& target, uint32_t pid) {
      with_target_.push_back(std::string(target.name) + " " + std::to_string(pid));
    };
    return Planner(holder_, code_, std::move(targets), on_target, records, tree_.path("proc"));
  }

  testing::TempTree tree_;
  FakeHolder holder_;
  FakeCode code_;
  std::vector<std::string> with_target_;
};

TEST_F(PlannerTest, ExecutablesOfAnEngineAreProbed) {
  tree_.file("bin/dbd", program());
  executes("100", "bin/dbd");
  Planner planner = this->planner();
  planner.scan();
  ASSERT_THAT(planner.rows(), SizeIs(2));
  const ProbeRow& found = planner.rows()[0];
  EXPECT_EQ(found.target->name, "db");
  EXPECT_EQ(found.binary, tree_.path("bin/dbd"));
  EXPECT_EQ(found.spec->name, "flush");
  EXPECT_TRUE(found.probed);
  EXPECT_THAT(found.how, HasSubstr("dynsym"));
  EXPECT_THAT(found.numbers, ElementsAre(11u, 12u));
  EXPECT_EQ(planner.hits(found), 1100u) << "of its entry";
  ASSERT_THAT(holder_.probes, SizeIs(2));
  EXPECT_EQ(std::filesystem::read_symlink(holder_.probes[0].binary), tree_.path("bin/dbd"))
      << "in any mount namespace, whatever becomes of the process";
  const ProbeRow& missing = planner.rows()[1];
  EXPECT_FALSE(missing.probed);
  EXPECT_EQ(missing.spec->name, "gone");
  EXPECT_EQ(missing.how, "not in this build");
  EXPECT_EQ(planner.hits(missing), 0u);
}

TEST_F(PlannerTest, OtherProgramsAreNotOpened) {
  tree_.file("bin/sh", program());
  executes("100", "bin/sh");
  tree_.file("proc/self/exe", "not a number");
  Planner planner = this->planner();
  planner.scan();
  EXPECT_THAT(planner.rows(), IsEmpty());
}

TEST_F(PlannerTest, AnUpgradedProgramStillHasItsName) {
  tree_.file("bin/dbd (deleted)", program());
  executes("100", "bin/dbd (deleted)");
  Planner planner = this->planner();
  planner.scan();
  ASSERT_THAT(planner.rows(), SizeIs(2));
  EXPECT_EQ(planner.rows()[0].binary, tree_.path("bin/dbd"));
}

TEST_F(PlannerTest, AFileIsLookedAtOnceAnotherCopyAgain) {
  tree_.file("bin/dbd", program());
  tree_.file("bin/dbd2", program());
  executes("100", "bin/dbd");
  executes("101", "bin/dbd");
  Planner planner = this->planner();
  planner.scan();
  planner.executed(101, "/bin/dbd");
  EXPECT_THAT(planner.rows(), SizeIs(2));
  EXPECT_THAT(with_target_, UnorderedElementsAre("db 100", "db 101", "db 101"))
      << "each process holds it";
  executes("102", "bin/dbd2");
  planner.executed(102, "/bin/dbd2");
  EXPECT_THAT(planner.rows(), SizeIs(4));
}

TEST_F(PlannerTest, LibrariesByWhatIsMappedToRun) {
  tree_.file("lib/libdb.so.1", program());
  tree_.file("lib/libdb.so.2", program());
  tree_.file("lib/libc.so.6", program());
  tree_.file("a b/libdb.so.3", program());
  tree_.file("proc/100/maps",
             maps("100", "1000-2000", "r--p", "lib/libdb.so.2") +
                 maps("100", "2000-3000", "r-xp", "lib/libdb.so.1") +
                 maps("100", "3000-4000", "r-xp", "lib/libc.so.6") +
                 maps("100", "4000-5000", "r-xp", "a b/libdb.so.3") +
                 "5000-6000 r-xp 00000000 00:00 0                   [vdso]\n6000-7000\n");
  Planner planner = this->planner();
  planner.mapping(100);
  ASSERT_THAT(planner.rows(), SizeIs(4));
  EXPECT_EQ(planner.rows()[0].binary, tree_.path("lib/libdb.so.1"));
  EXPECT_EQ(planner.rows()[2].binary, tree_.path("a b/libdb.so.3"));
  EXPECT_EQ(std::filesystem::read_symlink(holder_.probes.at(0).binary),
            tree_.path("lib/libdb.so.1"));
}

TEST_F(PlannerTest, AScanSeesLibrariesToo) {
  tree_.file("lib/libdb.so", program());
  tree_.file("proc/100/maps", maps("100", "2000-3000", "r-xp", "lib/libdb.so"));
  Planner planner = this->planner();
  planner.scan();
  EXPECT_THAT(planner.rows(), SizeIs(2));
}

TEST_F(PlannerTest, AnEngineWithoutFunctionsIsLeftAlone) {
  tree_.file("lib/libother.so", program());
  tree_.file("proc/100/maps", maps("100", "2000-3000", "r-xp", "lib/libother.so"));
  Planner planner = this->planner();
  planner.mapping(100);
  EXPECT_THAT(planner.rows(), IsEmpty());
  EXPECT_THAT(with_target_, ElementsAre("other 100"));
}

TEST_F(PlannerTest, ALibraryIsProbedInWhatHasMappedIt) {
  tree_.file("lib/libtls.so.3", program());
  tree_.file("proc/100/maps", maps("100", "2000-3000", "r-xp", "lib/libtls.so.3"));
  Planner planner = this->planner();
  planner.mapping(100);
  ASSERT_THAT(planner.rows(), SizeIs(1));
  EXPECT_EQ(planner.rows()[0].target, &kTls);
  EXPECT_TRUE(planner.rows()[0].probed);
  EXPECT_THAT(with_target_, ElementsAre("tls 100"));
  ASSERT_THAT(holder_.probes, SizeIs(2));
  EXPECT_EQ(holder_.probes[0].spec.target_kind, WEFT_KIND_LIBRARY);
  EXPECT_EQ(holder_.probes[0].spec.number, 7);
}

TEST_F(PlannerTest, ARuntimeIsProbedInItsProgram) {
  tree_.file("bin/looper", program());
  executes("100", "bin/looper");
  Planner planner = this->planner();
  planner.executed(100, "/bin/looper");
  ASSERT_THAT(planner.rows(), SizeIs(1));
  EXPECT_EQ(planner.rows()[0].target, &kLoop);
  EXPECT_THAT(with_target_, ElementsAre("loop 100"));
  ASSERT_THAT(holder_.probes, SizeIs(2));
  EXPECT_EQ(holder_.probes[0].spec.target_kind, WEFT_KIND_RUNTIME);
}

// A runtime that is linked into an engine's program.
TEST_F(PlannerTest, OneFileMayBeTargetsOfSeveralKinds) {
  constexpr ProbeTarget kLoopInDb{.kind = TargetKind::kRuntime,
                                  .id = 2,
                                  .name = "loop",
                                  .executables = kExecutables,
                                  .probes = kOneProbe};
  tree_.file("bin/dbd", program());
  executes("100", "bin/dbd");
  Planner planner = this->planner(false, {&kDb, &kLoopInDb});
  planner.executed(100, "/bin/dbd");
  ASSERT_THAT(planner.rows(), SizeIs(3));
  EXPECT_EQ(planner.rows()[0].target, &kDb);
  EXPECT_EQ(planner.rows()[2].target, &kLoopInDb);
  EXPECT_THAT(with_target_, ElementsAre("db 100", "loop 100"));
  planner.ended(100);
  planner.tick(kSecond);
  EXPECT_EQ(holder_.in_place(), 0u);
}

TEST_F(PlannerTest, WithoutLibrariesNoMappingsAreRead) {
  tree_.file("lib/libtls.so.3", program());
  tree_.file("proc/100/maps", maps("100", "2000-3000", "r-xp", "lib/libtls.so.3"));
  Planner planner = this->planner(false, {&kLoop});
  planner.mapping(100);
  planner.scan();
  EXPECT_THAT(planner.rows(), IsEmpty());
}

TEST_F(PlannerTest, WhatCannotBeReadIsLeftAloneAndSaid) {
  tree_.file("bin/dbd", "no program");
  executes("100", "bin/dbd");
  executes("101", "bin/dbd_that_is_gone");
  Planner planner = this->planner();
  planner.scan();
  planner.executed(999, "/bin/dbd");
  planner.mapping(999);
  ASSERT_THAT(planner.rows(), SizeIs(2));
  EXPECT_FALSE(planner.rows()[0].probed);
  EXPECT_THAT(planner.rows()[0].how, Not(IsEmpty()));
  EXPECT_THAT(holder_.probes, IsEmpty());
}

TEST_F(PlannerTest, ARefusalIsSaid) {
  tree_.file("bin/dbd", program());
  executes("100", "bin/dbd");
  holder_.room = 1;
  Planner planner = this->planner();
  planner.scan();
  ASSERT_THAT(planner.rows(), SizeIs(2));
  EXPECT_FALSE(planner.rows()[0].probed);
  EXPECT_EQ(planner.rows()[0].refusal, "no more");
  EXPECT_THAT(holder_.detached, SizeIs(1)) << "all of a probe, or nothing";
}

TEST_F(PlannerTest, WhatIsCalledTooOftenIsLetAloneForAWhile) {
  tree_.file("bin/dbd", program());
  executes("7", "bin/dbd");
  Planner planner = this->planner();
  planner.scan();
  const size_t probed = holder_.probes.size();
  ASSERT_FALSE(planner.rows().empty());
  planner.tick(100 * kSecond);
  EXPECT_THAT(holder_.detached, IsEmpty()) << "an ordinary engine";
  holder_.calls += Planner::kMostCalls;
  planner.tick(101 * kSecond);
  EXPECT_THAT(holder_.detached, SizeIs(probed));
  EXPECT_EQ(planner.rows()[0].paused_until, 101 * kSecond + Planner::kPause);
  const uint64_t hits = planner.hits(planner.rows()[0]);
  EXPECT_GT(hits, Planner::kMostCalls) << "what was counted stays";
  planner.tick(160 * kSecond);
  EXPECT_EQ(holder_.probes.size(), probed);
  holder_.calls = 0;
  planner.tick(161 * kSecond);
  EXPECT_EQ(holder_.probes.size(), 2 * probed) << "tried again";
  EXPECT_EQ(planner.hits(planner.rows()[0]), hits);
}

TEST_F(PlannerTest, ARuntimesProbesStayHoweverOftenTheyAreCalled) {
  tree_.file("bin/looper", program());
  executes("7", "bin/looper");
  Planner planner = this->planner();
  planner.scan();
  ASSERT_THAT(holder_.probes, Not(IsEmpty()));
  planner.tick(100 * kSecond);
  holder_.calls += 100 * Planner::kMostCalls;
  planner.tick(101 * kSecond);
  EXPECT_THAT(holder_.detached, IsEmpty());
}

TEST_F(PlannerTest, WhatHappensOnceARecordIsProbedWhenAskedFor) {
  tree_.file("bin/dbd", program());
  executes("100", "bin/dbd");
  Planner planner = this->planner(/*records=*/true);
  planner.scan();
  ASSERT_THAT(planner.rows(), SizeIs(3));
  EXPECT_EQ(planner.rows()[2].spec->name, "insert");
  EXPECT_TRUE(planner.rows()[2].probed);
}

// Containers of one image: different files for stat(2), one file for the kernel.
TEST_F(PlannerTest, WhatIsOneFileToTheKernelIsProbedOnce) {
  Planner planner = this->planner();
  for (uint32_t pid = 100; pid < 112; ++pid) {
    const std::string file = "overlay" + std::to_string(pid) + "/dbd";
    tree_.file(file, program());
    executes(std::to_string(pid), file);
    code_.processes[pid] = {{0x1000, 0xabc, false}, {0x2000, 0xdef, true}};
    planner.executed(pid, "/usr/bin/dbd");
  }
  EXPECT_THAT(planner.rows(), SizeIs(2));
  EXPECT_THAT(holder_.probes, SizeIs(2));
  for (uint32_t pid = 100; pid < 111; ++pid) planner.ended(pid);
  planner.tick(kSecond);
  EXPECT_THAT(holder_.detached, IsEmpty()) << "one still runs";
  planner.ended(111);
  planner.tick(2 * kSecond);
  EXPECT_EQ(holder_.in_place(), 0u);
  EXPECT_THAT(planner.rows(), IsEmpty());
}

TEST_F(PlannerTest, TheLibraryOfALineIsTheFileAtItsAddress) {
  tree_.file("lib/libdb.so.1", program());
  tree_.file("other/libdb.so.1", program());
  Planner planner = this->planner();
  tree_.file("proc/100/maps", maps("100", "2000-3000", "r-xp", "lib/libdb.so.1"));
  tree_.file("proc/101/maps", maps("101", "5000-6000", "r-xp", "other/libdb.so.1"));
  code_.processes[100] = {{0x1000, 1, true}, {0x2000, 77, false}};
  code_.processes[101] = {{0x2000, 1, true}, {0x5000, 77, false}};
  planner.mapping(100);
  planner.mapping(101);
  EXPECT_THAT(planner.rows(), SizeIs(2));
}

TEST_F(PlannerTest, WhatEndsIsLetGo) {
  tree_.file("bin/dbd", program());
  Planner planner = this->planner();
  const size_t open = open_files();
  for (uint32_t pid = 100; pid < 140; ++pid) {
    executes(std::to_string(pid), "bin/dbd");
    planner.executed(pid, "/bin/dbd");
    EXPECT_EQ(holder_.in_place(), 2u) << pid;
    EXPECT_GT(open_files(), open);
    planner.ended(pid);
    planner.tick(pid * kSecond);
    EXPECT_EQ(holder_.in_place(), 0u) << pid;
    EXPECT_THAT(planner.rows(), IsEmpty());
    EXPECT_EQ(open_files(), open);
  }
}

TEST_F(PlannerTest, ARestartWithinATickKeepsTheProbes) {
  tree_.file("bin/dbd", program());
  executes("100", "bin/dbd");
  executes("101", "bin/dbd");
  Planner planner = this->planner();
  planner.executed(100, "/bin/dbd");
  planner.ended(100);
  planner.executed(101, "/bin/dbd");
  planner.tick(kSecond);
  EXPECT_THAT(holder_.detached, IsEmpty());
  EXPECT_THAT(holder_.probes, SizeIs(2));
}

// A command that runs every few seconds and ends before it can be probed.
TEST_F(PlannerTest, WhatTheHostItselfHasIsKeptForAWhile) {
  tree_.file("bin/dbd", program());
  Planner planner = this->planner();
  for (uint32_t pid = 100; pid < 103; ++pid) {
    executes(std::to_string(pid), "bin/dbd");
    planner.executed(pid, tree_.path("bin/dbd"));
    planner.ended(pid);
    planner.tick(pid * Planner::kLinger);
  }
  EXPECT_THAT(holder_.probes, SizeIs(2));
  EXPECT_THAT(holder_.detached, IsEmpty());
  planner.tick(103 * Planner::kLinger - 1);
  EXPECT_EQ(holder_.in_place(), 2u);
  planner.tick(103 * Planner::kLinger);
  EXPECT_EQ(holder_.in_place(), 0u);
  EXPECT_THAT(planner.rows(), IsEmpty());
}

TEST_F(PlannerTest, WhatIsKeptForAWhileMakesRoom) {
  for (const std::string name : {"dbd", "dbd2"}) tree_.file("bin/" + name, program());
  tree_.link("proc/1/root", tree_.path(""));  // for an agent in its own container
  executes("100", "bin/dbd");
  executes("101", "bin/dbd2");
  holder_.room = 2;
  Planner planner = this->planner();
  planner.executed(100, "/bin/dbd");
  planner.ended(100);
  planner.tick(kSecond);
  EXPECT_EQ(holder_.in_place(), 2u);
  planner.executed(101, "/bin/dbd2");
  planner.tick(2 * kSecond);
  ASSERT_THAT(planner.rows(), SizeIs(2));
  EXPECT_TRUE(planner.rows()[0].probed);
}

TEST_F(PlannerTest, ChildrenKeepWhatTheirParentMapped) {
  tree_.file("bin/dbd", program());
  executes("100", "bin/dbd");
  Planner planner = this->planner();
  planner.executed(100, "/bin/dbd");
  planner.forked(100, 101);
  planner.forked(101, 102);
  planner.forked(999, 998);
  planner.ended(100);
  planner.ended(101);
  planner.tick(kSecond);
  EXPECT_EQ(holder_.in_place(), 2u) << "102 runs";
  EXPECT_THAT(with_target_, ElementsAre("db 100", "db 101", "db 102"));
  planner.executed(102, "/bin/sh");
  planner.tick(2 * kSecond);
  EXPECT_EQ(holder_.in_place(), 0u) << "it is another program now";
}

TEST_F(PlannerTest, AnEndThatWasNotHeardIsFoundInTheEnd) {
  tree_.file("bin/dbd", program());
  executes("100", "bin/dbd");
  Planner planner = this->planner();
  planner.executed(100, "/bin/dbd");
  planner.tick(Planner::kVerify);
  EXPECT_EQ(holder_.in_place(), 2u);
  tree_.remove("proc/100");
  planner.tick(2 * Planner::kVerify);
  EXPECT_EQ(holder_.in_place(), 0u);
}

TEST_F(PlannerTest, WhatWasRefusedIsTriedAgainWhenThereIsRoom) {
  tree_.file("bin/dbd", program());
  tree_.file("bin/dbd2", program());
  executes("100", "bin/dbd");
  executes("101", "bin/dbd2");
  holder_.room = 2;
  Planner planner = this->planner();
  planner.executed(100, "/bin/dbd");
  planner.executed(101, "/bin/dbd2");
  EXPECT_FALSE(planner.rows()[2].probed);
  planner.ended(100);
  planner.tick(kSecond);
  ASSERT_THAT(planner.rows(), SizeIs(2));
  EXPECT_TRUE(planner.rows()[0].probed);
  EXPECT_EQ(planner.rows()[0].refusal, "");
}

TEST(PlannerWithoutProc, FindsNothing) {
  FakeHolder holder;
  FakeCode code;
  Planner planner(
      holder, code, {&kDb}, [](const ProbeTarget&, uint32_t) {}, false, "/nonexistent");
  planner.scan();
  EXPECT_THAT(planner.rows(), IsEmpty());
}

}  // namespace
}  // namespace weft::attach
