// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/resolve/toy_binary.h"

namespace weft::resolve {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using testing::ToyBinary;

class SymbolsTest : public ::testing::Test {
 protected:
  ToyBinary toy;
  uint64_t text = toy.code(std::string(64, '\x90'));
};

TEST_F(SymbolsTest, ByExactName) {
  toy.symbol("flush_all", text, 4);
  toy.symbol("flush", text + 8, 16);
  toy.symbol("status", text + 32, 8, STT_OBJECT);
  const auto binary = toy.build();
  const auto found = binary->symbols().find("flush");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "flush");
  EXPECT_EQ(found->address, text + 8);
  EXPECT_EQ(found->size, 16u);
  EXPECT_EQ(found->kind, Symbol::Kind::kFunction);
  EXPECT_TRUE(found->dynamic);
  EXPECT_EQ(binary->symbols().find("status")->kind, Symbol::Kind::kObject);
  EXPECT_FALSE(binary->symbols().find("flus"));
  EXPECT_FALSE(binary->symbols().find("lush_all"));
  EXPECT_FALSE(binary->symbols().find(""));
}

TEST_F(SymbolsTest, NamesMayShareTheirEnds) {
  // Linkers store "flush" as the end of "xflush": a second symbol points into it.
  const uint32_t first = toy.symbol("xflush", text);
  std::string file = toy.text();
  const size_t entry = file.find(ToyBinary::symbol_entry(1, text, 0, STT_FUNC, 1));
  ASSERT_NE(entry, std::string::npos);
  ASSERT_EQ(first, 1u);
  file.replace(entry, 4, testing::le32(2));
  const auto binary = ToyBinary::open(file);
  EXPECT_TRUE(binary->symbols().find("flush"));
  EXPECT_FALSE(binary->symbols().find("xflush"));
}

TEST_F(SymbolsTest, OnlyDefinedFunctionsAndVariables) {
  toy.symbol("imported", 0, 0, STT_FUNC, SHN_UNDEF);
  toy.symbol("imported_plt", text, 0, STT_FUNC, SHN_UNDEF);
  toy.symbol("resolver", text, 4, STT_GNU_IFUNC);
  toy.symbol("local", 8, 4, STT_TLS);
  toy.symbol("version", 8, 4, STT_OBJECT, SHN_ABS);
  const auto binary = toy.build();
  for (const char* name : {"imported", "imported_plt", "resolver", "local", "version"}) {
    EXPECT_FALSE(binary->symbols().find(name)) << name;
  }
}

TEST_F(SymbolsTest, DynamicSymbolsFirst) {
  toy.static_symbol("both", text);
  toy.static_symbol("inner", text + 4);
  toy.symbol("both", text + 8);
  const auto binary = toy.build();
  EXPECT_EQ(binary->symbols().find("both")->address, text + 8);
  EXPECT_EQ(binary->symbols().find("inner")->address, text + 4);
  EXPECT_FALSE(binary->symbols().find("inner")->dynamic);
  EXPECT_TRUE(binary->symbols().exported(text + 8));
  EXPECT_FALSE(binary->symbols().exported(text + 4));
}

TEST_F(SymbolsTest, ByPrefix) {
  toy.symbol("_ZN2DB5WriteEi", text + 4);
  toy.symbol("_ZN2DB5WriteEib", text);
  toy.symbol("_ZN2DB4ReadEi", text + 12);
  toy.static_symbol("_ZN2DB5WriteEi", text + 4);
  toy.static_symbol("_ZN2DB5WriteEi.cold", text + 24);
  const auto binary = toy.build();
  EXPECT_THAT(
      binary->symbols().with_prefix("_ZN2DB5WriteE"),
      ElementsAre(Field(&Symbol::name, "_ZN2DB5WriteEib"), Field(&Symbol::name, "_ZN2DB5WriteEi")));
  EXPECT_THAT(binary->symbols().with_prefix("_ZN3"), IsEmpty());
  EXPECT_THAT(binary->symbols().with_prefix(""), IsEmpty());
}

}  // namespace
}  // namespace weft::resolve
