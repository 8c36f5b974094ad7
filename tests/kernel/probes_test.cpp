// SPDX-License-Identifier: Apache-2.0
// What is read at a probed function, and when a call of it is told.
#include <csetjmp>
#include <fcntl.h>
#include <gmock/gmock.h>

#include "agent/discover/proc/temp_tree.h"
#include "tests/kernel/probes_fixture.h"

namespace weft::kernel {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using namespace testing;

TEST_F(ProbesTest, ACallIsToldWithWhatWasToBeRead) {
  static Pointee second{1, 22, nullptr};
  static Pointee first{1, 11, &second};
  static const std::string text = "COMMIT";  // in memory: nothing is paged in for a probe
  weft_probe wanted = spec();
  wanted.value[0] = argument(0);
  wanted.value[1] = argument(1, 4, {4});
  wanted.value[2] = argument(1, 4, {8, 4});
  wanted.value[3] = fetch(WEFT_FETCH_RETURN, 0, 0, {0});
  const uint64_t distance = address_of(&weft_test_global) - address_of(&weft_test_call);
  wanted.value[4] = fetch(WEFT_FETCH_CODE, 0, 8, {static_cast<int64_t>(distance)});
  wanted.value[5] = argument(1, 4, {8, 8, 4});
  wanted.value[7] = argument(1, 1, {4});
  wanted.absent = 1 << 6;
  wanted.text = argument(2);
  attach_call(&weft_test_call, wanted);
  ASSERT_EQ(run([] {
              weft_test_global = 4242;
              return call(17, &first, text.c_str(), nullptr) == 17 ? 0 : 1;
            }),
            0);
  ASSERT_THAT(probes, SizeIs(1));
  const weft_ev_probe& told = probes[0];
  EXPECT_LT(told.start, told.h.time);
  EXPECT_EQ(told.h.tid, static_cast<uint32_t>(child_));
  EXPECT_EQ(told.target_kind, WEFT_KIND_RUNTIME);
  EXPECT_EQ(told.target, kTarget);
  EXPECT_EQ(told.number, kNumber);
  EXPECT_EQ(told.result, 17u);
  EXPECT_THAT(told.value, ElementsAre(17, 11, 22, 17, 4242, 0, 0, 11));
  EXPECT_EQ(told.missing, 1u << 5 | 1u << 6) << "a null pointer, and what the build lacks";
  EXPECT_EQ(texts[0], "COMMIT");
  EXPECT_EQ(told.flags & (WEFT_PROBE_BUSY | WEFT_PROBE_INTERRUPTED), 0);
}

TEST_F(ProbesTest, NoTextIsNotAnEmptyOne) {
  static const std::string empty;
  static const char* const texts_of[] = {empty.c_str(), nullptr};
  static const auto* const unreadable = reinterpret_cast<const Pointee*>(uintptr_t{16});
  weft_probe wanted = spec();
  wanted.text = argument(1, 0, {0, 0});
  attach_call(&weft_test_call, wanted);
  ASSERT_EQ(run([] {
              for (const char* const& text : texts_of)
                call(0, reinterpret_cast<const Pointee*>(&text), nullptr, nullptr);
              call(0, unreadable, nullptr, nullptr);
              return 0;
            }),
            0);
  ASSERT_THAT(probes, SizeIs(3));
  EXPECT_EQ(probes[0].flags & WEFT_PROBE_NO_TEXT, 0);
  EXPECT_NE(probes[1].flags & WEFT_PROBE_NO_TEXT, 0);
  EXPECT_EQ(probes[2].flags & WEFT_PROBE_NO_TEXT, 0) << "what cannot be read may be a text";
}

TEST_F(ProbesTest, ALongTextIsCut) {
  weft_probe wanted = spec();
  wanted.text = argument(2);
  attach_call(&weft_test_call, wanted);
  static const std::string text(200, 'x');
  ASSERT_EQ(run([] { return static_cast<int>(call(0, nullptr, text.c_str(), nullptr)); }), 0);
  EXPECT_THAT(texts, ElementsAre(text.substr(0, WEFT_PROBE_TEXT - 1)));
}

TEST_F(ProbesTest, ALongTextIsReadWhenTheCallIsTold) {
  weft_probe wanted = spec();
  wanted.text = argument(2);
  wanted.long_text = 1;
  attach_call(&weft_test_call, wanted);
  static const std::string text(200, 'x');
  static const std::string longest(2 * WEFT_PROBE_LONG_TEXT, 'y');
  ASSERT_EQ(run([] {
              call(0, nullptr, "", nullptr);
              call(0, nullptr, text.c_str(), nullptr);
              return static_cast<int>(call(0, nullptr, longest.c_str(), nullptr));
            }),
            0);
  EXPECT_THAT(texts, ElementsAre("", text, longest.substr(0, WEFT_PROBE_LONG_TEXT - 1)));
}

TEST_F(ProbesTest, OnlyWithTheValue) {
  weft_probe wanted = spec();
  wanted.value[3] = argument(0);
  wanted.only = WEFT_ONLY_VALUE;
  wanted.only_index = 3;
  wanted.only_value = 4;
  attach_call(&weft_test_call, wanted);
  ASSERT_EQ(run([] {
              for (uint64_t i = 0; i < 8; ++i) call(i, nullptr, nullptr, nullptr);
              return 0;
            }),
            0);
  EXPECT_THAT(results(), ElementsAre(4u));
}

TEST_F(ProbesTest, APointIsToldAtOnce) {
  weft_probe wanted = spec();
  wanted.value[0] = argument(0);
  const uint32_t number = attach(&weft_test_call, wanted, WEFT_PROBE_POINT);
  ASSERT_EQ(run([] { return call(7, nullptr, nullptr, nullptr) == 7 ? 0 : 1; }), 0);
  ASSERT_THAT(probes, SizeIs(1));
  EXPECT_EQ(probes[0].start, probes[0].h.time);
  EXPECT_EQ(probes[0].value[0], 7u);
  EXPECT_EQ(probes[0].result, 0u);
  EXPECT_EQ(probes[0].probe, number);
}

TEST_F(ProbesTest, HitsAreCountedToldOrNot) {
  weft_probe wanted = spec();
  wanted.only = WEFT_ONLY_BUSY;
  const uint32_t enter = attach(&weft_test_call, wanted, WEFT_PROBE_ENTER);
  const uint32_t leave = attach(&weft_test_call, wanted, WEFT_PROBE_RETURN);
  ASSERT_EQ(run([] {
              for (int i = 0; i < 3; ++i) call(0, nullptr, nullptr, nullptr);
              return 0;
            }),
            0);
  EXPECT_THAT(probes, IsEmpty());
  EXPECT_EQ(object_->probes().hits(enter), 3u);
  EXPECT_EQ(object_->probes().hits(leave), 0u) << "counted at the entry";
}

// The kernel takes its time to take a probe out: what it passes until then is not another's.
TEST_F(ProbesTest, ANumberIsNotGivenAgainBeforeItsProbeIsGone) {
  const uint32_t first = attach(&weft_test_call, spec(), WEFT_PROBE_POINT);
  object_->probes().detach(first);
  const uint32_t second = attach(&weft_test_wait, spec(), WEFT_PROBE_POINT);
  EXPECT_NE(first, second);
  ASSERT_EQ(run([] { return static_cast<int>(wait(0)); }), 0);
  EXPECT_EQ(object_->probes().hits(second), 1u);
}

TEST_F(ProbesTest, TheAgentItselfIsNotTold) {
  weft_probe wanted = spec();
  attach_call(&weft_test_call, wanted);
  child_ = getpid();
  call(1, nullptr, nullptr, nullptr);
  drain();
  EXPECT_THAT(probes, IsEmpty());
}

std::string log_path;
void write_log() {
  const int fd = open(log_path.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  (void)!write(fd, "x", 1);
  close(fd);
}

TEST_F(ProbesTest, BusyIsWhoWroteToALogInside) {
  const weft::testing::TempTree tree;
  std::filesystem::create_directory(tree.path("weft_wal"));
  log_path = tree.path("weft_wal/1.log");
  weft_probe wanted = spec();
  wanted.only = WEFT_ONLY_BUSY;
  attach_call(&weft_test_call, wanted);
  ASSERT_EQ(run([] {
              call(1, nullptr, nullptr, nullptr);
              call(2, nullptr, nullptr, write_log);
              write_log();
              call(3, nullptr, nullptr, nullptr);
              return 0;
            }),
            0);
  if (ops.empty()) GTEST_SKIP() << "no file io here";
  ASSERT_THAT(results(), ElementsAre(2u));
  EXPECT_TRUE(probes[0].flags & WEFT_PROBE_BUSY);
  EXPECT_GE(ops[0].event.start, probes[0].start);
  EXPECT_LE(ops[0].event.h.time, probes[0].h.time);
}

TEST_F(ProbesTest, AWaitThatIsToldMakesTheCallAroundItBusy) {
  weft_probe outer = spec();
  outer.only = WEFT_ONLY_BUSY;
  weft_probe inner = spec();
  inner.call = 2;
  inner.number = kNumber + 1;
  inner.only = WEFT_ONLY_RESULT;
  inner.result_mask = 0xff;
  inner.result_value = 0;
  inner.counts = 1;
  attach_call(&weft_test_call, outer);
  attach_call(&weft_test_wait, inner);
  ASSERT_EQ(run([] {
              call(1, nullptr, nullptr, [] { wait(5); });
              call(2, nullptr, nullptr, [] { wait(0xff00); });
              return 0;
            }),
            0);
  EXPECT_THAT(results(), ElementsAre(0xff00u, 2u)) << "the inner one first";
}

std::vector<std::pair<uint64_t, bool>> nested(const std::vector<weft_ev_probe>& probes) {
  std::vector<std::pair<uint64_t, bool>> out;
  for (const weft_ev_probe& probe : probes) out.emplace_back(probe.result, probe.within != 0);
  return out;
}

TEST_F(ProbesTest, ACallWithinACallSaysSo) {
  weft_probe other = spec();
  other.call = 2;
  attach_call(&weft_test_call, spec());
  attach_call(&weft_test_wait, other);
  ASSERT_EQ(run([] {
              call(1, nullptr, nullptr, [] {
                wait(5);
                call(2, nullptr, nullptr, [] { wait(6); });
              });
              wait(7);
              return 0;
            }),
            0);
  EXPECT_THAT(nested(probes),
              ElementsAre(Pair(5, true), Pair(6, true), Pair(1, false), Pair(7, false)))
      << "a call within itself is part of it";
}

TEST_F(ProbesTest, AroundACallThatWasLeftByAJumpIsNothing) {
  static std::jmp_buf back;
  weft_probe other = spec();
  other.call = 2;
  attach_call(&weft_test_call, spec());
  attach_call(&weft_test_wait, other);
  ASSERT_EQ(run([] {
              if (setjmp(back) == 0) call(1, nullptr, nullptr, [] { std::longjmp(back, 1); });
              call(2, nullptr, nullptr, [] { wait(5); });
              wait(6);
              return 0;
            }),
            0);
  EXPECT_THAT(nested(probes), ElementsAre(Pair(5, true), Pair(2, false), Pair(6, false)));
}

TEST_F(ProbesTest, CallsDeeperThanAreFollowedLeaveTheOthersAlone) {
  static uint64_t left = 9;
  static void (*again)() = [] {
    if (left-- > 0) call(left, nullptr, nullptr, again);
  };
  attach_call(&weft_test_call, spec());
  ASSERT_EQ(run([] {
              again();
              call(100, nullptr, nullptr, nullptr);
              return 0;
            }),
            0);
  EXPECT_EQ(nested(probes).back(), std::pair(uint64_t{100}, false));
}

TEST_F(ProbesTest, OnlyWithTheResult) {
  weft_probe wanted = spec();
  wanted.only = WEFT_ONLY_RESULT;
  wanted.result_mask = 0xf;
  wanted.result_value = 3;
  attach_call(&weft_test_call, wanted);
  ASSERT_EQ(run([] {
              for (uint64_t i = 0; i < 0x20; ++i) call(i, nullptr, nullptr, nullptr);
              return 0;
            }),
            0);
  EXPECT_THAT(results(), ElementsAre(0x03u, 0x13u));
}

TEST_F(ProbesTest, AFunctionThatIsNotThereIsRefused) {
  CompiledProbe probe{.binary = "/nonexistent/file", .offset = 16, .spec = spec()};
  probe.spec.kind = WEFT_PROBE_POINT;
  const auto refused = object_->probes().attach(probe);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("probe refused"));
}

}  // namespace
}  // namespace weft::kernel
