// SPDX-License-Identifier: Apache-2.0
// The interface to storage engines: which files are logs, which functions to probe, and what their
// calls mean. An engine is one row of data and one EngineTracer (probes/storage/<name>).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "agent/port/exchange.h"
#include "agent/port/probe_target.h"
#include "agent/port/span_tree.h"
#include "bpf/abi/weft_event.h"

namespace weft {

// Matches files by the last two components of their path, as in fnmatch(3): "pg_wal/*". A glob
// without a slash matches in any folder.
struct LogPattern {
  std::string_view glob;
  weft_file_use use;
};

struct LogFile {
  uint64_t id = 0;
  std::string path;  // from the root of its file system; if too long, the front is replaced by "…/"
  std::string name;
  uint32_t flags = 0;  // flags of open(): O_DSYNC …
  weft_file_use use = WEFT_FILE_LOG;
};

// An operation on a log file. Valid during the call.
struct FileOp {
  const LogFile& file;
  weft_file_op op;
  uint64_t start;  // CLOCK_MONOTONIC ns; the end is by.time
  Stamp by;
  int64_t result;  // bytes, 0, or -errno
  uint32_t fd;
  std::string_view bytes;  // WEFT_FILE_ENTRY only: the beginning of what was written
  uint16_t within = 0;     // number_on_thread of the innermost enclosing ProbedCall; 0: unknown
  bool slept = false;      // the thread had slept in that call before this operation
};

// A probed call, or one hit of a kPoint. Valid during the call.
struct ProbedCall {
  uint8_t number = 0;
  uint64_t start = 0;  // the end is by.time
  Stamp by{};
  uint64_t result = 0;
  std::array<uint64_t, WEFT_PROBE_VALUES> values{};
  uint32_t missing = 0;  // bit i: value i is absent
  std::string_view text{};
  bool no_text = false;      // the text's pointer is null; false for an empty or unreadable text
  bool interrupted = false;  // a suspended call that a kFinish ended
  // Calls are numbered per thread and the numbers repeat after 65535: this call's number, and that
  // of its enclosing probed call. 0: unknown, or none.
  uint16_t number_on_thread = 0;
  uint16_t within = 0;
  bool slept = false;            // the thread slept inside; false if that is unknown
  bool seen_from_start = false;  // the agent saw the process start, so its counters began at 0
  // If this call did not sync itself: the last sync by its instance (a server with all its
  // processes) that ended while the call ran. Null: none.
  SpanContextPtr last_sync{};

  std::optional<uint64_t> value(size_t i) const {
    return (missing >> i & 1) != 0 ? std::nullopt : std::optional(values[i]);
  }
};

// Totals of the writes and syncs inside a call.
struct IoSummary {
  uint64_t bytes = 0;
  uint64_t writes = 0;
  uint64_t syncs = 0;
  uint64_t waits = 0;       // for another thread's sync
  std::string_view file{};  // path of the file of the last operation

  // The data is durable, by this call's sync or by another's.
  bool durable() const { return syncs > 0 || waits > 0; }
};

// Takes the span trees that a tracer makes from operations on WEFT_FILE_ENTRY files.
class EntrySink {
 public:
  virtual ~EntrySink() = default;
  // The parent for span trees of what `by` did; see SpanTreeSink.
  virtual ParentRefPtr parent_ref(const Stamp& by) = 0;
  virtual SpanContextPtr reserve_context(const ParentRefPtr& parent_ref) = 0;
  virtual void push(SpanTree tree) = 0;
};

// Interprets the operations of one engine instance: a server with all its processes, or a library
// in one process. One thread; bounded memory.
class EngineTracer {
 public:
  virtual ~EngineTracer() = default;
  // `tree` already has times, thread and children; set its name and attributes. False: not worth a
  // span; the children are emitted without it.
  virtual bool call(const ProbedCall& call, const IoSummary& summary, SpanTree& tree) = 0;
  // A wal.flush or wal.append inferred from file I/O only. `tree` is already described; add what
  // the engine knows.
  virtual void by_files(const IoSummary& summary, SpanTree& tree) { (void)summary, (void)tree; }
  // An operation on a file of use WEFT_FILE_ENTRY.
  virtual void entry(const FileOp& op, EntrySink& sink) { (void)op, (void)sink; }
  // Paths as passed to rename(), truncated to WEFT_RENAME_MAX.
  virtual void renamed(const Stamp& by, std::string_view from, std::string_view to,
                       EntrySink& sink) {
    (void)by, (void)from, (void)to, (void)sink;
  }
  // Called about once a second. now: CLOCK_MONOTONIC ns, as in the events.
  virtual void tick(uint64_t now, EntrySink& sink) { (void)now, (void)sink; }
  // A process of the instance ended.
  virtual void exited(uint32_t pid, EntrySink& sink) { (void)pid, (void)sink; }
};

// One row of the registry. Constant data.
struct Engine {
  ProbeTarget target;       // id: from probes/engine.def
  std::string_view system;  // db.system.name; empty: not a database
  std::span<const LogPattern> logs;
  // A log whose name begins so is still being made: no commit waits for its syncs. Empty: none.
  std::string_view unfinished{};
  // A thread serves one connection at a time from start to end, so that connection's request is the
  // parent of what the thread does.
  bool thread_owns_request;
  // It may run without a log: its processes are followed by their files only once one is seen.
  bool log_is_optional = false;
  std::unique_ptr<EngineTracer> (*make)();
};

// Expanded from probes/engine.def (probes/engines.cpp).
std::span<const Engine> engines();

// Null: no engine has the id.
inline const Engine* engine_with(uint8_t id) {
  const auto all = engines();
  const auto found = std::ranges::find(all, id, [](const Engine& row) { return row.target.id; });
  return found == all.end() ? nullptr : &*found;
}

// A call of it may contain flushes; false: a point, or a part of another call.
inline bool has_flushes(const ProbeSpec& spec) {
  return spec.shape == ProbeSpec::Shape::kCall && !spec.nested;
}

}  // namespace weft
