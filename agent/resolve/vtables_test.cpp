// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "agent/resolve/toy_binary.h"

namespace weft::resolve {
namespace {

using namespace std::string_literals;
using testing::le64;
using testing::ToyBinary;

// Data made of pointers, in place or relocated.
class VtablesTest : public ::testing::TestWithParam<bool> {
 protected:
  uint64_t pointers(const std::vector<uint64_t>& words) {
    const uint64_t at = toy.next();
    std::string bytes;
    for (size_t i = 0; i < words.size(); ++i) {
      const bool relocated = GetParam() && words[i] >= text;
      bytes += le64(relocated ? 0 : words[i]);
      if (relocated) toy.relocation(at + 8 * i, R_X86_64_RELATIVE, 0, words[i]);
    }
    return toy.data(bytes);
  }
  uint64_t vtable(uint64_t typeinfo, uint64_t first, uint64_t whole = 0) {
    return pointers({whole, typeinfo, first, first + 16});
  }

  ToyBinary toy;
  uint64_t text = toy.code(std::string(256, '\x90'));
  uint64_t name = toy.data("\0N2ns5ClassE\0*N2ns6HiddenE\0PN2ns5OtherE\0"s) + 1;
};
INSTANTIATE_TEST_SUITE_P(Pointers, VtablesTest, ::testing::Bool(),
                         [](const auto& p) { return p.param ? "Relocated" : "InPlace"; });

TEST_P(VtablesTest, SlotsOfAClass) {
  vtable(pointers({0, name}), text + 32);
  const auto binary = toy.build();
  EXPECT_EQ(binary->vtables().method("N2ns5ClassE", 0), text + 32);
  EXPECT_EQ(binary->vtables().method("N2ns5ClassE", 1), text + 48);
  EXPECT_FALSE(binary->vtables().method("N2ns5ClassE", 2)) << "behind the vtable";
  EXPECT_FALSE(binary->vtables().method("N2ns5ClassE", UINT32_MAX));
  EXPECT_FALSE(binary->vtables().method("2ns5ClassE", 0)) << "part of a name";
  EXPECT_FALSE(binary->vtables().method("N2ns5OtherE", 0)) << "of a pointer to it";
  EXPECT_FALSE(binary->vtables().method("", 0));
}

TEST_P(VtablesTest, InAnAnonymousNamespace) {
  vtable(pointers({0, name + 12}), text + 64);
  EXPECT_EQ(toy.build()->vtables().method("N2ns6HiddenE", 0), text + 64);
}

TEST_P(VtablesTest, BasesAndDerivedClassesAreOthers) {
  const uint64_t type = pointers({0, name});
  vtable(type, text + 96, static_cast<uint64_t>(-16));  // of a further base
  pointers({0, name + 12, type, text + 128});           // the typeinfo of a derived class
  vtable(type, text + 32);
  EXPECT_EQ(toy.build()->vtables().method("N2ns5ClassE", 0), text + 32);
}

TEST_P(VtablesTest, TwoAnswersAreNone) {
  const uint64_t type = pointers({0, name});
  vtable(type, text + 32);
  EXPECT_TRUE(ToyBinary(toy).build()->vtables().method("N2ns5ClassE", 0));
  vtable(type, text + 96);
  EXPECT_FALSE(toy.build()->vtables().method("N2ns5ClassE", 0));
}

TEST_F(VtablesTest, PointersBySymbol) {
  const uint32_t type_name = toy.symbol("_ZTSN2ns5ClassE", name - 4, 0, STT_OBJECT);
  const uint32_t imported = toy.symbol("__cxa_pure_virtual", 0, 0, STT_FUNC, SHN_UNDEF);
  const uint32_t method = toy.symbol("method", text + 32);
  const uint64_t type = toy.data(std::string(16, '\0'));
  const uint64_t table = toy.data(std::string(32, '\0'));
  toy.relocation(type + 8, R_X86_64_64, type_name, 4);
  toy.relocation(table + 8, R_X86_64_RELATIVE, 0, type);
  toy.relocation(table + 16, R_X86_64_64, imported, 0);
  toy.relocation(table + 24, R_X86_64_64, method, 0);
  const auto binary = toy.build();
  EXPECT_FALSE(binary->vtables().method("N2ns5ClassE", 0));
  EXPECT_EQ(binary->vtables().method("N2ns5ClassE", 1), text + 32);
}

}  // namespace
}  // namespace weft::resolve
