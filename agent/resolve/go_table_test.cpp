// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "agent/resolve/toy_binary.h"

namespace weft::resolve {
namespace {

using namespace std::string_literals;
using testing::le32;
using testing::le64;
using testing::ToyBinary;

constexpr size_t kHead = 72;

// Functions main.a at 16, main.ab at 48 (the end: 64), counted from `text`.
std::string table(uint32_t magic, uint64_t text, uint64_t count = 2) {
  const std::string names = "main.a\0main.ab\0xmain.a\0"s;
  const uint64_t pairs = kHead + names.size();
  const std::string records = le32(16) + le32(0) + le32(48) + le32(7);
  const uint64_t first = 5 * 4;
  return le32(magic) + "\0\0\x01\x08"s + le64(count) + le64(1) + le64(text) + le64(kHead) +
         le64(pairs) + le64(pairs) + le64(pairs) + le64(pairs) + names + le32(16) + le32(first) +
         le32(48) + le32(first + 8) + le32(64) + records;
}

class GoTableTest : public ::testing::Test {
 protected:
  void expect_functions() {
    const auto binary = toy.build();
    const auto a = binary->go().find("main.a");
    ASSERT_TRUE(a);
    EXPECT_EQ(a->address, text + 16);
    EXPECT_EQ(a->size, 32u);
    const auto ab = binary->go().find("main.ab");
    ASSERT_TRUE(ab);
    EXPECT_EQ(ab->address, text + 48);
    EXPECT_EQ(ab->size, 16u);
    EXPECT_FALSE(binary->go().find("main"));
    EXPECT_FALSE(binary->go().find("ain.ab"));
    EXPECT_FALSE(binary->go().find("xmain.a")) << "a name that no function has";
    EXPECT_FALSE(binary->go().find(""));
  }
  void expect_nothing(const std::string& bytes) {
    ToyBinary other;
    const uint64_t at = other.code(std::string(256, '\x90'));
    ASSERT_EQ(at, text);
    other.data(bytes, ".gopclntab");
    EXPECT_FALSE(other.build()->go().find("main.a"));
  }
  ToyBinary toy;
  uint64_t text = toy.code(std::string(256, '\x90'));
};

TEST_F(GoTableTest, Of118) {
  toy.data(table(0xfffffff0, text), ".gopclntab");
  expect_functions();
}

TEST_F(GoTableTest, Of120) {
  toy.data(table(0xfffffff1, text), ".gopclntab");
  expect_functions();
}

TEST_F(GoTableTest, OfAPositionIndependentProgram) {
  const uint64_t at = toy.data(table(0xfffffff1, 0), ".data.rel.ro.gopclntab");
  toy.relocation(at + 24, R_X86_64_RELATIVE, 0, text);
  expect_functions();
}

TEST_F(GoTableTest, Of126TheTextIsInTheModule) {
  const uint64_t at = toy.data(table(0xfffffff1, 0), ".gopclntab");
  toy.data(le64(at) + le64(7) + le64(55) + le64(text + 16) + le64(text + 64) + le64(text));
  expect_functions();
}

TEST_F(GoTableTest, Of126WithoutAModule) {
  expect_nothing(table(0xfffffff1, 0));
}

TEST_F(GoTableTest, OtherTables) {
  expect_nothing(table(0xfffffffa, text));     // 1.16
  expect_nothing(table(0xfffffff1, 5));        // not in the code
  expect_nothing(table(0xfffffff1, text, 0));  // no functions
  std::string narrow = table(0xfffffff1, text);
  narrow[7] = 4;
  expect_nothing(narrow);
}

TEST_F(GoTableTest, CutAnywhere) {
  const std::string whole = table(0xfffffff1, text);
  for (size_t n = 0; n < whole.size(); ++n) {
    ToyBinary other;
    other.code(std::string(256, '\x90'));
    other.data(whole.substr(0, n), ".gopclntab");
    const auto found = other.build()->go().find("main.ab");
    EXPECT_TRUE(!found || (found->address == text + 48 && found->size == 16)) << n;
  }
}

}  // namespace
}  // namespace weft::resolve
