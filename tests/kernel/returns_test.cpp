// SPDX-License-Identifier: Apache-2.0
// What a call tells of its return: values that are read only then, and whether it slept.
#include <chrono>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <thread>

#include "agent/discover/proc/temp_tree.h"
#include "tests/kernel/probes_fixture.h"

namespace weft::kernel {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;
using namespace testing;

class ReturnsTest : public ProbesTest {
 protected:
  // A global as a value.
  static weft_fetch global(const uint64_t* address) {
    const uint64_t distance = address_of(address) - address_of(&weft_test_call);
    return fetch(WEFT_FETCH_CODE, 0, 8, {static_cast<int64_t>(distance)});
  }
};

TEST_F(ReturnsTest, LateValuesAreReadAtTheReturn) {
  weft_probe wanted = spec();
  wanted.values = 2;
  wanted.value[0] = global(&weft_test_global);
  wanted.value[1] = wanted.value[0];
  wanted.value[1].late = 1;
  attach_call(&weft_test_call, wanted);
  ASSERT_EQ(run([] {
              weft_test_global = 5;
              call(1, nullptr, nullptr, [] { weft_test_global = 6; });
              return 0;
            }),
            0);
  ASSERT_THAT(probes, SizeIs(1));
  EXPECT_EQ(probes[0].value[0], 5u);
  EXPECT_EQ(probes[0].value[1], 6u);
}

TEST_F(ReturnsTest, ValuesBesideOneAnotherAreReadTogether) {
  static uint64_t row[] = {0, 12, 13, 14};
  weft_probe wanted = spec();
  for (size_t i = 0; i < std::size(row); ++i) wanted.value[i] = global(row + i);
  wanted.value[6] = wanted.value[7] = fetch(WEFT_FETCH_CODE, 0, 8, {1ll << 50});
  attach_call(&weft_test_call, wanted);
  ASSERT_EQ(run([] {
              row[0] = 11;  // in memory: nothing is paged in for a probe
              call(1, nullptr, nullptr, nullptr);
              return 0;
            }),
            0);
  ASSERT_THAT(probes, SizeIs(1));
  EXPECT_THAT(std::vector(probes[0].value, probes[0].value + 4), ElementsAre(11u, 12u, 13u, 14u));
  EXPECT_EQ(probes[0].missing, 0xc0u);
}

void sleep_briefly() {
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

TEST_F(ReturnsTest, WhoSleptInsideSaysSo) {
  attach_call(&weft_test_call, spec());
  ASSERT_EQ(run([] {
              sleep_briefly();
              call(1, nullptr, nullptr, nullptr);
              call(2, nullptr, nullptr, sleep_briefly);
              call(3, nullptr, nullptr, nullptr);
              return 0;
            }),
            0);
  ASSERT_THAT(results(), ElementsAre(1u, 2u, 3u));
  EXPECT_FALSE(probes[0].flags & WEFT_PROBE_SLEPT);
  EXPECT_TRUE(probes[1].flags & WEFT_PROBE_SLEPT);
  EXPECT_FALSE(probes[2].flags & WEFT_PROBE_SLEPT);
}

TEST_F(ReturnsTest, WhoSleptMayBeBusy) {
  weft_probe wanted = spec();
  wanted.only = WEFT_ONLY_BUSY | WEFT_OR_SLEPT;
  attach_call(&weft_test_call, wanted);
  ASSERT_EQ(run([] {
              call(1, nullptr, nullptr, nullptr);
              call(2, nullptr, nullptr, sleep_briefly);
              return 0;
            }),
            0);
  ASSERT_THAT(results(), ElementsAre(2u));
  EXPECT_FALSE(probes[0].flags & WEFT_PROBE_BUSY);
}

TEST_F(ReturnsTest, AWriteSaysWhetherItsThreadHadSleptInTheCall) {
  static int log = -1;
  static void (*write_log)() = [] { (void)!write(log, "x", 1); };
  const weft::testing::TempTree tree;
  std::filesystem::create_directory(tree.path("weft_wal"));
  log = open(tree.path("weft_wal/1.log").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  attach_call(&weft_test_call, spec());
  ASSERT_EQ(run([] {
              sleep_briefly();
              write_log();
              call(1, nullptr, nullptr, write_log);
              call(2, nullptr, nullptr, [] {
                sleep_briefly();
                write_log();
              });
              return 0;
            }),
            0);
  close(log);
  if (ops.empty()) GTEST_SKIP() << "no file io here";
  std::vector<bool> slept;
  for (const auto& op : ops) slept.push_back((op.event.flags & WEFT_IO_SLEPT) != 0);
  EXPECT_THAT(slept, ElementsAre(false, false, true));
}

}  // namespace
}  // namespace weft::kernel
