// SPDX-License-Identifier: Apache-2.0
// Random statements with a secret in every place where a grammar takes a value: none must be shown,
// whatever the connection's settings are and whether they are known.
#include <gtest/gtest.h>
#include <string>

#include "agent/sql/sql.h"
#include "tests/support/secret_statements.h"

namespace weft::sql {
namespace {

using test::Grammar;
using test::kSecrets;
using test::Writer;

struct Setting {
  const char* name;
  Dialect dialect;
  Backslash backslash;  // of the connection
  Grammar (*grammar)(Backslash);
};

class Secrets : public testing::TestWithParam<Setting> {};

void expect_hidden(const std::string& text, Dialect dialect, Backslash backslash) {
  const Statement told = sanitize(text, dialect, backslash);
  for (const std::string_view secret : kSecrets) {
    ASSERT_EQ(told.text.find(secret), std::string::npos) << text << "\n→ " << told.text;
    ASSERT_EQ(told.summary.find(secret), std::string::npos) << text << "\n→ " << told.summary;
  }
}

TEST_P(Secrets, NoneIsTold) {
  const Setting& setting = GetParam();
  const Grammar grammar = setting.grammar(setting.backslash);
  for (unsigned seed = 0; seed < 4000; ++seed) {
    const std::string text = Writer(grammar, seed).statements();
    expect_hidden(text, setting.dialect, setting.backslash);
    expect_hidden(text, setting.dialect, Backslash::kUnknown);
    // Truncated anywhere, as captured text is.
    expect_hidden(text.substr(0, seed % (text.size() + 1)), setting.dialect, setting.backslash);
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, Secrets,
    testing::Values(Setting{"postgres", Dialect::kPostgres, Backslash::kPlain, test::postgres},
                    Setting{"postgres_escapes", Dialect::kPostgres, Backslash::kEscapes,
                            test::postgres},
                    Setting{"mysql", Dialect::kMysql, Backslash::kEscapes, test::mysql},
                    Setting{"mysql_plain", Dialect::kMysql, Backslash::kPlain, test::mysql},
                    Setting{"sqlite", Dialect::kSqlite, Backslash::kPlain, test::sqlite}),
    [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace weft::sql
