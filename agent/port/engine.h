// SPDX-License-Identifier: Apache-2.0
// The interface to storage engines: which files are logs, which functions to probe, and what their
// calls mean. An engine is one row of data and one EngineTracer (probes/storage/<name>).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/port/exchange.h"
#include "agent/port/locator.h"
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
};

// A distance that differs between builds: a number, or the number that an exported one-line getter
// adds ("sqlite3_sql"). A getter that cannot be decoded makes the value absent.
struct Offset {
  int64_t fixed = 0;
  std::string_view getter{};

  constexpr Offset(int64_t distance = 0) : fixed(distance) {}
  static constexpr Offset of(std::string_view getter) {
    Offset offset;
    offset.getter = getter;
    return offset;
  }
};

// A value to read at a probe. It starts from an argument, the result or a global of the same
// binary; each step then loads a pointer and adds the step's offset.
struct ValueSpec {
  enum class From : uint8_t { kNone, kArgument, kGlobal, kResult };
  From from = From::kNone;
  uint8_t argument = 0;       // 0…5
  std::string_view global{};  // symbol
  Offset add{};
  std::vector<Offset> steps{};  // at most 3
  uint8_t size = 0;             // 0: the pointer or register itself; else how many bytes to load
                                // from there
};

// A function to probe. `text` locates a C string; ProbedCall::text holds WEFT_PROBE_TEXT bytes of
// it.
struct ProbeSpec {
  enum class Shape : uint8_t {
    kCall,    // from entry to return
    kPoint,   // the moment it is entered
    kFinish,  // ends a suspended call (see `resume`); has the same `number` as that call
  };
  uint8_t number;         // chosen by the engine, for its tracer
  std::string_view name;  // shown by `weft doctor`
  Shape shape = Shape::kCall;
  std::vector<Locator> where;
  std::array<ValueSpec, 8> values{};
  ValueSpec text{};
  // Up to WEFT_PROBE_LONG_TEXT bytes, read when the call is reported: the string must outlive the
  // call.
  bool long_text = false;
  // Report the call even if idle when these two values are equal and not 0.
  std::optional<std::pair<uint8_t, uint8_t>> or_equal{};
  bool only_busy = false;  // report only if the thread wrote, synced or waited inside
  struct Result {
    uint64_t mask;
    uint64_t value;
  };
  std::optional<Result> only{};  // report only if (result & mask) == value
  struct Value {
    uint8_t index;  // in values; an argument or a global
    uint64_t value;
  };
  std::optional<Value> only_with{};   // report only if the value is this at entry
  std::optional<uint64_t> resume{};   // (result & result_mask) that suspends the call instead of
                                      // ending it
  uint64_t result_mask = UINT64_MAX;  // for resume
  std::optional<uint8_t> keyed_by{};  // argument that identifies the call on any thread
  bool is_wait = false;  // waits for a sync, by itself or by another thread; makes the enclosing
                         // call busy
  bool nested = false;   // a part of another call of this engine
  bool served_by_earlier_sync = false;  // if it neither syncs nor waits, an earlier sync has made
                                        // its data durable
  bool per_record = false;  // runs once per record, not once per commit: probed on request only
  bool encloses_flush =
      false;  // may do more than flush: its writes and syncs are nested in a child wal.flush
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
  uint8_t id;               // from probes/engine.def; stored in recordings, so never reused
  std::string_view name;    // folder name
  std::string_view system;  // db.system.name; empty: not a database
  // Globs over base names: executables that are the engine, libraries that contain it.
  std::span<const std::string_view> executables;
  std::span<const std::string_view> libraries;
  std::span<const LogPattern> logs;
  std::span<const ProbeSpec> probes;
  // A thread serves one connection at a time from start to end, so that connection's request is the
  // parent of what the thread does.
  bool thread_owns_request;
  std::unique_ptr<EngineTracer> (*make)();
};

// Expanded from probes/engine.def (probes/engines.cpp).
std::span<const Engine> engines();

}  // namespace weft
