// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "agent/resolve/toy_binary.h"

namespace weft::resolve {
namespace {

using testing::ToyBinary;

class UnwindTableTest : public ::testing::TestWithParam<int> {
 protected:
  ToyBinary toy;
  uint64_t text = toy.code(std::string(4096, '\x90'));
};
INSTANTIATE_TEST_SUITE_P(Functions, UnwindTableTest, ::testing::Range(1, 9));

TEST_P(UnwindTableTest, EveryAddressHasItsFunction) {
  for (int i = 0; i < GetParam(); ++i) toy.function(text + 32 * i, 20);
  const auto binary = toy.build();
  EXPECT_FALSE(binary->unwind().function_at(text - 1));
  EXPECT_FALSE(binary->unwind().function_at(0));
  EXPECT_FALSE(binary->unwind().function_at(UINT64_MAX));
  for (int i = 0; i < GetParam(); ++i) {
    for (const int into : {0, 1, 19}) {
      const auto found = binary->unwind().function_at(text + 32 * i + into);
      ASSERT_TRUE(found) << i << '+' << into;
      EXPECT_EQ(found->address, text + 32 * i);
      EXPECT_EQ(found->size, 20u);
    }
    EXPECT_FALSE(binary->unwind().function_at(text + 32 * i + 20)) << "between functions";
  }
}

TEST_F(UnwindTableTest, TheEntryMustAgreeWithTheTable) {
  toy.function(text, 20);
  toy.function(text + 32, 20);
  std::string file = toy.text();
  const size_t table = file.find("\x01\x1b\x03\x3b");
  ASSERT_NE(table, std::string::npos);
  file[table + 12] = static_cast<char>(file[table + 12] + 1);
  const auto binary = ToyBinary::open(file);
  EXPECT_FALSE(binary->unwind().function_at(text + 1));
  EXPECT_TRUE(binary->unwind().function_at(text + 33));
}

TEST_F(UnwindTableTest, OtherEncodingsAreNotGuessed) {
  toy.function(text, 20);
  std::string file = toy.text();
  file[file.find("\x01\x1b\x03\x3b") + 3] = '\x1b';
  EXPECT_FALSE(ToyBinary::open(file)->unwind().function_at(text));
}

}  // namespace
}  // namespace weft::resolve
