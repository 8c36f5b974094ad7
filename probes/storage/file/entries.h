// SPDX-License-Identifier: Apache-2.0
// Logs with one file (or one line) per entry: open, write, close and rename become one span for
// each change of an operation.
//
//   wal.entry.add       first seen
//   wal.entry.update    another status
//   wal.entry.complete  a final status: completed, failed, …
//   wal.entry.write     an entry without an operation id
//
// Writers often touch an entry several times for one change (a temporary file, then its rename;
// once more with a log line): repeating the same status belongs to the same change.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "agent/port/engine.h"
#include "probes/storage/file/entry_json.h"

namespace weft::engine::file {

// One thread. Bounded: kMaxOpen files being written, kMaxOperations changing (when full, all are
// emitted at once) and as many remembered (when full, the oldest is forgotten).
class EntryTracer final : public EngineTracer {
 public:
  static constexpr size_t kMaxOpen = 1024;
  static constexpr size_t kMaxOperations = 4096;
  static constexpr size_t kMostNames = 8;  // per change: a temporary file, its final name, …
  // A change ends when nothing has repeated it for this long (ns).
  static constexpr uint64_t kQuiet = 1'000'000'000;

  // Never called: this engine has no functions to probe.
  bool call(const ProbedCall&, const IoSummary&, SpanTree&) override { return false; }
  void entry(const FileOp& op, EntrySink& sink) override;
  void renamed(const Stamp& by, std::string_view from, std::string_view to,
               EntrySink& sink) override;
  void tick(uint64_t now, EntrySink& sink) override;
  void exited(uint32_t pid, EntrySink& sink) override;

 private:
  // A file that is open.
  struct Open {
    uint64_t start = 0;
    uint64_t used = 0;  // when its latest operation began
    Stamp by;
    ParentRefPtr parent_ref;
    uint64_t bytes = 0, writes = 0;
    std::vector<EntryFacts> said;  // parsed from what was written
    std::string error;
  };
  // A change of an operation's status, not yet emitted.
  struct Change {
    EntryFacts facts;
    SpanTree tree;
    uint64_t bytes = 0, writes = 0;
    std::string path;
    std::vector<std::string> names;  // its keys in names_, the latest kMostNames
  };
  struct Operation {
    std::string status;
    SpanContextPtr last;  // the span of its last change
    std::list<std::string>::iterator age;
  };
  using OpenKey = std::pair<uint32_t, uint32_t>;  // pid, fd

  void close(const FileOp& op, EntrySink& sink);
  void changed(const Open& open, const LogFile& file, uint64_t end, EntryFacts facts,
               EntrySink& sink);
  void begin(Change& change, uint64_t start, const Stamp& by, ParentRefPtr parent_ref);
  void learn(Change& change, std::string_view name);
  void forget_name(const std::string& name, const std::string& id);
  void emit(Change change, EntrySink& sink);
  void emit_if(const std::function<bool(const Change&)>& due, EntrySink& sink);
  void emit_unnamed(const Open& open, const LogFile& file, uint64_t end, EntrySink& sink);
  Operation& operation(const std::string& id);
  bool is_news(const EntryFacts& facts) const;

  std::map<OpenKey, Open> open_;
  std::map<std::string, Change> changing_;                  // by operation id
  std::set<std::pair<uint32_t, std::string>> changing_of_;  // pid, operation id
  std::unordered_map<std::string, Operation> operations_;
  std::list<std::string> ages_;                         // operation ids, latest change first
  std::unordered_map<std::string, std::string> names_;  // file name → operation id, while changing
};

}  // namespace weft::engine::file
