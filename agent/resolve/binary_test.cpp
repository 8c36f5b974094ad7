// SPDX-License-Identifier: Apache-2.0
#include "agent/resolve/binary.h"

#include <gtest/gtest.h>

#include "agent/resolve/toy_binary.h"

namespace weft::resolve {
namespace {

using testing::ToyBinary;

TEST(Binary, RefusesWhatItCannotRead) {
  EXPECT_EQ(ToyBinary::open(""), nullptr);
  EXPECT_EQ(ToyBinary::open("\x7f"
                            "ELF, or not"),
            nullptr);
  EXPECT_EQ(ToyBinary::open(testing::ElfBuilder(false).build()), nullptr);
  const auto missing = Binary::open("/nowhere/at/all");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, "/nowhere/at/all: not a readable file");
  EXPECT_FALSE(Binary::open("/"));
  EXPECT_FALSE(Binary::open("/dev/zero"));
}

TEST(Binary, WithoutTables) {
  testing::ElfBuilder elf;
  elf.strip();
  const auto binary = ToyBinary::open(elf.build());
  ASSERT_NE(binary, nullptr);
  EXPECT_FALSE(binary->symbols().find("main"));
  EXPECT_FALSE(binary->go().find("main.main"));
  EXPECT_FALSE(binary->vtables().method("1A", 0));
  EXPECT_FALSE(binary->unwind().function_at(testing::ElfBuilder::kBase));
  EXPECT_EQ(binary->calls().direct_calls(testing::ElfBuilder::kBase), 0u);
  EXPECT_EQ(binary->file_offset(testing::ElfBuilder::kBase + 5), 5u);
  EXPECT_FALSE(binary->file_offset(5));
}

}  // namespace
}  // namespace weft::resolve
