// SPDX-License-Identifier: Apache-2.0
#include "probes/storage/file/entries.h"

#include <cerrno>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/base/semconv.h"

namespace weft::engine::file {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Told final : public EntrySink {
 public:
  ParentRefPtr parent_ref(const Stamp&) override { return nullptr; }
  SpanContextPtr reserve_context(const ParentRefPtr&) override {
    return std::make_shared<const SpanContext>(TraceContext{}, SpanId::random());
  }
  void push(SpanTree tree) override { trees.push_back(std::move(tree)); }
  std::vector<SpanTree> trees;
};

struct Where {
  std::string path = "/wal/pending/1.json";
  uint32_t fd = 5;
  uint32_t pid = 7;
};

class EntriesTest : public ::testing::Test {
 protected:
  void op(weft_file_op what, const Where& where, int64_t result = 0, std::string_view bytes = {}) {
    LogFile file;
    file.path = where.path;
    file.name = where.path.substr(where.path.rfind('/') + 1);
    file.use = WEFT_FILE_ENTRY;
    const uint64_t start = now_;
    now_ += 10;
    tracer_.entry({.file = file,
                   .op = what,
                   .start = start,
                   .by = by(where.pid),
                   .result = result,
                   .fd = where.fd,
                   .bytes = bytes},
                  sink_);
  }
  Stamp by(uint32_t pid = 7) const { return {.time = now_, .tid = pid, .pid = pid}; }
  // Opens, writes and closes a file.
  void write(std::string_view text, const Where& where = {}) {
    op(WEFT_FILE_OPEN, where, where.fd);
    op(WEFT_FILE_WRITE, where, static_cast<int64_t>(text.size()), text);
    op(WEFT_FILE_CLOSE, where);
  }
  void rename(std::string_view from, std::string_view to) {
    now_ += 10;
    tracer_.renamed(by(), from, to, sink_);
  }
  // Long enough for all changes to end.
  void quiet() {
    now_ += EntryTracer::kQuiet;
    tracer_.tick(now_, sink_);
  }
  std::vector<std::string> told() {
    std::vector<std::string> out;
    for (const SpanTree& tree : sink_.trees) {
      const std::string_view status = tree.attributes.text(semconv::kWalEntryStatus);
      out.push_back(tree.name + (status.empty() ? "" : " ") + std::string(status) +
                    (tree.error_type.empty() ? "" : "!" + tree.error_type));
    }
    return out;
  }
  static std::string text(const SpanTree& tree, Key key) {
    return std::string(tree.attributes.text(key));
  }
  static int64_t number(const SpanTree& tree, Key key) {
    return std::get<int64_t>(*tree.attributes.find(key));
  }

