// SPDX-License-Identifier: Apache-2.0
#include "probes/storage/postgresql/tracer.h"

#include <cstdio>
#include <unordered_map>

#include "agent/base/semconv.h"
#include "agent/port/flush_tree.h"

namespace weft::engine::postgresql {
namespace {

// In PostgreSQL's notation: both halves in hex.
std::string lsn_text(uint64_t lsn) {
  char text[24];
  std::snprintf(text, sizeof text, "%X/%X", static_cast<unsigned>(lsn >> 32),
                static_cast<unsigned>(lsn));
  return text;
}

class PostgresTracer final : public EngineTracer {
 public:
  bool call(const ProbedCall& call, const IoSummary& summary, SpanTree& tree) override {
    switch (static_cast<Call>(call.number)) {
      case kFlush:
        return flush(call, summary, tree);
      case kWait:
        return wait(call, tree);
      case kNewSegment:
        tree.name = "wal.segment.create";
        return true;
      case kBackgroundFlush:
        finish_flush(call, summary, tree, "background");
        return true;
      case kRecord:
        record(call, tree);
        return true;
      case kAsyncCommit:
        return async_commit(call, tree);
    }
    return false;
  }
  void exited(uint32_t pid, EntrySink&) override { usage_.erase(pid); }

 private:
  struct Usage {
    uint64_t records = 0, page_images = 0, bytes = 0;
  };

  // False: nothing was to be flushed for a page; the thread slept for another reason.
  bool flush(const ProbedCall& call, const IoSummary& summary, SpanTree& tree) {
    const auto target = call.value(kTarget);
    const auto last = call.value(kLastRecord);
    const bool commits = target && last && *target == *last;
    const bool worked = summary.writes > 0 || summary.durable() || !tree.children.empty();
    if (!commits && !worked) return false;
    if (commits) add_append(call, tree);
    if (target) tree.attributes.set(semconv::kWalLsn, lsn_text(*target));
    finish_flush(call, summary, tree, commits ? "commit" : "page_write");
    return true;
  }

  static void finish_flush(const ProbedCall& call, const IoSummary& summary, SpanTree& tree,
                           std::string_view cause) {
    describe_commit("postgresql", call, summary, tree);
    tree.attributes.set(semconv::kWalCause, cause);
  }

  // A wait that no sync ended (its lock was held for another reason) is kept too: the time was
  // spent.
  static bool wait(const ProbedCall& call, SpanTree& tree) {
    tree.name = "wal.wait";
    if (call.last_sync) tree.links.push_back(call.last_sync);
    return true;
  }

  // The first argument is the resource manager's id, one byte (rmgrlist.h).
  static void record(const ProbedCall& call, SpanTree& tree) {
    tree.name = "wal.record";
    tree.attributes.set(semconv::kDbSystemName, "postgresql");
    tree.attributes.set(semconv::kWalLsn, lsn_text(call.result));
    if (const auto manager = call.value(0)) {
      tree.attributes.set(semconv::kWalRecordManager, static_cast<uint32_t>(*manager & 0xff));
    }
  }

  bool async_commit(const ProbedCall& call, SpanTree& tree) {
    describe_append(call, tree);
    if (const auto target = call.value(kTarget)) {
      tree.attributes.set(semconv::kWalLsn, lsn_text(*target));
    }
    tree.attributes.set(semconv::kWalDurable, Value(false));
    return true;
  }

  // The transaction's records are complete when the flush begins.
  void add_append(const ProbedCall& call, SpanTree& tree) {
    SpanTree append;
    append.start = append.end = call.start;
    append.by = call.by;
    if (describe_append(call, append))
      tree.children.insert(tree.children.begin(), std::move(append));
  }

  // The WAL that the backend has written since its last commit; unknown for the first commit of a
  // backend older than the agent.
  bool describe_append(const ProbedCall& call, SpanTree& tree) {
    tree.name = "wal.append";
    tree.attributes.set(semconv::kDbSystemName, "postgresql");
    const auto records = call.value(kRecords);
    const auto images = call.value(kPageImages);
    const auto bytes = call.value(kBytes);
    if (!records || !images || !bytes) return false;
    const Usage now{*records, *images, *bytes};
    const auto [entry, is_new] = usage_.try_emplace(call.by.pid);
    const Usage before = std::exchange(entry->second, now);
    if ((is_new && !call.seen_from_start) || now.records < before.records) return false;
    tree.attributes.set(semconv::kWalRecords, now.records - before.records);
    tree.attributes.set(semconv::kWalRecordBytes, now.bytes - before.bytes);
    tree.attributes.set(semconv::kWalPageImages, now.page_images - before.page_images);
    return true;
  }

  std::unordered_map<uint32_t, Usage> usage_;  // by pid, at its last commit
};

}  // namespace

std::unique_ptr<EngineTracer> make_tracer() {
  return std::make_unique<PostgresTracer>();
}

}  // namespace weft::engine::postgresql
