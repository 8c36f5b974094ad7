// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/resolve/toy_binary.h"

namespace weft::resolve {
namespace {

using namespace std::string_literals;
using ::testing::IsEmpty;
using testing::le32;
using testing::le64;
using testing::ToyBinary;

std::string note(const std::string& content, const std::string& name = "stapsdt",
                 uint32_t type = 3) {
  const std::string padding((4 - content.size() % 4) % 4, '\0');
  return le32(name.size() + 1) + le32(content.size()) + le32(type) + name + '\0' + content +
         padding;
}

std::string probe(uint64_t address, uint64_t base, uint64_t semaphore, const std::string& texts) {
  return note(le64(address) + le64(base) + le64(semaphore) + texts);
}

std::vector<Usdt> found(const std::string& notes, bool base = true) {
  ToyBinary toy;
  if (base) toy.data("\0"s, ".stapsdt.base");
  toy.part(".note.stapsdt", notes, 0, SHT_NOTE);
  return toy.build()->usdt().find("pg", "commit");
}

// Where the base section is, in a file with nothing before it.
uint64_t base() {
  return ToyBinary().next();
}

TEST(Usdt, SitesOfOneProbe) {
  const auto probes = found(probe(0x100, base(), 0x900, "pg\0commit\0"s + "8@%rax -4@$5\0"s) +
                            probe(0x150, base(), 0x902, "pg\0abort\0\0"s) +
                            probe(0x200, base(), 0, "pg\0commit\0\0"s) +
                            probe(0x250, base(), 0, "my\0commit\0\0"s));
  ASSERT_EQ(probes.size(), 2u);
  EXPECT_EQ(probes[0].address, 0x100u);
  EXPECT_EQ(probes[0].semaphore, 0x900u);
  EXPECT_EQ(probes[0].arguments, "8@%rax -4@$5");
  EXPECT_EQ(probes[1].address, 0x200u);
  EXPECT_EQ(probes[1].semaphore, 0u);
  EXPECT_EQ(probes[1].arguments, "");
}

TEST(Usdt, MovedWithTheirBase) {
  const auto probes = found(probe(0x100, base() - 0x1000, 0x900, "pg\0commit\0\0"s) +
                            probe(0x200, base() + 0x10, 0, "pg\0commit\0\0"s));
  ASSERT_EQ(probes.size(), 2u);
  EXPECT_EQ(probes[0].address, 0x1100u);
  EXPECT_EQ(probes[0].semaphore, 0x1900u);
  EXPECT_EQ(probes[1].address, 0x1f0u);
  EXPECT_EQ(probes[1].semaphore, 0u);
}

TEST(Usdt, WithoutABaseNothingMoved) {
  EXPECT_EQ(found(probe(0x100, 0x5000, 0, "pg\0commit\0\0"s), false).at(0).address, 0x100u);
}

TEST(Usdt, NotesOfOthers) {
  const std::string content = le64(1) + le64(base()) + le64(0) + "pg\0commit\0\0"s;
  EXPECT_THAT(found(note(content, "stapsdx")), IsEmpty());
  EXPECT_THAT(found(note(content, "stapsdt", 4)), IsEmpty());
}

TEST(Usdt, CutAnywhere) {
  const std::string whole = probe(0x100, base(), 0, "pg\0commit\0args\0"s);
  for (size_t n = 0; n < whole.size() - 1; ++n) {
    EXPECT_THAT(found(whole.substr(0, n)), IsEmpty()) << n;
  }
  EXPECT_THAT(found(probe(0x100, base(), 0, "pg\0commit"s)), IsEmpty());
}

}  // namespace
}  // namespace weft::resolve
