// SPDX-License-Identifier: Apache-2.0
// Random statements with a secret at every position where the grammar allows a value, or anything.
#pragma once

#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "agent/sql/sql.h"

namespace weft::test {

using sql::Backslash;

inline constexpr std::string_view kSecrets[] = {"sEcReT", "8675309"};

using Choices = std::vector<std::string>;
using Grammar = std::map<char, Choices>;

// %x stands for one of the choices of x; %% for a percent sign.
//   v  value: a literal        e  expression       b  bare word, quoted name or literal
//   w  white space             q  query            s  statement
inline Grammar common() {
  return {
      {'w', {" ", " ", "\n", " /* sEcReT ' */ ", " -- sEcReT 'x\n"}},
      {'v',
       {"'sEcReT'", "'it''s sEcReT'", "'''sEcReT'", "''", "8675309", "-8675309.5", "1e8675309",
        ".8675309", "0x8675309", "X'8675309'", "'; sEcReT --'"}},
      {'e',
       {"%v", "a", "f(%e)", "%e + %e", "(%e)", "a =%w%v", "- (%e)", "CASE WHEN %e THEN %v END",
        "a IN (%v, %v)", "a LIKE %v ESCAPE '!'", "(%q)", "a BETWEEN %v AND %v", "t.a || %v"}},
      {'q',
       {"VALUES (%v)", "SELECT%w%e FROM t WHERE %e", "SELECT %e,%w%e", "VALUES (%v, %e)",
        "WITH c AS (%q) SELECT a FROM c WHERE b = %e",
        "SELECT a FROM t JOIN u ON t.a = %e ORDER BY %e LIMIT 8675309", "%q UNION ALL SELECT %v"}},
      {'s',
       {"%q", "INSERT INTO t (a, b) VALUES (%e, %v), (%v, %e)", "UPDATE t SET a = %e, b =%w%v",
        "DELETE FROM t WHERE a = %e", "INSERT INTO t %q",
        "CREATE TABLE t (a int DEFAULT %v, b text CHECK (%e))", "CREATE VIEW v AS %q",
        "UPDATE t SET a = %v WHERE b = %e"}}};
}

inline void add(Grammar& grammar, char symbol, const Choices& choices) {
  grammar[symbol].insert(grammar[symbol].end(), choices.begin(), choices.end());
}

inline void add_backslashes(Grammar& grammar, Backslash backslash) {
  if (backslash == Backslash::kEscapes) {
    add(grammar, 'v', {R"('it\'s sEcReT')", R"('a\\', 'sEcReT')", R"('\\\'sEcReT')"});
  } else {
    add(grammar, 'v', {R"('a\', 'sEcReT')", R"('\''sEcReT')", R"('\\' || 'sEcReT')"});
  }
}

inline Grammar postgres(Backslash backslash) {
  Grammar g = common();
  add_backslashes(g, backslash);
  add(g, 'w', {" /* a /* sEcReT */ sEcReT */ "});
  add(g, 'v',
      {R"(E'it\'s sEcReT')", R"(E'a' -- b
'\'sEcReT')",
       "$$sEcReT$$", "$t$ $$ 'sEcReT' $t$", "U&'sEcReT' UESCAPE '!'", "B'8675309'", "N'sEcReT'",
       "1$a$sEcReT ' x$a$", "8_675309", "0b8675309", "DATE 'sEcReT'", "'sEcReT'::text",
       "INTERVAL 'sEcReT' HOUR"});
  add(g, 'e',
      {"a -> %v", "a #>> %v", "a @? %v", "ARRAY[%v, %e]", "(ARRAY[%v])[8675309]", "%v::jsonb ? %v",
       "xmlelement(name a, %v)", "extract(year from %v)"});
  g['b'] = {"sEcReT", "\"sEcReT\"", "'sEcReT'", "8675309", "sEcReT8675309"};
  add(g, 's',
      {"SET a =%w%b",
       "SET LOCAL a.b TO %b, %b",
       "SET TIME ZONE %b",
       "SET NAMES %b",
       "SET ROLE %b",
       "SET SESSION AUTHORIZATION %b",
       "ALTER ROLE r SET a TO %b",
       "ALTER SYSTEM SET a = %b, %b",
       "ALTER ROLE r IN DATABASE d SET a = %b",
       "ALTER DATABASE d SET a =%w%b",
       "CREATE ROLE r PASSWORD 'sEcReT' VALID UNTIL 'sEcReT'",
       "COMMENT ON TABLE t IS 'sEcReT'",
       "ALTER USER r WITH ENCRYPTED PASSWORD 'sEcReT'",
       "NOTIFY c, 'sEcReT'",
       "COPY t FROM PROGRAM 'sEcReT'",
       "COPY t FROM 'sEcReT' WITH (FORMAT %b, NULL %b)",
       "COPY (%q) TO STDOUT (DELIMITER %b)",
       "COPY t FROM STDIN DELIMITER AS 'sEcReT'",
       "CREATE TABLE t (a int) WITH (b = %b, c.d = %b)",
       "ALTER TABLE t SET (a = %b, b = %b)",
       "CREATE FUNCTION f() RETURNS int SET a = %b, %b LANGUAGE sql AS $f$sEcReT$f$",
       "CREATE DATABASE d ENCODING %b TEMPLATE = %b",
       "EXPLAIN (FORMAT %b, ANALYZE %b) %q",
       "CREATE EXTENSION e VERSION %b",
       "PREPARE p (int) AS %q",
       "EXECUTE p (%e, %v)",
       "CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (password 'sEcReT')",
       "CREATE SUBSCRIPTION s CONNECTION 'sEcReT' PUBLICATION p WITH (slot_name = %b)",
       "CREATE TYPE m AS ENUM ('sEcReT')",
       "DO $$ sEcReT $$",
       "LOAD 'sEcReT'",
       "SELECT set_config('a', 'sEcReT', false)",
       "PREPARE TRANSACTION 'sEcReT'",
       "SECURITY LABEL ON TABLE t IS 'sEcReT'",
       "DECLARE c CURSOR FOR %q",
       "FETCH 8675309 FROM c",
       "INSERT INTO t VALUES (%v) ON CONFLICT (a) DO UPDATE SET a = %e RETURNING %e",
       "MERGE INTO t USING u ON t.a = %e WHEN MATCHED THEN UPDATE SET a = %v"});
  return g;
}

