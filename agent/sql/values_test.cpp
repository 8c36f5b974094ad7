// SPDX-License-Identifier: Apache-2.0
// Words and quoted names that are values where they stand.
#include "agent/sql/values.h"

#include <gtest/gtest.h>
#include <string>

#include "agent/sql/sql.h"

namespace weft::sql {
namespace {

struct Case {
  std::string text;
  std::string told;
};

void expect(Dialect dialect, std::initializer_list<Case> cases) {
  for (const Case& c : cases) EXPECT_EQ(sanitize(c.text, dialect).text, c.told);
}

TEST(Values, OfSettings) {
  expect(Dialect::kPostgres,
         {{"SET a = word", "SET a = ?"},
          {"SET SESSION my.setting TO a, \"B\", 'c', 4", "SET SESSION my.setting TO ?, ?, ?, ?"},
          {"set local time zone word", "set local time zone ?"},
          {"SET NAMES word; SET ROLE word", "SET NAMES ?; SET ROLE ?"},
          {"SET SESSION AUTHORIZATION word", "SET SESSION AUTHORIZATION ?"},
          {"SET a word", "SET a ?"},
          {"SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
           "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"},
          {"SET CONSTRAINTS ALL DEFERRED; RESET a", "SET CONSTRAINTS ALL DEFERRED; RESET a"}});
  expect(Dialect::kMysql, {{"SET NAMES utf8mb4", "SET NAMES ?"},
                           {"SET GLOBAL a = word, @b := word", "SET GLOBAL a = ?, @b := ?"}});
  expect(Dialect::kGeneric, {{"SET NOCOUNT ON", "SET NOCOUNT ON"}});
}

TEST(Values, OfDefinitions) {
  expect(Dialect::kPostgres,
         {{"ALTER ROLE r IN DATABASE d SET a.b TO word, word",
           "ALTER ROLE r IN DATABASE d SET a.b TO ?, ?"},
          {"ALTER SYSTEM SET a = word", "ALTER SYSTEM SET a = ?"},
          {"ALTER DATABASE d SET TIME ZONE word", "ALTER DATABASE d SET TIME ZONE ?"},
          {"CREATE FUNCTION f() RETURNS int SET a TO word, word SET b = word LANGUAGE sql AS $$x$$",
           "CREATE FUNCTION f() RETURNS int SET a TO ?, ? SET b = ? LANGUAGE sql AS ?"},
          {"CREATE TABLE t (a int) WITH (b = word, c.d = pg.word) TABLESPACE e",
           "CREATE TABLE t (a int) WITH (b = ?, c.d = ?.?) TABLESPACE e"},
          {"ALTER TABLE t SET (a = word), ADD COLUMN b int",
           "ALTER TABLE t SET (a = ?), ADD COLUMN b int"},
          {"CREATE DATABASE d WITH OWNER word ENCODING = word TEMPLATE \"Word\" OID 5",
           "CREATE DATABASE d WITH OWNER ? ENCODING = ? TEMPLATE ? OID ?"},
          {"CREATE EXTENSION e WITH VERSION word", "CREATE EXTENSION e WITH VERSION ?"},
          {"ALTER EXTENSION e UPDATE TO word", "ALTER EXTENSION e UPDATE TO ?"},
          {"CREATE VIEW v AS SELECT a FROM t WHERE b = c",
           "CREATE VIEW v AS SELECT a FROM t WHERE b = c"},
          {"CREATE TABLE t (a int CHECK (a >= b))", "CREATE TABLE t (a int CHECK (a >= b))"},
          {"ALTER TABLE t ALTER a SET DEFAULT now()", "ALTER TABLE t ALTER a SET DEFAULT now()"}});
}

TEST(Values, OfOptions) {
  expect(Dialect::kPostgres,
         {{"COPY t (a, b) FROM STDIN WITH (FORMAT word, NULL word, FORCE_QUOTE (a, b))",
           "COPY t (a, b) FROM STDIN WITH (FORMAT ?, NULL ?, FORCE_QUOTE (a, b))"},
          {"COPY (SELECT a b FROM t) TO STDOUT (ENCODING \"Word\")",
           "COPY (SELECT a b FROM t) TO STDOUT (ENCODING ?)"},
          {"EXPLAIN (FORMAT word) SELECT a b FROM t", "EXPLAIN (FORMAT ?) SELECT a b FROM t"},
          {"EXPLAIN ANALYZE (SELECT a b FROM t)", "EXPLAIN ANALYZE (SELECT a b FROM t)"},
          {"VACUUM (INDEX_CLEANUP word) t (a, b)", "VACUUM (INDEX_CLEANUP ?) t (a, b)"}});
}

TEST(Values, AreNotColumns) {
  for (const std::string text :
       {"UPDATE t SET a = b, c = d WHERE e = f", "SELECT a b FROM c d",
        "INSERT INTO t (a) VALUES ($1) ON CONFLICT DO UPDATE SET a = b", "GRANT SELECT ON t TO u",
        "LISTEN c", "DECLARE c CURSOR FOR SELECT a"}) {
    EXPECT_EQ(sanitize(text, Dialect::kPostgres).text, text);
  }
}

TEST(Values, OfSqlite) {
  expect(Dialect::kSqlite,
         {{"PRAGMA key = word; PRAGMA a.b(word)", "PRAGMA key = ?; PRAGMA a.b(?)"},
          {"ATTACH word AS d KEY word", "ATTACH ? AS d KEY ?"},
          {"CREATE TABLE t (a DEFAULT word, b)", "CREATE TABLE t (a DEFAULT ?, b)"}});
}

// Where only a name is possible it is kept, and so are [x] and `x`.
TEST(Values, InDoubleQuotesOfSqlite) {
  expect(Dialect::kSqlite,
         {{"UPDATE \"t\" SET \"a\" = \"x\", \"b\" = 1 WHERE \"c\" = \"x\"",
           "UPDATE \"t\" SET \"a\" = ?, \"b\" = ? WHERE ? = ?"},
          {"SELECT \"t\".\"a\", \"b\" AS \"c\", f(\"x\") FROM \"t\" JOIN \"u\" ON t.a = \"x\"",
           "SELECT \"t\".\"a\", ? AS \"c\", f(?) FROM \"t\" JOIN \"u\" ON t.a = ?"},
          {"INSERT INTO \"t\" (\"a\", \"b\") VALUES (\"x\", 'y')",
           "INSERT INTO \"t\" (\"a\", \"b\") VALUES (?, ?)"},
          {"INSERT INTO t SELECT \"x\", (\"y\")", "INSERT INTO t SELECT ?, (?)"},
          {"CREATE TABLE \"t\" (\"a\" text DEFAULT \"x\", \"b\" int CHECK (\"b\" <> \"x\"))",
           "CREATE TABLE \"t\" (\"a\" text DEFAULT ?, \"b\" int CHECK (? <> ?))"},
          {"CREATE INDEX \"i\" ON \"t\" (\"x\")", "CREATE INDEX \"i\" ON \"t\" (?)"},
          {"ALTER TABLE \"t\" RENAME COLUMN \"a\" TO \"b\"",
           "ALTER TABLE \"t\" RENAME COLUMN \"a\" TO \"b\""},
          {"CREATE VIRTUAL TABLE f USING fts5(\"x\")", "CREATE VIRTUAL TABLE f USING fts5(?)"},
          {"SELECT a FROM t ORDER BY \"x\", [b], `c`", "SELECT a FROM t ORDER BY ?, [b], `c`"}});
}

}  // namespace
}  // namespace weft::sql
