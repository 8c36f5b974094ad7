// SPDX-License-Identifier: Apache-2.0
#include "probes/storage/redis/tracer.h"

#include <gtest/gtest.h>

#include "agent/base/semconv.h"

namespace weft::engine::redis {
namespace {

SpanTree flush(const IoSummary& summary, std::string error = {}) {
  SpanTree tree;
  tree.error_type = std::move(error);
  EXPECT_TRUE(make_tracer()->call({.number = kFlush}, summary, tree));
  return tree;
}

const Value durable(bool is) {
  return Value(is);
}

TEST(Redis, AFlushIsForEveryOpenRequest) {
  const SpanTree tree = flush({.bytes = 90, .writes = 1, .syncs = 1, .file = "/d/a.aof"});
  EXPECT_EQ(tree.name, "wal.flush");
  EXPECT_TRUE(tree.serves_all);
  EXPECT_EQ(tree.attributes.text(semconv::kDbSystemName), "redis");
  EXPECT_EQ(tree.attributes.text(semconv::kWalFilePath), "/d/a.aof");
  EXPECT_EQ(*tree.attributes.find(semconv::kWalBytes), Value(int64_t{90}));
}

TEST(Redis, DurableOnlyIfSyncedInside) {
  const auto is_durable = [](const SpanTree& tree) {
    return *tree.attributes.find(semconv::kWalDurable);
  };
  EXPECT_EQ(is_durable(flush({.writes = 1, .syncs = 1})), durable(true));
  EXPECT_EQ(is_durable(flush({.writes = 1})), durable(false)) << "everysec";
  EXPECT_EQ(is_durable(flush({.writes = 1, .syncs = 1}, "EIO")), durable(false));
}

TEST(Redis, ARewriteIsSaidToBeOne) {
  const auto cause = [](std::string_view file) {
    SpanTree tree;
    make_tracer()->by_files({.file = file}, tree);
    return std::string(tree.attributes.text(semconv::kWalCause));
  };
  EXPECT_EQ(cause("/data/temp-rewriteaof-bg-12.aof"), "rewrite");
  EXPECT_EQ(cause("/data/appendonlydir/appendonly.aof.1.incr.aof"), "");
}

}  // namespace
}  // namespace weft::engine::redis
