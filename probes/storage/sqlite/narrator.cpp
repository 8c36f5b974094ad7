// SPDX-License-Identifier: Apache-2.0
#include "probes/storage/sqlite/narrator.h"

#include "agent/base/semconv.h"
#include "agent/base/utf8.h"
#include "agent/sql/sql.h"
#include "probes/storage/sqlite/result.h"

namespace weft::engine::sqlite {
namespace {

// Of sqlite3WalCheckpoint: SQLITE_CHECKPOINT_*.
constexpr std::string_view kModes[] = {"passive", "full", "restart", "truncate"};

// The database a log belongs to; empty: unknown, or the path is cut.
std::string_view database_of(std::string_view log) {
  for (const std::string_view suffix : {"-wal", "-journal"}) {
    if (log.starts_with('/') && log.ends_with(suffix)) {
      return log.substr(0, log.size() - suffix.size());
    }
  }
  return {};
}

void add_statement(std::string_view text, Story& story) {
  story.name = "sqlite";
  if (text.empty()) return;
  sql::Statement statement = sql::sanitize(to_utf8(text), sql::Dialect::kSqlite);
  Attributes& out = story.attributes;
  if (!statement.summary.empty()) {
    story.name = statement.summary;
    out.set(semconv::kDbQuerySummary, Value(std::move(statement.summary)));
  }
  if (!statement.text.empty()) out.set(semconv::kDbQueryText, Value(std::move(statement.text)));
}

class SqliteNarrator final : public Narrator {
 public:
  bool call(const SiteCall& call, const Work& work, Story& story) override {
    story.attributes.set(semconv::kDbSystemName, "sqlite");
    switch (static_cast<Call>(call.number)) {
      case kStep:
        // SQLite reads its schema by statements that it gives no text.
        if (call.no_text) return false;
        step(call, work, story);
        return true;
      case kBusy:
        story.name = "wal.wait";
        return true;
      case kCheckpoint:
        checkpoint(call, story);
        return true;
    }
    return false;
  }

 private:
  static void step(const SiteCall& call, const Work& work, Story& story) {
    add_statement(call.text, story);
    const std::string_view database = database_of(work.file);
    if (!database.empty()) story.attributes.set(semconv::kDbNamespace, to_utf8(database));
    // The statement's own result: a failed write inside may have been tried again.
    story.error_type.clear();
    add_result(call, story);
  }

  static void checkpoint(const SiteCall& call, Story& story) {
    story.name = "wal.checkpoint";
    const auto mode = static_cast<uint32_t>(call.value(0).value_or(std::size(kModes)));
    if (mode < std::size(kModes)) story.attributes.set(semconv::kWalCheckpointMode, kModes[mode]);
    add_result(call, story);
  }

  static void add_result(const SiteCall& call, Story& story) {
    const auto code = static_cast<uint32_t>(call.result);
    if (call.cut || !is_error(code)) return;
    story.error_type = result_name(code);
    story.attributes.set(semconv::kDbResponseStatusCode, story.error_type);
  }
};

}  // namespace

std::unique_ptr<Narrator> make_narrator() {
  return std::make_unique<SqliteNarrator>();
}

}  // namespace weft::engine::sqlite
