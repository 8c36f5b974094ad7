// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/postgresql/statements.h"

#include <gtest/gtest.h>
#include <string>

namespace weft::protocol::postgresql {
namespace {

TEST(RecentStatements, ATextIsReadOnce) {
  const StatementPtr first = statement_of("SELECT 1");
  EXPECT_EQ(first->text, "SELECT ?");
  EXPECT_EQ(statement_of("SELECT 1"), first);
  EXPECT_NE(statement_of("SELECT 2"), first);
}

// More texts than the cache holds: each gives its own statement.
TEST(RecentStatements, NeverAnothers) {
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 2000; ++i) {
      const std::string table = "t" + std::to_string(i);
      ASSERT_EQ(statement_of("SELECT * FROM " + table)->text, "SELECT * FROM " + table);
    }
  }
}

TEST(RecentStatements, LongTextsAreNotRemembered) {
  const std::string text = "SELECT '" + std::string(5000, 'x') + "'";
  const StatementPtr first = statement_of(text);
  EXPECT_EQ(first->text, "SELECT ?");
  EXPECT_NE(statement_of(text), first);
}

}  // namespace
}  // namespace weft::protocol::postgresql
