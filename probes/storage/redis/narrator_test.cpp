// SPDX-License-Identifier: Apache-2.0
#include "probes/storage/redis/narrator.h"

#include <gtest/gtest.h>

#include "agent/base/semconv.h"

namespace weft::engine::redis {
namespace {

Story flush(const Work& work, std::string error = {}) {
  Story story;
  story.error_type = std::move(error);
  EXPECT_TRUE(make_narrator()->call({.number = kFlush}, work, story));
  return story;
}

const Value durable(bool is) {
  return Value(is);
}

TEST(Redis, AFlushIsForEveryOpenRequest) {
  const Story story = flush({.bytes = 90, .writes = 1, .syncs = 1, .file = "/d/a.aof"});
  EXPECT_EQ(story.name, "wal.flush");
  EXPECT_TRUE(story.serves_all);
  EXPECT_EQ(story.attributes.text(semconv::kDbSystemName), "redis");
  EXPECT_EQ(story.attributes.text(semconv::kWalFilePath), "/d/a.aof");
  EXPECT_EQ(*story.attributes.find(semconv::kWalBytes), Value(int64_t{90}));
}

TEST(Redis, DurableOnlyIfSyncedInside) {
  const auto is_durable = [](const Story& story) {
    return *story.attributes.find(semconv::kWalDurable);
  };
  EXPECT_EQ(is_durable(flush({.writes = 1, .syncs = 1})), durable(true));
  EXPECT_EQ(is_durable(flush({.writes = 1})), durable(false)) << "everysec";
  EXPECT_EQ(is_durable(flush({.writes = 1, .syncs = 1}, "EIO")), durable(false));
}

TEST(Redis, ARewriteIsSaidToBeOne) {
  const auto cause = [](std::string_view file) {
    Story story;
    make_narrator()->by_files({.file = file}, story);
    return std::string(story.attributes.text(semconv::kWalCause));
  };
  EXPECT_EQ(cause("/data/temp-rewriteaof-bg-12.aof"), "rewrite");
  EXPECT_EQ(cause("/data/appendonlydir/appendonly.aof.1.incr.aof"), "");
}

}  // namespace
}  // namespace weft::engine::redis
