// SPDX-License-Identifier: Apache-2.0
#include "probes/storage/rocksdb/narrator.h"

#include <gtest/gtest.h>

#include "agent/base/semconv.h"

namespace weft::engine::rocksdb {
namespace {

Story told(Call number, uint64_t code) {
  Story story;
  EXPECT_TRUE(make_narrator()->call({.number = number, .values = {0, code}}, {}, story));
  return story;
}

TEST(RocksDb, AWriteCommitsAndASyncIsAskedFor) {
  EXPECT_EQ(told(kWrite, 0).attributes.text(semconv::kDbSystemName), "rocksdb");
  EXPECT_EQ(told(kWrite, 0).attributes.text(semconv::kWalCause), "commit");
  EXPECT_EQ(told(kSyncWal, 0).attributes.text(semconv::kWalCause), "sync");
}

TEST(RocksDb, TheCodeOfAStatusIsTheError) {
  EXPECT_EQ(told(kWrite, 0).error_type, "");
  EXPECT_EQ(told(kWrite, 11).error_type, "Busy");
  EXPECT_EQ(told(kSyncWal, 15).error_type, "ColumnFamilyDropped");
}

}  // namespace
}  // namespace weft::engine::rocksdb
