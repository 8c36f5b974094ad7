// SPDX-License-Identifier: Apache-2.0
#include "agent/discover/proc/elf.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/discover/proc/elf_builder.h"
#include "agent/discover/proc/temp_tree.h"

namespace weft {
namespace {

using namespace std::string_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::ElfBuilder;
using testing::go_build_info;
using ::testing::IsEmpty;
using ::testing::StartsWith;

ElfFacts read(const std::string& bytes, bool python = false) {
  return read_elf(MemoryBytes(bytes), python);
}

class ElfTest : public ::testing::TestWithParam<bool> {
 protected:
  ElfBuilder elf{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Bits, ElfTest, ::testing::Bool(),
                         [](const auto& p) { return p.param ? "Of64" : "Of32"; });

TEST_P(ElfTest, Libraries) {
  elf.needed({"libstdc++.so.6", "libc.so.6"});
  EXPECT_THAT(read(elf.build()).needed, ElementsAre("libstdc++.so.6", "libc.so.6"));
}

TEST_P(ElfTest, BuildIds) {
  elf.note("GNU", NT_GNU_BUILD_ID, "\x01\xab\xff"s);
  elf.note("Go", 4, "abc/def");
  const ElfFacts facts = read(elf.build());
  EXPECT_EQ(facts.build_id, "01abff");
  EXPECT_EQ(facts.go_build_id, "abc/def");
}

TEST_P(ElfTest, NotesOfOthersAreSkipped) {
  elf.note("stapsdt", NT_GNU_BUILD_ID, "12345");
  elf.note("GNU", 1, "abi!");
  EXPECT_EQ(read(elf.build()).build_id, "");
}

TEST_P(ElfTest, GoVersion) {
  elf.section(".go.buildinfo", SHT_PROGBITS, go_build_info("go1.22.3"));
  EXPECT_EQ(read(elf.build()).go_version, "go1.22.3");
}

TEST_P(ElfTest, GoVersionWithALongName) {
  const std::string version = "devel go1.23-" + std::string(110, 'a') + " X:exp";
  ASSERT_EQ(version.size(), 129u);
  elf.section(".go.buildinfo", SHT_PROGBITS, go_build_info(version));
  EXPECT_EQ(read(elf.build()).go_version, "") << "longer than any real one";
  ElfBuilder other(GetParam());
  other.section(".go.buildinfo", SHT_PROGBITS, go_build_info(version.substr(0, 128)));
  EXPECT_EQ(read(other.build()).go_version, version.substr(0, 128));
}

TEST_P(ElfTest, GoVersionWithoutSections) {
  const std::string data = std::string(64, '\0') + go_build_info("go1.22.3");
  elf.segment(PT_LOAD, elf.put(data), data.size(), PF_R | PF_W);
  elf.strip();
  EXPECT_EQ(read(elf.build()).go_version, "go1.22.3");
}

TEST_P(ElfTest, GoVersionByPointer) {
  const uint64_t text = elf.put("go1.17");
  const uint64_t header = elf.put(elf.word(ElfBuilder::kBase + text) + elf.word(6));
  std::string info("\xff Go buildinf:", 14);
  info += static_cast<char>(GetParam() ? 8 : 4);
  info += '\0' + elf.word(ElfBuilder::kBase + header) + std::string(16, '\0');
  elf.section(".go.buildinfo", SHT_PROGBITS, info);
  EXPECT_EQ(read(elf.build()).go_version, "go1.17");
}

TEST_P(ElfTest, RustVersion) {
  elf.section(".comment", SHT_PROGBITS, "GCC: (Debian) 12\0rustc version 1.75.0 (82e1608df)\0"s);
  EXPECT_EQ(read(elf.build()).rust_version, "1.75.0");
}

TEST_P(ElfTest, PythonVersion) {
  const uint64_t value = elf.put("\xf0\x07\x0b\x03"s);
  // Section 1 is the symbols, section 2 their names.
  elf.section(".dynsym", SHT_DYNSYM,
              elf.symbol(0, 0) + elf.symbol(1, 0) + elf.symbol(13, ElfBuilder::kBase + value), 2);
  elf.section(".dynstr", SHT_STRTAB, "\0Py_Versions\0Py_Version\0"s);
  const std::string bytes = elf.build();
  EXPECT_EQ(read(bytes, true).python, 0x030b07f0u);
  EXPECT_EQ(read(bytes, false).python, 0u) << "only on request";
}

TEST_P(ElfTest, CutAnywhereIsHarmless) {
  elf.needed({"libc.so.6"});
  elf.note("GNU", NT_GNU_BUILD_ID, "\x01\xab");
  elf.section(".go.buildinfo", SHT_PROGBITS, go_build_info("go1.22.3"));
  const std::string bytes = elf.build();
  for (size_t n = 0; n < bytes.size(); ++n) read(bytes.substr(0, n), true);
}

TEST_P(ElfTest, AnyByteWrongIsHarmless) {
  elf.needed({"libc.so.6"});
  elf.note("GNU", NT_GNU_BUILD_ID, "\x01\xab");
  elf.section(".dynsym", SHT_DYNSYM, elf.symbol(0, 0), 1);
  elf.section(".go.buildinfo", SHT_PROGBITS, go_build_info("go1.22.3"));
  std::string bytes = elf.build();
  for (size_t i = 0; i < bytes.size(); i += i < 512 || i > 4096 ? 1 : 64) {
    const char was = bytes[i];
    for (const char wrong : {'\0', '\xff', '\x7f'}) {
      bytes[i] = wrong;
      read(bytes, true);
    }
    bytes[i] = was;
  }
}

TEST(ElfFilesTest, WhatIsNoElfIsEmpty) {
  for (const std::string& bytes : {""s, "\x7f"s, "#!/bin/sh\n"s,
                                   "\x7f"
                                   "ELF"s,
                                   "\x7f"
                                   "ELF\2\2"s +
                                       std::string(100, 0)}) {
    const ElfFacts facts = read(bytes, true);
    EXPECT_THAT(facts.needed, IsEmpty());
    EXPECT_EQ(facts.go_version + facts.build_id + facts.rust_version, "");
  }
}

TEST(ElfFilesTest, ThisProgram) {
  const Fd fd(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  const ElfFacts facts = read_elf(FileBytes(fd), true);
  EXPECT_THAT(facts.needed, Contains(StartsWith("libc.so")));
  EXPECT_THAT(facts.needed, Contains(StartsWith("libstdc++.so")));
  EXPECT_EQ(facts.go_version, "");
  EXPECT_EQ(facts.python, 0u);
}

TEST(FileBytesTest, StaysInTheFile) {
  const testing::TempTree tree;
  tree.file("f", "0123456789");
  const Fd fd(::open(tree.path("f").c_str(), O_RDONLY | O_CLOEXEC));
  const FileBytes file(fd);
  EXPECT_EQ(file.read(8, 100), "89");
  EXPECT_EQ(file.read(10, 1), "");
  EXPECT_EQ(file.read(UINT64_MAX, 1), "");
  EXPECT_EQ(MemoryBytes("0123456789").read(8, 100), "89");
  EXPECT_EQ(MemoryBytes("0123456789").read(UINT64_MAX, 1), "");
}

TEST(PythonVersionTest, ReadsTheHexadecimal) {
  EXPECT_EQ(python_version(0x030b07f0), "3.11.7");
  EXPECT_EQ(python_version(0x030d00c2), "3.13.0rc2");
  EXPECT_EQ(python_version(0x030e00a1), "3.14.0a1");
  EXPECT_EQ(python_version(0), "");
  EXPECT_EQ(python_version(0xffffffff), "");
}

}  // namespace
}  // namespace weft
