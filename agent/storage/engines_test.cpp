// SPDX-License-Identifier: Apache-2.0
// The registry of this test binary: "db" has functions to probe; "file" is inferred from file I/O
// only.
#include "agent/storage/attribution_engines.h"
#include "agent/storage/test_engines.h"

namespace weft {
namespace {

using storage::testing::heard;

class ToldTracer final : public EngineTracer {
 public:
  bool call(const ProbedCall& call, const IoSummary& summary, SpanTree& tree) override {
    auto& last = storage::testing::last_call();
    last = {call.seen_from_start, call.missing, std::string(call.text), summary,
            std::string(summary.file)};
    if (call.number == storage::testing::kDull) return false;
    tree.name = call.number == storage::testing::kWait ? "db.wait" : "db.commit";
    if (call.last_sync) tree.links.push_back(call.last_sync);
    return true;
  }
  void entry(const FileOp& op, EntrySink& sink) override {
    heard().push_back("entry " + std::to_string(op.op) + " " + std::string(op.bytes));
    SpanTree tree;
    tree.name = "entry";
    tree.start = op.start;
    tree.end = op.by.time;
    tree.by = op.by;
    tree.parent_ref = sink.parent_ref(op.by);
    tree.span_context = sink.reserve_context(tree.parent_ref);
    sink.push(std::move(tree));
  }
  void renamed(const Stamp&, std::string_view from, std::string_view to, EntrySink&) override {
    heard().push_back("renamed " + std::string(from) + " " + std::string(to));
  }
  void tick(uint64_t, EntrySink&) override { heard().emplace_back("tick"); }
  void exited(uint32_t pid, EntrySink&) override {
    heard().push_back("exited " + std::to_string(pid));
  }
};

std::unique_ptr<EngineTracer> make_tracer() {
  ++storage::testing::tracers_made();
  return std::make_unique<ToldTracer>();
}

constexpr std::string_view kLibraries[] = {"libdb.so*"};
constexpr LogPattern kDbLogs[] = {{"db_wal/*", WEFT_FILE_LOG}};
constexpr LogPattern kFileLogs[] = {
    {"any.log", WEFT_FILE_LOG}, {"jobs/*", WEFT_FILE_ENTRY}, {"db_wal/*", WEFT_FILE_ENTRY}};
const ProbeSpec kProbes[] = {
    {.number = storage::testing::kCommit, .name = "commit", .where = {}},
    {.number = storage::testing::kWait,
     .name = "wait",
     .where = {},
     .sync = {.is_wait = true},
     .nested = true},
    {.number = storage::testing::kDull, .name = "dull", .where = {}},
    {.number = storage::testing::kServed,
     .name = "served",
     .where = {},
     .sync = {.served_by_earlier_sync = true}},
    {.number = storage::testing::kGrouped,
     .name = "grouped",
     .where = {},
     .sync = {.served_by_earlier_sync = true, .implied_wait = storage::testing::kWait}},
};
const Engine kEngines[] = {
    {.target = {.kind = TargetKind::kEngine,
                .id = 2,
                .name = "db",
                .libraries = kLibraries,
                .probes = kProbes},
     .system = "db",
     .logs = kDbLogs,
     .unfinished = "new.",
     .thread_owns_request = true,
     .make = make_tracer},
    {.target = {.kind = TargetKind::kEngine, .id = 1, .name = "file"},
     .system = "",
     .logs = kFileLogs,
     .thread_owns_request = false,
     .make = make_tracer},
};
}  // namespace
std::span<const Engine> engines() {
  static const std::vector<Engine> kAll = [] {
    std::vector<Engine> all = attribution_engines();
    all.insert(all.begin(), kEngines[0]);
    all.push_back(kEngines[1]);
    return all;
  }();
  return kAll;
}
}  // namespace weft
