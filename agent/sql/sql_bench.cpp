// SPDX-License-Identifier: Apache-2.0
// ns per statement: text and summary.
#include <benchmark/benchmark.h>
#include <string>

#include "agent/sql/sql.h"

namespace weft::sql {
namespace {

// From an object mapper (110 bytes), from pgbench (69), composed by an application (126).
constexpr char kPrepared[] =
    "SELECT \"o\".\"id\", \"o\".\"total\", \"o\".\"state\" FROM \"orders\" AS \"o\" "
    "WHERE \"o\".\"customer_id\" = $1 LIMIT $2 OFFSET $3";
constexpr char kPgbench[] = "UPDATE pgbench_accounts SET abalance = abalance + -2345 WHERE aid = 1";
constexpr char kComposed[] =
    "SELECT o.id, o.total FROM orders o JOIN customers c ON o.cid = c.id "
    "WHERE c.email = 'someone@shop.example' AND o.total > 99.95";

void statement(benchmark::State& state, const std::string& text, Dialect dialect) {
  for (auto _ : state) {
    Statement got = sanitize(text, dialect);
    benchmark::DoNotOptimize(got);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}

std::string bulk_insert() {
  std::string text = "INSERT INTO events (id, name, payload) VALUES ";
  while (text.size() < 1000 * 1000) text += "(1234567, 'an event', 'some text that is longer'), ";
  return text;
}

BENCHMARK_CAPTURE(statement, prepared, kPrepared, Dialect::kPostgres);
BENCHMARK_CAPTURE(statement, pgbench, kPgbench, Dialect::kPostgres);
BENCHMARK_CAPTURE(statement, composed, kComposed, Dialect::kPostgres);
BENCHMARK_CAPTURE(statement, composed_mysql, kComposed, Dialect::kMysql);
BENCHMARK_CAPTURE(statement, composed_generic, kComposed, Dialect::kGeneric);
BENCHMARK_CAPTURE(statement, megabyte_insert, bulk_insert(), Dialect::kPostgres);
BENCHMARK_CAPTURE(statement, megabyte_string, "SELECT '" + std::string(1000 * 1000, 'x'),
                  Dialect::kMysql);

}  // namespace
}  // namespace weft::sql

BENCHMARK_MAIN();
