// SPDX-License-Identifier: Apache-2.0
#include "agent/attach/log_writers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <vector>

#include "agent/discover/proc/temp_tree.h"

namespace weft::attach {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr uint64_t kSecond = 1'000'000'000;

class LogWritersTest : public ::testing::Test {
 protected:
  void process(uint32_t pid, const std::string& open_file) {
    const std::string folder = "proc/" + std::to_string(pid) + "/fd";
    std::filesystem::create_directories(tree_.path(folder));
    ASSERT_EQ(symlink(open_file.c_str(), tree_.path(folder + "/3").c_str()), 0);
  }
  void end(uint32_t pid) { std::filesystem::remove_all(tree_.path("proc/" + std::to_string(pid))); }
  void scan() {
    writers_.scan([](std::string_view folder, std::string_view name) {
      return folder == "wal" && name.ends_with(".log");
    });
  }

  weft::testing::TempTree tree_;
  std::vector<bool> observed_;
  LogWriters writers_{[this](bool wanted) { observed_.push_back(wanted); }, tree_.path("proc")};
};

TEST_F(LogWritersTest, WhoHasALogOpenIsFound) {
  process(10, "socket:[123]");
  process(11, "/var/other/1.log");
  scan();
  EXPECT_THAT(observed_, IsEmpty());
  process(12, "/var/wal/1.log");
  scan();
  EXPECT_THAT(observed_, ElementsAre(true));
}

TEST_F(LogWritersTest, AMinuteAfterTheLastOneHasEndedNothingIsHooked) {
  process(10, "pipe:[1]");
  process(11, "pipe:[2]");
  writers_.add(10);
  writers_.add(11);
  writers_.add(11);
  writers_.ended(10);
  for (uint64_t at = 100; at < 300; ++at) writers_.tick(at * kSecond);
  EXPECT_THAT(observed_, ElementsAre(true)) << "one still runs";
  writers_.ended(11);
  for (uint64_t at = 300; at < 360; ++at) writers_.tick(at * kSecond);
  EXPECT_THAT(observed_, ElementsAre(true)) << "a database may be restarted";
  writers_.tick(360 * kSecond);
  EXPECT_THAT(observed_, ElementsAre(true, false));
  writers_.tick(500 * kSecond);
  writers_.add(12);
  EXPECT_THAT(observed_, ElementsAre(true, false, true));
}

TEST_F(LogWritersTest, AnEndThatWasNotToldIsNoticed) {
  process(10, "pipe:[1]");
  writers_.add(10);
  writers_.tick(100 * kSecond);
  end(10);
  writers_.tick(131 * kSecond);
  writers_.tick(191 * kSecond);
  EXPECT_THAT(observed_, ElementsAre(true, false));
}

}  // namespace
}  // namespace weft::attach
