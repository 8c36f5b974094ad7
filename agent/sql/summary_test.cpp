// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <string>

#include "agent/sql/sql.h"

namespace weft::sql {
namespace {

std::string summary(std::string_view text, Dialect dialect = Dialect::kPostgres) {
  return sanitize(text, dialect).summary;
}

TEST(Summary, Targets) {
  EXPECT_EQ(summary("SELECT 1"), "SELECT");
  EXPECT_EQ(summary("SELECT * FROM \"song list\", s . \"a\".t x, ONLY u"),
            "SELECT \"song list\" s.\"a\".t u");
  EXPECT_EQ(summary("SELECT 1 FROM a x LEFT JOIN b ON f(x, c) NATURAL JOIN LATERAL d, e"),
            "SELECT a b d e");
  EXPECT_EQ(summary("SELECT 1 FROM (a JOIN b USING (c)), (SELECT 2 FROM d), e"),
            "SELECT a b SELECT d e");
  EXPECT_EQ(summary("SELECT a, (SELECT b FROM c) FROM d WHERE e IN (SELECT f FROM g)"),
            "SELECT SELECT c d SELECT g");
  EXPECT_EQ(summary("select * from t where a = 'from b, c' limit 1, 2"), "select t");
  EXPECT_EQ(summary("SELECT * FROM db..t", Dialect::kGeneric), "SELECT db..t");
  EXPECT_EQ(summary("SELECT * FROM generate_series(1, 2) g, t"), "SELECT generate_series t");
}

TEST(Summary, WordsThatAreNoTargets) {
  EXPECT_EQ(summary("SELECT extract(day FROM a), trim(both FROM b) FROM t"), "SELECT t");
  EXPECT_EQ(summary("SELECT a IS DISTINCT FROM b, x.from, \"from\" c FROM t"), "SELECT t");
  EXPECT_EQ(summary("SELECT a FROM t ORDER BY b, c"), "SELECT t");
  EXPECT_EQ(summary("SELECT a FROM t FOR UPDATE OF t, u"), "SELECT t");
  EXPECT_EQ(summary("SELECT a FROM t WHERE x = y GROUP BY b, c"), "SELECT t");
  EXPECT_EQ(summary("SELECT * FROM 'artists' a, @v b, t c", Dialect::kGeneric), "SELECT t");
  EXPECT_EQ(summary("SELECT * FROM t WITH (NOLOCK), u", Dialect::kGeneric), "SELECT t u");
}

TEST(Summary, SetOperations) {
  EXPECT_EQ(summary("(SELECT 1 FROM a) UNION ALL (SELECT 2 FROM b) EXCEPT SELECT 3 FROM c"),
            "SELECT a b c");
  EXPECT_EQ(summary("SELECT 1 FROM a UNION DISTINCT SELECT b FROM (SELECT 2 FROM c)"),
            "SELECT a SELECT c");
}

TEST(Summary, Changes) {
  EXPECT_EQ(summary("INSERT INTO s.t (a, b) VALUES (1, c), (2, d) ON CONFLICT (a) DO UPDATE SET "
                    "b = e RETURNING a, f"),
            "INSERT s.t");
  EXPECT_EQ(summary("INSERT IGNORE t VALUES (1) ON DUPLICATE KEY UPDATE a = 1", Dialect::kMysql),
            "INSERT t");
  EXPECT_EQ(summary("INSERT OR REPLACE INTO t SELECT * FROM u", Dialect::kSqlite),
            "INSERT t SELECT u");
  EXPECT_EQ(summary("REPLACE INTO t SET a = REPLACE(b, 'c', 'd')", Dialect::kMysql), "REPLACE t");
  EXPECT_EQ(summary("UPDATE ONLY t SET a = 1, b = c FROM u, v WHERE w"), "UPDATE t u v");
  EXPECT_EQ(summary("UPDATE a, b JOIN c ON d SET e = 1", Dialect::kMysql), "UPDATE a b c");
  EXPECT_EQ(summary("DELETE FROM t USING u, v WHERE a IS DISTINCT FROM b"), "DELETE t u v");
  EXPECT_EQ(summary("DELETE x, y FROM t x JOIN u y USING (a)", Dialect::kMysql), "DELETE t u");
  EXPECT_EQ(summary("TRUNCATE TABLE ONLY a, b.c CASCADE"), "TRUNCATE a b.c");
  EXPECT_EQ(summary("MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN UPDATE SET b = c, d = e "
                    "WHEN NOT MATCHED THEN INSERT (a, b) VALUES (f, g)"),
            "MERGE t s");
}

TEST(Summary, NamesBoundByWithAreNoTargets) {
  EXPECT_EQ(summary("WITH RECURSIVE a(x) AS (SELECT 1 FROM t UNION SELECT x FROM A), "
                    "\"b\" AS NOT MATERIALIZED (DELETE FROM u RETURNING *) "
                    "INSERT INTO v SELECT * FROM a, \"b\", c"),
            "SELECT t DELETE u INSERT v SELECT c");
  EXPECT_EQ(summary("WITH a AS (SELECT 1) UPDATE t SET b = 1; SELECT 1 FROM a"),
            "SELECT UPDATE t SELECT a");
  EXPECT_EQ(summary("INSERT INTO t WITH a AS (SELECT 1 FROM u) SELECT * FROM a"),
            "INSERT t SELECT u SELECT");
}

TEST(Summary, Objects) {
  EXPECT_EQ(summary("CREATE TEMP TABLE \"a b\".c AS SELECT 1 FROM d"), "CREATE TABLE \"a b\".c");
  EXPECT_EQ(summary("CREATE INDEX ON t (a)"), "CREATE INDEX");
  EXPECT_EQ(summary("DROP TABLE IF EXISTS a, b.c CASCADE; SELECT 1 FROM t"),
            "DROP TABLE a b.c SELECT t");
  EXPECT_EQ(summary("REFRESH MATERIALIZED VIEW CONCURRENTLY v"), "REFRESH VIEW v");
  EXPECT_EQ(summary("ALTER TABLE IF EXISTS ONLY t ADD a int"), "ALTER TABLE t");
  EXPECT_EQ(summary("ALTER SYSTEM SET a = 1"), "ALTER");
  EXPECT_EQ(summary("ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO u"), "ALTER");
  EXPECT_EQ(summary("CREATE USER 'bob'@'%' IDENTIFIED BY 'x'", Dialect::kMysql), "CREATE USER");
  EXPECT_EQ(
      summary("CREATE DEFINER=`a`@`b` SQL SECURITY DEFINER VIEW v AS SELECT 1", Dialect::kMysql),
      "CREATE VIEW v");
  EXPECT_EQ(summary("CREATE FUNCTION f(a int) RETURNS int AS $$ BEGIN; END $$ LANGUAGE sql; "
                    "SELECT 1 FROM t"),
            "CREATE FUNCTION f SELECT t");
}

TEST(Summary, OtherCommands) {
  for (const char* text :
       {"BEGIN", "COMMIT AND CHAIN", "ROLLBACK TO SAVEPOINT a", "SET a = b", "SHOW TABLES FROM d",
        "VACUUM FULL t", "GRANT SELECT ON t TO u", "LISTEN c", "DEALLOCATE p", "FETCH 5 FROM c",
        "EXECUTE p (1, a)", "VALUES (1)", "USE d", "PRAGMA a = b", "LOCK TABLE a, b"}) {
    EXPECT_EQ(summary(text), std::string(text).substr(0, std::string(text).find(' '))) << text;
  }
  EXPECT_EQ(summary("COPY s.t (a, b) FROM stdin"), "COPY s.t");
  EXPECT_EQ(summary("COPY (SELECT a FROM t) TO STDOUT"), "COPY SELECT t");
  EXPECT_EQ(summary("{? = call s.p(?, a)}", Dialect::kGeneric), "call s.p");
  EXPECT_EQ(summary("EXECUTE IMMEDIATE 'a'", Dialect::kGeneric), "EXECUTE");
  EXPECT_EQ(summary("EXPLAIN (ANALYZE, COSTS off) UPDATE t SET a = 1"), "EXPLAIN UPDATE t");
  EXPECT_EQ(summary("PREPARE p (int) AS INSERT INTO t VALUES ($1)"), "PREPARE INSERT t");
  EXPECT_EQ(summary("DECLARE c CURSOR WITH HOLD FOR SELECT 1 FROM t"), "DECLARE SELECT t");
}

TEST(Summary, SeveralStatements) {
  EXPECT_EQ(summary("BEGIN; UPDATE a SET b = 1; SELECT (c FROM d; COMMIT;"),
            "BEGIN UPDATE a SELECT COMMIT");
  EXPECT_EQ(summary(";;"), "");
}

TEST(Summary, WhatIsNoSqlHasNone) {
  for (const char* text :
       {"hello world", "", "-- a comment", "'text'", "\"a\" b", "123 SELECTED"}) {
    EXPECT_EQ(summary(text), "") << text;
  }
}

TEST(Summary, NothingIsCutInTheMiddle) {
  std::string text = "SELECT * FROM t0";
  for (int i = 1; i < 200; ++i) text += ", s.t" + std::to_string(i);
  const std::string got = summary(text);
  EXPECT_LE(got.size(), kMaxSummary);
  EXPECT_GT(got.size(), kMaxSummary - 8);
  EXPECT_EQ(got.substr(0, 20), "SELECT t0 s.t1 s.t2 ");
  EXPECT_NE(text.find(got.substr(got.rfind(' ') + 1) + ","), std::string::npos) << got;
}

TEST(Summary, AQualifiedNameFitsWholeOrNotAtAll) {
  const std::string schema(200, 's');
  EXPECT_EQ(summary("SELECT 1 FROM " + schema + "." + std::string(47, 't')).size(), 255u);
  EXPECT_EQ(summary("SELECT 1 FROM " + schema + "." + std::string(48, 't') + ", u"), "SELECT");
}

TEST(Summary, DeepParenthesesArePassedOver) {
  const std::string open(1000, '(');
  const std::string close(1000, ')');
  EXPECT_EQ(summary("SELECT " + open + "SELECT 1 FROM deep" + close + " FROM t"), "SELECT t");
}

}  // namespace
}  // namespace weft::sql
