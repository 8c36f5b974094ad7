// SPDX-License-Identifier: Apache-2.0
// The registry of this test binary: "db" has functions to probe, "file" is told by its files.
#include "agent/storage/claims_engines.h"
#include "agent/storage/test_engines.h"

namespace weft {
namespace {

using storage::testing::heard;

class ToldNarrator final : public Narrator {
 public:
  bool call(const SiteCall& call, const Work& work, Story& story) override {
    auto& last = storage::testing::last_call();
    last = {call.born, call.missing, std::string(call.text), work, std::string(work.file)};
    if (call.number == storage::testing::kDull) return false;
    story.name = call.number == storage::testing::kWait ? "db.wait" : "db.commit";
    if (call.last_sync) story.links.push_back(call.last_sync);
    return true;
  }
  void entry(const FileOp& op, StorySink& sink) override {
    heard().push_back("entry " + std::to_string(op.op) + " " + std::string(op.bytes));
    Story story;
    story.name = "entry";
    story.start = op.start;
    story.end = op.by.time;
    story.by = op.by;
    story.place = sink.place(op.by);
    story.identity = sink.identify(story.place);
    sink.push(std::move(story));
  }
  void renamed(const Stamp&, std::string_view from, std::string_view to, StorySink&) override {
    heard().push_back("renamed " + std::string(from) + " " + std::string(to));
  }
  void tick(uint64_t, StorySink&) override { heard().emplace_back("tick"); }
  void exited(uint32_t pid, StorySink&) override {
    heard().push_back("exited " + std::to_string(pid));
  }
};

std::unique_ptr<Narrator> make_narrator() {
  ++storage::testing::narrators_made();
  return std::make_unique<ToldNarrator>();
}

constexpr std::string_view kLibraries[] = {"libdb.so*"};
constexpr LogPattern kDbLogs[] = {{"db_wal/*", WEFT_FILE_LOG}};
constexpr LogPattern kFileLogs[] = {
    {"any.log", WEFT_FILE_LOG}, {"jobs/*", WEFT_FILE_ENTRY}, {"db_wal/*", WEFT_FILE_ENTRY}};
const SiteSpec kSites[] = {
    {.number = storage::testing::kCommit, .name = "commit", .where = {}},
    {.number = storage::testing::kWait, .name = "wait", .where = {}, .waits = true, .inner = true},
    {.number = storage::testing::kDull, .name = "dull", .where = {}},
    {.number = storage::testing::kServed, .name = "served", .where = {}, .served = true},
};
const Engine kEngines[] = {
    {.id = 2,
     .name = "db",
     .system = "db",
     .executables = {},
     .libraries = kLibraries,
     .logs = kDbLogs,
     .sites = kSites,
     .thread_owns_request = true,
     .make = make_narrator},
    {.id = 1,
     .name = "file",
     .system = "",
     .executables = {},
     .libraries = {},
     .logs = kFileLogs,
     .sites = {},
     .thread_owns_request = false,
     .make = make_narrator},
};
}  // namespace
std::span<const Engine> engines() {
  static const std::vector<Engine> kAll = [] {
    std::vector<Engine> all = claims_engines();
    all.insert(all.begin(), kEngines[0]);
    all.push_back(kEngines[1]);
    return all;
  }();
  return kAll;
}
}  // namespace weft
