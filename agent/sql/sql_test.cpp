// SPDX-License-Identifier: Apache-2.0
#include "agent/sql/sql.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace weft::sql {
namespace {

constexpr Dialect kAll[] = {Dialect::kPostgres, Dialect::kMysql, Dialect::kSqlite,
                            Dialect::kGeneric};

std::string postgres(std::string_view text) {
  return sanitize(text, Dialect::kPostgres).text;
}
std::string mysql(std::string_view text) {
  return sanitize(text, Dialect::kMysql).text;
}
std::string sqlite(std::string_view text) {
  return sanitize(text, Dialect::kSqlite).text;
}
std::string generic(std::string_view text) {
  return sanitize(text, Dialect::kGeneric).text;
}

TEST(Sanitize, StringsOfPostgres) {
  EXPECT_EQ(postgres("SELECT 'a''b', 'c\\', d"), "SELECT ?, ?, d");
  EXPECT_EQ(postgres("SELECT E'it\\'s' , e'\\\\', d"), "SELECT ? , ?, d");
  EXPECT_EQ(postgres("SELECT E'a'\n  'b\\'c', d"), "SELECT ?\n  ?, d");
  EXPECT_EQ(postgres("SELECT E'a' -- b\n 'c\\'d', e"), "SELECT ? \n ?, e");
  EXPECT_EQ(postgres("SELECT E'a', 'b\\', c"), "SELECT ?, ?, c");
  EXPECT_EQ(postgres("SELECT U&'d\\0061' UESCAPE '!', U&\"d\\0061\""),
            "SELECT ? UESCAPE ?, U&\"d\\0061\"");
  EXPECT_EQ(postgres("SELECT B'01', x'1F', N'n', DATE '2020-01-01'"), "SELECT ?, ?, ?, DATE ?");
  EXPECT_EQ(postgres("SELECT $$a'b$$, $t$ $$ $u$ $t$, $é$x$é$ FROM t"), "SELECT ?, ?, ? FROM t");
  EXPECT_EQ(postgres("ALTER USER u PASSWORD 'secret'"), "ALTER USER u PASSWORD ?");
}

TEST(Sanitize, WhatPostgresKeeps) {
  for (const std::string text : {
           R"(SELECT "a 'b' 12"."c""d", v$x$, naïve FROM "t")",
           "SELECT a::int, b[$1:$2], $3, c ? d, e #>> f, @ g, h @> i",
           "SELECT NULL WHERE a IS NOT TRUE AND b IS FALSE AND t.true IS NOT NULL",
           "COPY t (a, b) FROM stdin",
       }) {
    EXPECT_EQ(postgres(text), text);
  }
}

TEST(Sanitize, Comments) {
  EXPECT_EQ(postgres("SELECT /* a /* 'b */ c */ 1 -- it's\r, 'd'"), "SELECT  ? \r, ?");
  EXPECT_EQ(mysql("SELECT /* a /* 'b */ c # it's\n, 'd' -- e'\n-- "), "SELECT  c \n, ? \n");
  EXPECT_EQ(mysql("SELECT 5--3, a--1"), "SELECT ?-?, a-?");
  EXPECT_EQ(sqlite("SELECT a /* b /* 'c */, 'd'--e"), "SELECT a , ?");
  EXPECT_EQ(generic("SELECT/**/a/* 'b */,c--"), "SELECT a ,c");
  EXPECT_EQ(generic("SELECT a /* never 'closed"), "SELECT a ");
}

TEST(Sanitize, ExecutedCommentsOfMysql) {
  const Statement got = sanitize("/*!40101 SET NAMES 'utf8' */; SELECT 2*/*!3*/4", Dialect::kMysql);
  EXPECT_EQ(got.text, " SET NAMES ? ; SELECT ?* ?");
  EXPECT_EQ(got.summary, "SET SELECT");
  EXPECT_EQ(mysql("/*!50000 SELECT 'a */ b' */, 'c'"), " SELECT ? , ?");
  EXPECT_EQ(mysql("SELECT 2*/* 'a */'b'"), "SELECT ?* ?");
}

TEST(Sanitize, Mysql) {
  EXPECT_EQ(mysql(R"(SELECT "it\"s", 'it\'s', 'a''b', "c""d", _utf8'e', `f'g` FROM $t)"),
            "SELECT ?, ?, ?, ?, _utf8?, `f'g` FROM $t");
  EXPECT_EQ(mysql("CREATE USER 'bob'@'%' IDENTIFIED BY 'x'"), "CREATE USER ?@? IDENTIFIED BY ?");
  EXPECT_EQ(mysql("SELECT @a, @@session.b, @'c', 1e"), "SELECT @a, @@session.b, @?, ?");
  EXPECT_EQ(mysql("SELECT `a``b 'c'`, 'd\\\\'"), "SELECT `a``b 'c'`, ?");
}

TEST(Sanitize, Sqlite) {
  EXPECT_EQ(sqlite("SELECT [a 'b'], `c`, \"d\", x'1f', 'e\\', ?1, ?, :f, @g, $h FROM t"),
            "SELECT [a 'b'], `c`, ?, ?, ?, ?1, ?, :f, @g, $h FROM t");
  EXPECT_EQ(sqlite("PRAGMA key = \"secret\"; SELECT \"a\""), "PRAGMA key = ?; SELECT ?");
  EXPECT_EQ(sqlite("ATTACH DATABASE 'f' AS d KEY \"secret\""), "ATTACH DATABASE ? AS d KEY ?");
}

TEST(Sanitize, Generic) {
  EXPECT_EQ(generic("SELECT [Order 5], [a]]b], #t.[c] FROM `d`, \"e 6\""),
            "SELECT [Order 5], [a]]b], #t.[c] FROM `d`, \"e 6\"");
  EXPECT_EQ(generic("SELECT a[1], ARRAY[2, 'x'], [b, 3], [4], f(:1, :x) [5:6]"),
            "SELECT a[?], ARRAY[?, ?], [b, ?], [?], f(:1, :x) [?:?]");
  EXPECT_EQ(generic("SELECT q'[it's]', NQ'(a)' , Q'!b!', $$c$$, $12.5 FROM t"),
            "SELECT ?, ? , ?, ?, ? FROM t");
  EXPECT_EQ(generic("ALTER USER u IDENTIFIED BY new REPLACE \"old\""),
            "ALTER USER u IDENTIFIED BY ? REPLACE ?");
}

// Engines differ on where these end: for one of them the rest would show a literal.
TEST(Sanitize, NothingIsToldAfterAnAmbiguity) {
  EXPECT_EQ(generic("SELECT 'C:\\', 'secret'"), "SELECT ?");
  EXPECT_EQ(generic("SELECT 'it\\'s secret'"), "SELECT ?");
  EXPECT_EQ(generic("SELECT \"a\\\" 'secret'"), "SELECT ?");
  EXPECT_EQ(generic("SELECT [O'Brien], 'secret'"), "SELECT ?");
  EXPECT_EQ(generic("SELECT 'a\\\\', 'b\\n', c"), "SELECT ?, ?, c");
}

TEST(Sanitize, Numbers) {
  EXPECT_EQ(generic("a-1 a -1 (-1) a-.5 f(x)-1 [n]-1 $1-1 a+1e+5"),
            "a-? a ? (?) a-? f(x)-? [n]-? $1-? a+?");
  EXPECT_EQ(generic("0xE+1, 1., 1.e5, 5e, t.1, 123abc, 1_000"), "??, ?, ?, ?, t.?, ?, ?");
  EXPECT_EQ(generic("2020-01-01 10:20"), "??? ?:?");
}

TEST(Sanitize, Booleans) {
  EXPECT_EQ(
      generic("UPDATE t SET a = TRUE, b = false WHERE NOT true AND c IS NOT TRUE AND d IS False"),
      "UPDATE t SET a = ?, b = ? WHERE NOT ? AND c IS NOT TRUE AND d IS False");
}

TEST(Sanitize, ACutLiteralIsHiddenWhole) {
  const std::vector<std::string> cut = {"'sec", "'it''s", "N'sec", "-12.5e-", "0x1", "'sec''"};
  for (const Dialect dialect : kAll) {
    for (const std::string& literal : cut) {
      EXPECT_EQ(sanitize("SELECT " + literal, dialect).text, "SELECT ?") << literal;
    }
    EXPECT_EQ(sanitize("SELECT `sec", Dialect::kMysql).text, "SELECT ?");
  }
  EXPECT_EQ(postgres("SELECT $a$sec$a"), "SELECT ?");
  EXPECT_EQ(postgres("SELECT E'sec\\"), "SELECT ?");
  EXPECT_EQ(generic("SELECT q'[sec]"), "SELECT ?");
  EXPECT_EQ(generic("SELECT q'"), "SELECT ?");
  EXPECT_EQ(generic("SELECT \"sec"), "SELECT ?");
}

// Each prefix of a text that holds every kind of literal.
TEST(Sanitize, NoPrefixShowsAByteOfALiteral) {
  const std::string text =
      "SELECT 'Zq', E'Z''q', N'Zq', x'Zq' /* Zq */ FROM t -- Zq\n"
      "WHERE a = -0xZq AND b IN ('Zq', 'Zq''Zq') OR c = 'Zq";
  for (const Dialect dialect : kAll) {
    for (size_t n = 0; n <= text.size(); ++n) {
      const std::string got = sanitize(text.substr(0, n), dialect).text;
      EXPECT_EQ(got.find_first_of("Zq"), std::string::npos) << got;
    }
  }
}

TEST(Sanitize, TextThatIsNoUtf8) {
  const Statement got =
      sanitize("SELECT na\xefve, \xff FROM t\xe9t, caf\xc3\xa9 '\xff'", Dialect::kPostgres);
  EXPECT_EQ(got.text, "SELECT na\xef\xbf\xbdve, \xef\xbf\xbd FROM t\xef\xbf\xbdt, caf\xc3\xa9 ?");
  EXPECT_EQ(got.summary, "SELECT t\xef\xbf\xbdt caf\xc3\xa9");
}

TEST(Sanitize, LongTextIsCutBetweenTokens) {
  std::string text = "SELECT";
  while (text.size() < 3 * kMaxText) text += " abcdefg,";
  const std::string got = generic(text);
  EXPECT_LE(got.size(), kMaxText);
  EXPECT_GT(got.size(), kMaxText - 10);
  EXPECT_TRUE(text.starts_with(got));
  EXPECT_TRUE(got.ends_with("abcdefg") || got.ends_with(",")) << got.substr(got.size() - 12);
}

TEST(Sanitize, LongLiteralsTakeNoRoom) {
  const std::string secret(100000, 's');
  EXPECT_EQ(generic("INSERT INTO t VALUES ('" + secret + "', 0" + secret + ") -- " + secret),
            "INSERT INTO t VALUES (?, ?) ");
  EXPECT_EQ(generic("SELECT " + secret), "SELECT");
}

TEST(Sanitize, NothingAndLittle) {
  for (const Dialect dialect : kAll) {
    EXPECT_EQ(sanitize("", dialect).text, "");
    for (int c = 1; c < 256; ++c) {
      const std::string one(1, static_cast<char>(c));
      EXPECT_LE(sanitize(one, dialect).text.size(), 3u) << c;
      EXPECT_EQ(sanitize(one, dialect).summary, "");
    }
  }
}

}  // namespace
}  // namespace weft::sql
