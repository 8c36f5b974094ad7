// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/fold_io.h"

#include <algorithm>
#include <utility>

#include "agent/storage/describe.h"

namespace weft::storage {
namespace {

// Covers all operations; attributed to the thread of the last one.
void frame(const std::vector<PendingIo>& ios, SpanTree& tree) {
  const SpanTree& last = ios.back().tree;
  tree.start = last.start;
  for (const PendingIo& io : ios) tree.start = std::min(tree.start, io.tree.start);
  tree.end = last.end;
  tree.by = last.by;
  tree.parent_ref = last.parent_ref;
}

void end_run(std::vector<PendingIo>& run, std::vector<PendingIo>& out, const Engine& engine,
             EngineTracer& tracer) {
  if (run.empty()) return;
  out.push_back(flush_of(std::exchange(run, {}), &engine, &tracer));
}

}  // namespace

IoSummary fold_io(std::vector<PendingIo>& ios, SpanTree& tree) {
  IoSummary summary;
  for (PendingIo& io : ios) {
    summary.bytes += io.summary.bytes;
    summary.writes += io.summary.writes;
    summary.syncs += io.summary.syncs;
    summary.waits += io.summary.waits + (io.tree.links.empty() ? 0 : 1);
    if (!io.path.empty()) summary.file = io.path;
    const bool failed = !io.tree.error_type.empty();
    if (failed) tree.error_type = io.tree.error_type;
    if (io.is_write && !failed) continue;
    if (io.is_write) io.tree.name = "wal.write";
    tree.children.push_back(std::move(io.tree));
  }
  return summary;
}

PendingIo flush_of(std::vector<PendingIo> ios, const Engine* engine, EngineTracer* tracer) {
  PendingIo flush;
  flush.engine = engine;
  frame(ios, flush.tree);
  flush.summary = fold_io(ios, flush.tree);
  flush.path = flush.summary.file;
  flush.summary.file = flush.path;
  if (flush.summary.syncs > 0) {
    describe_flush(engine, flush.summary, flush.tree);
  } else {
    describe_append(engine, flush.summary, flush.tree);
  }
  if (tracer) tracer->by_files(flush.summary, flush.tree);
  flush.summary.file = {};  // would dangle: `path` may move with the io
  return flush;
}

std::vector<PendingIo> with_flushes(std::vector<PendingIo> ios, const Engine& engine,
                                    EngineTracer& tracer) {
  std::vector<PendingIo> out;
  std::vector<PendingIo> run;
  for (PendingIo& io : ios) {
    if (io.is_write || io.is_sync) {
      run.push_back(std::move(io));
      continue;
    }
    end_run(run, out, engine, tracer);
    out.push_back(std::move(io));
  }
  end_run(run, out, engine, tracer);
  return out;
}

}  // namespace weft::storage
