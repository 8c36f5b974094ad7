// SPDX-License-Identifier: Apache-2.0
#include "agent/resolve/locate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/resolve/toy_binary.h"

namespace weft::resolve {
namespace {

using namespace std::string_literals;
using testing::ElfBuilder;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::ToyBinary;

constexpr Locator kFlush[] = {
    Locator::usdt("pg", "flush"),
    Locator::symbol("flush"),
    Locator::prefix("_ZN2DB5flush"),
};

class LocateTest : public ::testing::Test {
 protected:
  ToyBinary toy;
  uint64_t text = toy.code(std::string(64, '\x90'));
};

TEST_F(LocateTest, TheFirstThatFinds) {
  toy.symbol("_ZN2DB5flushEv", text + 16, 8);
  EXPECT_EQ(locate(*ToyBinary(toy).build(), kFlush).at(0).how, "dynsym prefix");
  toy.symbol("flush", text, 8);
  const auto found = locate(*toy.build(), kFlush);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].address, text);
  EXPECT_EQ(found[0].size, 8u);
  EXPECT_EQ(found[0].file_offset, text - ElfBuilder::kBase);
  EXPECT_EQ(found[0].how, "dynsym");
}

TEST_F(LocateTest, Nothing) {
  EXPECT_THAT(locate(*ToyBinary(toy).build(), kFlush), IsEmpty());
  EXPECT_THAT(locate(*toy.build(), {}), IsEmpty());
}

TEST_F(LocateTest, AVariableIsNoFunction) {
  toy.symbol("flush", text, 8, STT_OBJECT);
  const auto binary = toy.build();
  EXPECT_THAT(locate(*binary, kFlush), IsEmpty());
  EXPECT_THAT(locate(*binary, std::vector{Locator::object("flush")}), SizeIs(1));
}

TEST_F(LocateTest, AnAmbiguousPrefixFindsNothing) {
  toy.symbol("_ZN2DB5flushEv", text);
  toy.symbol("_ZN2DB5flushEi", text + 8);
  EXPECT_THAT(locate(*toy.build(), kFlush), IsEmpty());
}

TEST_F(LocateTest, AVariableWithoutContents) {
  toy.symbol("counter", ElfBuilder::kBase + (1 << 24), 8, STT_OBJECT);
  EXPECT_EQ(locate(*toy.build(), std::vector{Locator::object("counter")}).at(0).file_offset, 0u);
}

TEST_F(LocateTest, Probes) {
  const uint64_t semaphore = toy.data("\0\0"s, ".probes");
  const std::string content = testing::le64(text) + testing::le64(0) + testing::le64(semaphore) +
                              "pg\0flush\0"s + "8@%rdi\0\0\0\0"s;
  toy.part(
      ".note.stapsdt",
      testing::le32(8) + testing::le32(content.size()) + testing::le32(3) + "stapsdt\0"s + content,
      0, SHT_NOTE);
  const auto found = locate(*toy.build(), kFlush);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].how, "usdt");
  EXPECT_EQ(found[0].arguments, "8@%rdi");
  EXPECT_EQ(found[0].semaphore_offset, semaphore - ElfBuilder::kBase);
}

}  // namespace
}  // namespace weft::resolve
