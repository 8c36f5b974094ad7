// SPDX-License-Identifier: Apache-2.0
// The seam to storage engines: which files are logs, which functions tell, what it means.
// An engine is one row of data and one EngineTracer (probes/storage/<name>).
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

// Files by the last two components of their path, as in fnmatch(3): "pg_wal/*". Without a
// slash any folder will do.
struct LogPattern {
  std::string_view glob;
  weft_file_use use;
};

struct LogFile {
  uint64_t id = 0;
  std::string path;  // from the root of its file system; cut at the front with "…/"
  std::string name;
  uint32_t flags = 0;  // of open(): O_DSYNC …
  weft_file_use use = WEFT_FILE_LOG;
};

// Something done to a log file. Valid during the call.
struct FileOp {
  const LogFile& file;
  weft_file_op op;
  uint64_t start;  // CLOCK_MONOTONIC ns; the end is by.time
  Stamp by;
  int64_t result;  // bytes, 0, or -errno
  uint32_t fd;
  std::string_view bytes;  // of an entry: the beginning of what was written
  uint16_t within = 0;     // ProbedCall::number_on_thread of the innermost call around; 0: unknown
};

// A distance that differs between builds: a number, or what an exported getter of one line
// adds ("sqlite3_sql"). A getter that cannot be read makes the value absent.
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

// A value to read at a probe: an argument, the result or a global of the same binary; then
// for each step a pointer is loaded and the step's offset added.
struct ValueSpec {
  enum class From : uint8_t { kNone, kArgument, kGlobal, kResult };
  From from = From::kNone;
  uint8_t argument = 0;       // 0…5
  std::string_view global{};  // symbol
  Offset add{};
  std::vector<Offset> steps{};  // at most 3
  uint8_t size = 0;             // 0: the pointer or register itself; else bytes to load there
};

// A function to probe. Text of a ProbedCall: the C string at `text`, WEFT_PROBE_TEXT bytes of it.
struct ProbeSpec {
  enum class Shape : uint8_t {
    kCall,    // from entry to return
    kPoint,   // the moment it is entered
    kFinish,  // ends a call that was put aside: shares the `number` of that call
  };
  uint8_t number;         // the engine's own, for its tracer
  std::string_view name;  // shown by doctor
  Shape shape = Shape::kCall;
  std::vector<Locator> where;
  std::array<ValueSpec, 8> values{};
  ValueSpec text{};
  // Up to WEFT_PROBE_LONG_TEXT bytes, read when the call is told: the string outlives the call.
  bool long_text = false;
  // Told though idle if these two values are the same, and not 0.
  std::optional<std::pair<uint8_t, uint8_t>> or_equal{};
  bool only_busy = false;  // told only if the thread wrote, synced or waited inside
  struct Result {
    uint64_t mask;
    uint64_t value;
  };
  std::optional<Result> only{};  // told only with such a result
  struct Value {
    uint8_t index;  // of values, an argument or global
    uint64_t value;
  };
  std::optional<Value> only_with{};   // told only if it begins with such a value
  std::optional<uint64_t> resume{};   // (result & mask) that puts the call aside instead
  uint64_t result_mask = UINT64_MAX;  // for resume
  std::optional<uint8_t> keyed_by{};  // argument that names the call across threads
  bool is_wait = false;  // for a sync, its own or another's; makes the call around it busy
  bool nested = false;   // part of another call of this engine
  bool served_by_earlier_sync =
      false;                // without a sync or wait inside, an earlier sync has served it
  bool per_record = false;  // not once a commit but once a record: probed on request only
  bool encloses_flush =
      false;  // may do more than flush: what it writes and syncs is a wal.flush in it
};

// A probed call, or the passing of a point. Valid during the call.
struct ProbedCall {
  uint8_t number = 0;
  uint64_t start = 0;  // the end is by.time
  Stamp by{};
  uint64_t result = 0;
  std::array<uint64_t, WEFT_PROBE_VALUES> values{};
  uint32_t missing = 0;  // bit i: value i is absent
  std::string_view text{};
  bool no_text = false;      // its pointer is null: unlike an empty text, or one that cannot be had
  bool interrupted = false;  // ended by a kFinish
  // Numbers of calls on a thread, used again after 65535: this one's, and that of the probed
  // call in which it began. 0: unknown, none.
  uint16_t number_on_thread = 0;
  uint16_t within = 0;
  bool seen_from_start = false;  // the agent has seen the process begin: its counters began at 0
  // By its instance (a server with all its processes), if this call did not sync itself: the
  // last that ended while it ran. Null: none.
  SpanContextPtr last_sync{};

  std::optional<uint64_t> value(size_t i) const {
    return (missing >> i & 1) != 0 ? std::nullopt : std::optional(values[i]);
  }
};

// What writes and syncs inside a call come to.
struct IoSummary {
  uint64_t bytes = 0;
  uint64_t writes = 0;
  uint64_t syncs = 0;
  uint64_t waits = 0;       // for the sync of another
  std::string_view file{};  // path of the last one

  // What was to be made durable is, by this or by another's sync.
  bool durable() const { return syncs > 0 || waits > 0; }
};

// Takes the span trees that a tracer makes of entries.
class EntrySink {
 public:
  virtual ~EntrySink() = default;
  // Where span trees of what `by` does hang; see SpanTreeSink.
  virtual ParentRefPtr parent_ref(const Stamp& by) = 0;
  virtual SpanContextPtr reserve_context(const ParentRefPtr& parent_ref) = 0;
  virtual void push(SpanTree tree) = 0;
};

// Gives meaning to what an instance of an engine does: a server with all its processes, or
// a library in one process. One thread; bounded memory.
class EngineTracer {
 public:
  virtual ~EngineTracer() = default;
  // span tree has times, task and what is inside; name it and say what is known. False: not
  // worth a span, what is inside is told without it.
  virtual bool call(const ProbedCall& call, const IoSummary& summary, SpanTree& tree) = 0;
  // A wal.flush or wal.append that the files alone told, and is described so far.
  virtual void by_files(const IoSummary& summary, SpanTree& tree) { (void)summary, (void)tree; }
  // Something done to a file of use WEFT_FILE_ENTRY.
  virtual void entry(const FileOp& op, EntrySink& sink) { (void)op, (void)sink; }
  // Paths as given to rename(), cut to WEFT_RENAME_MAX.
  virtual void renamed(const Stamp& by, std::string_view from, std::string_view to,
                       EntrySink& sink) {
    (void)by, (void)from, (void)to, (void)sink;
  }
  // About once a second, with the events' clock.
  virtual void tick(uint64_t now, EntrySink& sink) { (void)now, (void)sink; }
  // A process of the instance ended.
  virtual void exited(uint32_t pid, EntrySink& sink) { (void)pid, (void)sink; }
};

// One row of the registry. Constant data.
struct Engine {
  uint8_t id;               // of probes/engine.def; recordings carry it, never reused
  std::string_view name;    // folder name
  std::string_view system;  // db.system.name; empty: not a database
  // Globs over base names: executables that are the engine, libraries that hold it.
  std::span<const std::string_view> executables;
  std::span<const std::string_view> libraries;
  std::span<const LogPattern> logs;
  std::span<const ProbeSpec> probes;
  // A thread works for one connection at a time, start to end: its request is the parent.
  bool thread_owns_request;
  std::unique_ptr<EngineTracer> (*make)();
};

// Expanded from probes/engine.def (probes/engines.cpp).
std::span<const Engine> engines();

}  // namespace weft
