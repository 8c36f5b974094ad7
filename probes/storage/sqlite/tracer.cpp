// SPDX-License-Identifier: Apache-2.0
#include "probes/storage/sqlite/tracer.h"

#include "agent/base/semconv.h"
#include "agent/base/utf8.h"
#include "agent/sql/sql.h"
#include "probes/storage/sqlite/result.h"

namespace weft::engine::sqlite {
namespace {

// The mode argument of sqlite3WalCheckpoint: SQLITE_CHECKPOINT_*.
constexpr std::string_view kModes[] = {"passive", "full", "restart", "truncate"};

// The database that a log belongs to; empty: unknown, or the path is truncated.
std::string_view database_of(std::string_view log) {
  for (const std::string_view suffix : {"-wal", "-journal"}) {
    if (log.starts_with('/') && log.ends_with(suffix)) {
      return log.substr(0, log.size() - suffix.size());
    }
  }
  return {};
}

void add_statement(std::string_view text, SpanTree& tree) {
  tree.name = "sqlite";
  if (text.empty()) return;
  sql::Statement statement = sql::sanitize(to_utf8(text), sql::Dialect::kSqlite);
  Attributes& out = tree.attributes;
  if (!statement.summary.empty()) {
    tree.name = statement.summary;
    out.set(semconv::kDbQuerySummary, Value(std::move(statement.summary)));
  }
  if (!statement.text.empty()) out.set(semconv::kDbQueryText, Value(std::move(statement.text)));
}

class SqliteTracer final : public EngineTracer {
 public:
  bool call(const ProbedCall& call, const IoSummary& summary, SpanTree& tree) override {
    tree.attributes.set(semconv::kDbSystemName, "sqlite");
    switch (static_cast<Call>(call.number)) {
      case kStep:
        // SQLite reads its schema with statements that have no text.
        if (call.no_text) return false;
        step(call, summary, tree);
        return true;
      case kBusy:
        tree.name = "wal.wait";
        return true;
      case kCheckpoint:
        checkpoint(call, tree);
        return true;
    }
    return false;
  }

 private:
  static void step(const ProbedCall& call, const IoSummary& summary, SpanTree& tree) {
    add_statement(call.text, tree);
    const std::string_view database = database_of(summary.file);
    if (!database.empty()) tree.attributes.set(semconv::kDbNamespace, to_utf8(database));
    // Only the statement's own result counts: a failed write inside may have been retried.
    tree.error_type.clear();
    add_result(call, tree);
  }

  static void checkpoint(const ProbedCall& call, SpanTree& tree) {
    tree.name = "wal.checkpoint";
    const auto mode = static_cast<uint32_t>(call.value(0).value_or(std::size(kModes)));
    if (mode < std::size(kModes)) tree.attributes.set(semconv::kWalCheckpointMode, kModes[mode]);
    add_result(call, tree);
  }

  static void add_result(const ProbedCall& call, SpanTree& tree) {
    const auto code = static_cast<uint32_t>(call.result);
    if (call.interrupted || !is_error(code)) return;
    tree.error_type = result_name(code);
    tree.attributes.set(semconv::kDbResponseStatusCode, tree.error_type);
  }
};

}  // namespace

std::unique_ptr<EngineTracer> make_tracer() {
  return std::make_unique<SqliteTracer>();
}

}  // namespace weft::engine::sqlite
