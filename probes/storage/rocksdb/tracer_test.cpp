// SPDX-License-Identifier: Apache-2.0
#include "probes/storage/rocksdb/tracer.h"

#include <gtest/gtest.h>

#include "agent/base/semconv.h"

namespace weft::engine::rocksdb {
namespace {

SpanTree told(Call number, uint64_t code) {
  SpanTree tree;
  EXPECT_TRUE(make_tracer()->call({.number = number, .values = {0, code}}, {}, tree));
  return tree;
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