  uint64_t now_ = 1000;
  Told sink_;
  EntryTracer tracer_;
};

constexpr std::string_view kPending =
    R"({"operation_id":"a","operation_type":"pin","backend":"ipfs","status":"pending"})";
constexpr std::string_view kRunning = R"({"operation_id":"a","status":"processing"})";
constexpr std::string_view kDone = R"({"operation_id":"a","status":"completed"})";

TEST_F(EntriesTest, AnEntryIsAddedUpdatedCompleted) {
  write(kPending);
  EXPECT_THAT(told(), IsEmpty()) << "it may go on";
  write(kRunning);
  write(kDone);
  quiet();
  ASSERT_THAT(told(), ElementsAre("wal.entry.add pending", "wal.entry.update processing",
                                  "wal.entry.complete completed"));
  const SpanTree& add = sink_.trees[0];
  EXPECT_EQ(text(add, semconv::kWalEntryId), "a");
  EXPECT_EQ(text(add, semconv::kWalEntryType), "pin");
  EXPECT_EQ(text(add, semconv::kWalEntryBackend), "ipfs");
  EXPECT_EQ(text(add, semconv::kWalFilePath), "/wal/pending/1.json");
  EXPECT_EQ(number(add, semconv::kWalBytes), static_cast<int64_t>(kPending.size()));
  EXPECT_EQ(number(add, semconv::kWalWrites), 1);
  EXPECT_FALSE(std::get<bool>(*add.attributes.find(semconv::kWalDurable)));
  EXPECT_EQ(add.start, 1000u);
  EXPECT_EQ(add.end, 1030u);
  EXPECT_EQ(add.by.pid, 7u);
}

TEST_F(EntriesTest, EachChangeLinksToTheOneBefore) {
  write(kPending);
  write(kRunning);
  write(kDone);
  quiet();
  ASSERT_THAT(sink_.trees, SizeIs(3));
  EXPECT_THAT(sink_.trees[0].links, IsEmpty());
  EXPECT_THAT(sink_.trees[1].links, ElementsAre(sink_.trees[0].span_context));
  EXPECT_THAT(sink_.trees[2].links, ElementsAre(sink_.trees[1].span_context));
}

TEST_F(EntriesTest, WhatRepeatsAStatusIsTheSameChange) {
  write(kPending);
  write(kPending);
  quiet();
  ASSERT_THAT(told(), ElementsAre("wal.entry.add pending"));
  EXPECT_EQ(number(sink_.trees[0], semconv::kWalWrites), 2);
  EXPECT_EQ(sink_.trees[0].end, 1060u);
}

TEST_F(EntriesTest, QuietIsAFifthOfASecond) {
  write(kPending);
  tracer_.tick(1030 + EntryTracer::kQuiet - 1, sink_);
  EXPECT_THAT(told(), IsEmpty());
  tracer_.tick(1030 + EntryTracer::kQuiet, sink_);
  EXPECT_THAT(told(), SizeIs(1));
}

TEST_F(EntriesTest, ATemporaryFileAndItsRenameAreOneChange) {
  write(kPending, {.path = "/wal/temp/1.json.tmp"});
  rename("/wal/temp/1.json.tmp", "/wal/pending/1.json");
  quiet();
  ASSERT_THAT(told(), ElementsAre("wal.entry.add pending"));
  EXPECT_EQ(text(sink_.trees[0], semconv::kWalFilePath), "/wal/pending/1.json");
}

TEST_F(EntriesTest, ARelativeNameKeepsTheFolder) {
  write(kPending, {.path = "/wal/operations/1.tmp"});
  rename("1.tmp", "1.json");
  quiet();
  ASSERT_THAT(told(), SizeIs(1));
  EXPECT_EQ(text(sink_.trees[0], semconv::kWalFilePath), "/wal/operations/1.json");
}

TEST_F(EntriesTest, AMoveToTheFolderOfAStatusIsAChange) {
  write(kPending);
  rename("/wal/pending/1.json", "/wal/processing/1.json");
  rename("/wal/processing/1.json", "/wal/failed/1.json");
  quiet();
  ASSERT_THAT(told(), ElementsAre("wal.entry.add pending", "wal.entry.update processing",
                                  "wal.entry.complete failed!failed"));
  EXPECT_EQ(text(sink_.trees[1], semconv::kWalFilePath), "/wal/processing/1.json");
  EXPECT_EQ(number(sink_.trees[1], semconv::kWalBytes), 0);
  EXPECT_EQ(sink_.trees[1].start, sink_.trees[1].end);
}

TEST_F(EntriesTest, RenamesOfOtherFilesAreNothing) {
  write(kPending);
  rename("/elsewhere/2.json", "/wal/failed/2.json");
  quiet();
  EXPECT_THAT(told(), ElementsAre("wal.entry.add pending"));
}

TEST_F(EntriesTest, TheFolderIsTheStatusWhereTheEntryNamesNone) {
  write(R"({"id":"a"})", {.path = "/wal/completed/a.json"});
  quiet();
  EXPECT_THAT(told(), ElementsAre("wal.entry.complete completed"));
}

TEST_F(EntriesTest, AFailureNamesItsError) {
  write(R"({"id":"a","status":"failed","error_type":"Timeout"})");
  quiet();
  EXPECT_THAT(told(), ElementsAre("wal.entry.complete failed!Timeout"));
}

TEST_F(EntriesTest, AnErrorOfTheFileCounts) {
  op(WEFT_FILE_OPEN, {}, 5);
  op(WEFT_FILE_WRITE, {}, 10, kPending);
  op(WEFT_FILE_WRITE, {}, -ENOSPC);
  op(WEFT_FILE_CLOSE, {});
  quiet();
  EXPECT_THAT(told(), ElementsAre("wal.entry.add pending!ENOSPC"));
}

TEST_F(EntriesTest, ALogRewrittenAsAWholeTellsItsNews) {
  const std::string first = R"({"id":"a","status":"pending"})";
  const std::string second = R"({"id":"b","status":"pending"})";
  const Where where{.path = "/wal/partitions/wal_1"};
  write(first, where);
  quiet();
  write(first + "\n" + second, where);
  quiet();
  ASSERT_THAT(told(), ElementsAre("wal.entry.add pending", "wal.entry.add pending"));
  EXPECT_EQ(text(sink_.trees[1], semconv::kWalEntryId), "b");
}

TEST_F(EntriesTest, WhatSaysNothingOfItselfIsAWrite) {
  write("no json");
  ASSERT_THAT(told(), ElementsAre("wal.entry.write")) << "nothing to wait for";
  EXPECT_EQ(number(sink_.trees[0], semconv::kWalBytes), 7);
  EXPECT_EQ(sink_.trees[0].start, 1000u);
}

TEST_F(EntriesTest, AReaderIsNotTold) {
  op(WEFT_FILE_OPEN, {}, 5);
  op(WEFT_FILE_CLOSE, {});
  quiet();
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(EntriesTest, ACloseWithoutAnOpeningIsNotTold) {
  op(WEFT_FILE_CLOSE, {});
  quiet();
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(EntriesTest, WhatWasOpenBeforeIsToldFromItsFirstWrite) {
  op(WEFT_FILE_WRITE, {}, 10, kPending);
  op(WEFT_FILE_CLOSE, {});
  quiet();
  EXPECT_THAT(told(), ElementsAre("wal.entry.add pending"));
}

TEST_F(EntriesTest, TheEndOfAProcessEndsItsChanges) {
  write(kPending);
  op(WEFT_FILE_OPEN, {}, 5);
  op(WEFT_FILE_WRITE, {}, 10, kRunning);
  tracer_.exited(8, sink_);
  EXPECT_THAT(told(), IsEmpty()) << "another's";
  tracer_.exited(7, sink_);
  EXPECT_THAT(told(), ElementsAre("wal.entry.add pending")) << "what it did not close is lost";
  op(WEFT_FILE_CLOSE, {});
  quiet();
  EXPECT_THAT(told(), SizeIs(1));
}

TEST_F(EntriesTest, OpenFilesAreBounded) {
  for (uint32_t fd = 0; fd <= EntryTracer::kMaxOpen; ++fd) {
    op(WEFT_FILE_OPEN, {.fd = fd}, fd);
    op(WEFT_FILE_WRITE, {.fd = fd}, 4, "text");
  }
  op(WEFT_FILE_CLOSE, {.fd = EntryTracer::kMaxOpen});
  EXPECT_THAT(told(), SizeIs(1));
  op(WEFT_FILE_CLOSE, {.fd = 0});
  EXPECT_THAT(told(), SizeIs(1)) << "forgotten";
}

TEST_F(EntriesTest, TheFileUsedLongestAgoIsForgottenFirst) {
  for (uint32_t fd = EntryTracer::kMaxOpen + 1; fd-- > 0;) {
    op(WEFT_FILE_OPEN, {.fd = fd}, fd);
    op(WEFT_FILE_WRITE, {.fd = fd}, 4, "text");
  }
  op(WEFT_FILE_CLOSE, {.fd = 0});
  EXPECT_THAT(told(), SizeIs(1)) << "the newest, although its key is the lowest";
  op(WEFT_FILE_CLOSE, {.fd = EntryTracer::kMaxOpen});
  EXPECT_THAT(told(), SizeIs(1)) << "forgotten";
}

TEST_F(EntriesTest, OperationsAreBounded) {
  for (size_t i = 0; i <= EntryTracer::kMaxOperations; ++i) {
    write(R"({"id":"o)" + std::to_string(i) + R"(","status":"pending"})");
  }
  quiet();
  sink_.trees.clear();
  write(R"({"id":"o1","status":"processing"})");
  quiet();
  write(R"({"id":"o0","status":"processing"})");
  quiet();
  EXPECT_THAT(told(), ElementsAre("wal.entry.update processing", "wal.entry.add processing"));
}

TEST_F(EntriesTest, ChangesUnderWayAreBoundedToo) {
  for (size_t i = 0; i < EntryTracer::kMaxOperations + 10; ++i) {
    write(R"({"id":"o)" + std::to_string(i) + R"(","status":"pending"})");
  }
  EXPECT_THAT(told(), SizeIs(EntryTracer::kMaxOperations)) << "they wait no longer";
  quiet();
  EXPECT_THAT(told(), SizeIs(EntryTracer::kMaxOperations + 10));
}

TEST_F(EntriesTest, ATemporaryNameLeadsToItsOperation) {
  write(R"({"id": "a", "status": "pending"})", {.path = "/wal/pending/a.tmp"});
  write(R"({"id": "b", "status": "pending"})", {.path = "/wal/pending/b.tmp"});
  rename("/wal/pending/a.tmp", "/wal/failed/a.json");
  EXPECT_THAT(told(), ElementsAre("wal.entry.add pending"));
  quiet();
  rename("/wal/pending/b.tmp", "/wal/failed/b.json");
  quiet();
  EXPECT_THAT(told(), SizeIs(3)) << "a name is forgotten with its change";
}

TEST_F(EntriesTest, ANameIsItsLastOwners) {
  write(R"({"id": "a", "status": "pending"})", {.path = "/wal/tmp"});
  write(R"({"id": "b", "status": "pending"})", {.path = "/wal/tmp"});
  write(R"({"id": "a", "status": "processing"})", {.path = "/wal/a"});
  EXPECT_THAT(told(), ElementsAre("wal.entry.add pending"));
  rename("/wal/tmp", "/wal/failed/b");
  quiet();
  ASSERT_THAT(sink_.trees, SizeIs(4));
  EXPECT_EQ(text(sink_.trees[1], semconv::kWalEntryId), "b");
}

TEST_F(EntriesTest, OnlyTheLastNamesOfAChangeAreKept) {
  for (size_t i = 0; i <= EntryTracer::kMostNames; ++i) {
    write(R"({"id": "a", "status": "pending"})", {.path = "/wal/" + std::to_string(i)});
  }
  rename("/wal/0", "/wal/failed/a");
  EXPECT_THAT(told(), IsEmpty());
  rename("/wal/1", "/wal/failed/a");
  EXPECT_THAT(told(), SizeIs(1));
}

TEST_F(EntriesTest, AnEndIsOfOneProcessOnly) {
  write(R"({"id": "a", "status": "pending"})", {.pid = 7});
  write(R"({"id": "b", "status": "pending"})", {.pid = 7});
  write(R"({"id": "c", "status": "pending"})", {.pid = 8});
  tracer_.exited(7, sink_);
  tracer_.exited(7, sink_);
  EXPECT_THAT(told(), SizeIs(2));
  tracer_.exited(8, sink_);
  EXPECT_THAT(told(), SizeIs(3));
}

}  // namespace
}  // namespace weft::engine::file
