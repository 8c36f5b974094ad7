// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/log_io.h"

#include <cerrno>
#include <gmock/gmock.h>

#include "agent/storage/storage_fixture.h"

namespace weft::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class LogIoTest : public ::testing::Test {
 protected:
  File file_of(uint8_t engine) {
    engines_.push_back(engine_with(engine));
    File file{.log = {.id = engine, .path = "/log", .name = "log"}, .engines = {}};
    file.engines = std::span(engines_).last(1);
    return file;
  }
  void operation(File& file, weft_file_op op, int64_t result, uint64_t start, uint64_t end,
                 uint16_t within = 0) {
    Stamp by{};
    by.time = end;
    by.pid = by.tid = 7;
    log_io_.on_operation(file, {.file = file.log,
                                .op = op,
                                .start = start,
                                .by = by,
                                .result = result,
                                .fd = 3,
                                .bytes = {},
                                .within = within});
  }
  std::vector<std::string> told() { return testing::shapes(sink_.trees); }

  LogIoTest() { engines_.reserve(4); }  // files refer to its elements

  testing::FakeSink sink_;
  testing::FakeMeter meter_;
  CounterSet counters_;
  std::vector<const Engine*> engines_;
  EnginePresence presence_{counters_};
  Instances instances_{[](uint32_t pid) { return pid; }};
  Output output_{sink_, meter_, instances_, counters_};
  LogIo log_io_{presence_, instances_, output_, counters_};
};

TEST_F(LogIoTest, WithoutFunctionsToProbeASyncEndsAFlush) {
  File file = file_of(1);
  operation(file, WEFT_FILE_WRITE, 100, 1, 2);
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_EQ(file.unsynced, 100u);
  operation(file, WEFT_FILE_FSYNC, 0, 3, 4);
  EXPECT_THAT(told(), ElementsAre("wal.flush{wal.sync}"));
  EXPECT_EQ(file.unsynced, 0u);
  EXPECT_THAT(meter_.operations, ElementsAre("wal.write 100", "wal.sync 0"));
}

TEST_F(LogIoTest, ElseItWaitsForItsCall) {
  File file = file_of(2);
  operation(file, WEFT_FILE_WRITE, 100, 1, 2);
  operation(file, WEFT_FILE_FSYNC, 0, 3, 4);
  log_io_.sweep(4 + LogIo::kPatience);
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_THAT(log_io_.take(7, {.start = 0, .end = 5}), SizeIs(2));
  log_io_.sweep(5 + LogIo::kPatience);
  EXPECT_THAT(told(), IsEmpty()) << "the call has it";
}

TEST_F(LogIoTest, WithoutACallItIsAFlushOfItsOwn) {
  File file = file_of(2);
  operation(file, WEFT_FILE_WRITE, 100, 1, 2);
  operation(file, WEFT_FILE_FSYNC, 0, 3, 4);
  log_io_.sweep(5 + LogIo::kPatience);
  EXPECT_THAT(told(), ElementsAre("wal.flush{wal.sync}"));
  operation(file, WEFT_FILE_FSYNC, 0, 6, 7);
  log_io_.sweep(8 + LogIo::kShortPatience);
  EXPECT_THAT(told(), SizeIs(2)) << "the thread is known to do so";
}

TEST_F(LogIoTest, ACallWhoseEndWasLostIsNotWaitedForWithoutEnd) {
  File file = file_of(2);
  operation(file, WEFT_FILE_FSYNC, 0, 3, 4, /*within=*/9);
  log_io_.sweep(4 + LogIo::kLongPatience);
  EXPECT_THAT(told(), IsEmpty());
  log_io_.sweep(5 + LogIo::kLongPatience);
  EXPECT_THAT(told(), ElementsAre("wal.flush{wal.sync}"));
}

TEST_F(LogIoTest, AProcessThatEndsLeavesNothing) {
  File file = file_of(2);
  operation(file, WEFT_FILE_WRITE, -EIO, 1, 2);
  log_io_.ended(8);
  EXPECT_THAT(told(), IsEmpty());
  log_io_.ended(7);
  EXPECT_THAT(told(), ElementsAre("wal.append!EIO{wal.write!EIO}"));
}

}  // namespace
}  // namespace weft::storage