inline Grammar mysql(Backslash backslash) {
  Grammar g = common();
  add_backslashes(g, backslash);
  add(g, 'w', {" # sEcReT ' \"\n"});
  add(g, 'v', {"\"sEcReT\"", "\"it''s \"\"sEcReT\"\"\"", "_utf8'sEcReT'", "0b8675309"});
  g['b'] = {"sEcReT", "'sEcReT'", "\"sEcReT\""};
  add(g, 's',
      {"SET a =%w%b", "SET NAMES %b", "SET GLOBAL a = %b, b = %b", "/*!40101 SET a = %b */",
       "CREATE USER u IDENTIFIED BY 'sEcReT'", "SET PASSWORD FOR 'u'@'h' = 'sEcReT'"});
  return g;
}

inline Grammar sqlite(Backslash) {
  Grammar g = common();
  add_backslashes(g, Backslash::kPlain);
  add(g, 'v', {"\"sEcReT\"", "\"it's \"\"sEcReT\"\"\""});
  g['b'] = {"sEcReT", "'sEcReT'", "\"sEcReT\"", "-8675309"};
  add(g, 's',
      {"PRAGMA key =%w%b", "PRAGMA key(%b)", "ATTACH %b AS d KEY %b",
       "CREATE TABLE t (a DEFAULT %b, b DEFAULT %v)", "VACUUM INTO 'sEcReT'",
       "CREATE INDEX i ON t (a) WHERE b = %v", "SELECT * FROM f WHERE f MATCH %v"});
  return g;
}

class Writer {
 public:
  Writer(const Grammar& grammar, unsigned seed) : grammar_(grammar), random_(seed) {}

  std::string statements() {
    std::string out = expand("%s", 0);
    while (random_() % 3 == 0) out += ";" + expand("%w%s", 0);
    return out;
  }

 private:
  // At great depth only choices without further nesting.
  const std::string& choose(char symbol, int depth) {
    const Choices& all = grammar_.at(symbol);
    while (true) {
      const std::string& one = all[random_() % all.size()];
      const bool leaf = one.find("%e") == one.npos && one.find("%q") == one.npos;
      if (depth < 4 || leaf) return one;
    }
  }
  std::string expand(const std::string& pattern, int depth) {
    std::string out;
    for (size_t i = 0; i < pattern.size(); ++i) {
      const bool symbol = pattern[i] == '%' && i + 1 < pattern.size();
      if (symbol) {
        out += expand(choose(pattern[++i], depth), depth + 1);
      } else {
        out += pattern[i];
      }
    }
    return out;
  }

  const Grammar& grammar_;
  std::mt19937 random_;
};

}  // namespace weft::test
