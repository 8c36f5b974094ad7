// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/gather.h"

#include <algorithm>
#include <utility>

#include "agent/storage/describe.h"

namespace weft::storage {
namespace {

// Around its deeds, and of the one whose doing it is: the last.
void frame(const std::vector<Deed>& deeds, Story& story) {
  const Story& last = deeds.back().story;
  story.start = last.start;
  for (const Deed& deed : deeds) story.start = std::min(story.start, deed.story.start);
  story.end = last.end;
  story.by = last.by;
  story.place = last.place;
}

void end_run(std::vector<Deed>& run, std::vector<Deed>& out, const Engine& engine,
             Narrator& narrator) {
  if (run.empty()) return;
  out.push_back(flush_of(std::exchange(run, {}), &engine, &narrator));
}

}  // namespace

Work gather(std::vector<Deed>& deeds, Story& story) {
  Work work;
  for (Deed& deed : deeds) {
    work.bytes += deed.work.bytes;
    work.writes += deed.work.writes;
    work.syncs += deed.work.syncs;
    work.waits += deed.work.waits + (deed.story.links.empty() ? 0 : 1);
    if (!deed.path.empty()) work.file = deed.path;
    const bool failed = !deed.story.error_type.empty();
    if (failed) story.error_type = deed.story.error_type;
    if (deed.is_write && !failed) continue;
    if (deed.is_write) deed.story.name = "wal.write";
    story.inner.push_back(std::move(deed.story));
  }
  return work;
}

Deed flush_of(std::vector<Deed> deeds, const Engine* engine, Narrator* narrator) {
  Deed flush;
  flush.engine = engine;
  frame(deeds, flush.story);
  flush.work = gather(deeds, flush.story);
  flush.path = flush.work.file;
  flush.work.file = flush.path;
  if (flush.work.syncs > 0) {
    describe_flush(engine, flush.work, flush.story);
  } else {
    describe_append(engine, flush.work, flush.story);
  }
  if (narrator) narrator->by_files(flush.work, flush.story);
  flush.work.file = {};  // moves with the deed, and `path` may not stay in place
  return flush;
}

std::vector<Deed> with_flushes(std::vector<Deed> deeds, const Engine& engine, Narrator& narrator) {
  std::vector<Deed> out;
  std::vector<Deed> run;
  for (Deed& deed : deeds) {
    if (deed.is_write || deed.is_sync) {
      run.push_back(std::move(deed));
      continue;
    }
    end_run(run, out, engine, narrator);
    out.push_back(std::move(deed));
  }
  end_run(run, out, engine, narrator);
  return out;
}

}  // namespace weft::storage
