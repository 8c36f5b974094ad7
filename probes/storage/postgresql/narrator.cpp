// SPDX-License-Identifier: Apache-2.0
#include "probes/storage/postgresql/narrator.h"

#include <cstdio>
#include <unordered_map>

#include "agent/base/semconv.h"
#include "agent/port/flush_story.h"

namespace weft::engine::postgresql {
namespace {

// Places of the values of kFlush and kAsyncCommit.
enum : size_t { kTarget, kLastRecord, kRecords, kPageImages, kBytes };

// As PostgreSQL writes it: both halves in hex.
std::string lsn_text(uint64_t lsn) {
  char text[24];
  std::snprintf(text, sizeof text, "%X/%X", static_cast<unsigned>(lsn >> 32),
                static_cast<unsigned>(lsn));
  return text;
}

class PostgresNarrator final : public Narrator {
 public:
  bool call(const SiteCall& call, const Work& work, Story& story) override {
    switch (static_cast<Call>(call.number)) {
      case kFlush:
        flush(call, work, story);
        return true;
      case kWait:
        return wait(call, story);
      case kNewSegment:
        story.name = "wal.segment.create";
        return true;
      case kBackgroundFlush:
        finish_flush(call, work, story, "background");
        return true;
      case kRecord:
        record(call, story);
        return true;
      case kAsyncCommit:
        return async_commit(call, story);
    }
    return false;
  }
  void exited(uint32_t pid, StorySink&) override { usage_.erase(pid); }

 private:
  struct Usage {
    uint64_t records = 0, page_images = 0, bytes = 0;
  };

  void flush(const SiteCall& call, const Work& work, Story& story) {
    const auto target = call.value(kTarget);
    const auto last = call.value(kLastRecord);
    const bool commits = target && last && *target == *last;
    if (commits) add_append(call, story);
    if (target) story.attributes.set(semconv::kWalLsn, lsn_text(*target));
    finish_flush(call, work, story, commits ? "commit" : "page_write");
  }

  static void finish_flush(const SiteCall& call, const Work& work, Story& story,
                           std::string_view cause) {
    tell_commit("postgresql", call, work, story);
    story.attributes.set(semconv::kWalCause, cause);
  }

  // A wait that nobody's sync ended (its lock was taken for another reason) is kept: it is
  // time that passed.
  static bool wait(const SiteCall& call, Story& story) {
    story.name = "wal.wait";
    if (call.last_sync) story.links.push_back(call.last_sync);
    return true;
  }

  // The first argument is the resource manager's number, in a byte (rmgrlist.h).
  static void record(const SiteCall& call, Story& story) {
    story.name = "wal.record";
    story.attributes.set(semconv::kDbSystemName, "postgresql");
    story.attributes.set(semconv::kWalLsn, lsn_text(call.result));
    if (const auto manager = call.value(0)) {
      story.attributes.set(semconv::kWalRecordManager, static_cast<uint32_t>(*manager & 0xff));
    }
  }

  bool async_commit(const SiteCall& call, Story& story) {
    describe_append(call, story);
    if (const auto target = call.value(kTarget)) {
      story.attributes.set(semconv::kWalLsn, lsn_text(*target));
    }
    story.attributes.set(semconv::kWalDurable, Value(false));
    return true;
  }

  // The transaction's records, complete when the flush begins.
  void add_append(const SiteCall& call, Story& story) {
    Story append;
    append.start = append.end = call.start;
    append.by = call.by;
    if (describe_append(call, append)) story.inner.insert(story.inner.begin(), std::move(append));
  }

  // What the backend has written since its last commit; unknown for the first one of a
  // backend older than the agent.
  bool describe_append(const SiteCall& call, Story& story) {
    story.name = "wal.append";
    story.attributes.set(semconv::kDbSystemName, "postgresql");
    const auto records = call.value(kRecords);
    const auto images = call.value(kPageImages);
    const auto bytes = call.value(kBytes);
    if (!records || !images || !bytes) return false;
    const Usage now{*records, *images, *bytes};
    const auto [entry, is_new] = usage_.try_emplace(call.by.pid);
    const Usage before = std::exchange(entry->second, now);
    if ((is_new && !call.born) || now.records < before.records) return false;
    story.attributes.set(semconv::kWalRecords, now.records - before.records);
    story.attributes.set(semconv::kWalRecordBytes, now.bytes - before.bytes);
    story.attributes.set(semconv::kWalPageImages, now.page_images - before.page_images);
    return true;
  }

  std::unordered_map<uint32_t, Usage> usage_;  // by pid, at its last commit
};

}  // namespace

std::unique_ptr<Narrator> make_narrator() {
  return std::make_unique<PostgresNarrator>();
}

}  // namespace weft::engine::postgresql
