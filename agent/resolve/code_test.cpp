// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/resolve/toy_binary.h"

namespace weft::resolve {
namespace {

using namespace std::string_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::ToyBinary;

const std::string kEndbr = "\xf3\x0f\x1e\xfa";
const std::string kRet = "\xc3";
const std::string kPush = "\x55";                           // push rbp
const std::string kSub = "\x48\x83\xec\x08";                // sub rsp, 8
const std::string kTest = "\x48\x85\xff";                   // test rdi, rdi
const std::string kLoad = "\x48\x8b\x87\xf8\x00\x00\x00"s;  // mov rax, [rdi+0xf8]

class CodeTest : public ::testing::Test {
 protected:
  // A function of these bytes, with other code before and after it.
  Function load(const std::string& bytes) {
    ToyBinary toy;
    toy.code(std::string(16, '\xcc'));
    const Function out{toy.code(bytes), bytes.size()};
    toy.code(std::string(16, '\xcc'));
    binary = toy.build();
    return out;
  }
  std::string field(const std::string& bytes) {
    const auto out = code_of(bytes).accessor_offset(function);
    return out ? std::to_string(out->offset) + ":" + std::to_string(out->width) : "none";
  }
  // "+offset", then "!" if emulated, then "s" if the stack pointer is as at the entry.
  std::string probe(const std::string& bytes, Abi abi = Abi::kSystemV, size_t arguments = 6) {
    const Probe out = code_of(bytes).first_emulatable(function, abi, arguments);
    return "+" + std::to_string(out.address - function.address) + (out.emulated ? "!" : "") +
           (out.entry_stack ? "s" : "");
  }
  const Code& code_of(const std::string& bytes) {
    function = load(bytes);
    return binary->code();
  }
  Function function;
  std::unique_ptr<Binary> binary;
};

TEST_F(CodeTest, Accessors) {
  EXPECT_EQ(field(kLoad + kRet), "248:8");
  EXPECT_EQ(field(kEndbr + kLoad + kRet), "248:8");
  EXPECT_EQ(field(kTest + "\x74\x09" + kLoad + kRet + "\x90\x31\xc0" + kRet), "248:8");
  EXPECT_EQ(field("\x31\xc0" + kTest + "\x74\x07" + kLoad + kRet), "248:8");
  EXPECT_EQ(field("\x48\x8d\x47\x68" + kRet), "104:0");  // lea rax, [rdi+0x68]
  EXPECT_EQ(field("\x8b\x47\x58" + kRet), "88:4");       // mov eax, [rdi+0x58]
  EXPECT_EQ(field("\x0f\xb7\x07" + kRet), "0:2");        // movzx eax, word [rdi]
  EXPECT_EQ(field("\x48\x8b\x47\xf8" + kRet), "-8:8");
}

TEST_F(CodeTest, NotAccessors) {
  EXPECT_EQ(field(kRet), "none");
  EXPECT_EQ(field(kLoad), "none");  // does not return
  EXPECT_EQ(field("\x31\xc0" + kRet), "none");
  EXPECT_EQ(field(kLoad + "\x48\x8b\x40\x08" + kRet), "none");       // loads through two pointers
  EXPECT_EQ(field(kLoad + "\x83\xe0\x01" + kRet), "none");           // a part of it
  EXPECT_EQ(field("\x48\x8b\x46\x08" + kRet), "none");               // of the second argument
  EXPECT_EQ(field("\x48\x8b\x3f" + kLoad + kRet), "none");           // rdi = [rdi]
  EXPECT_EQ(field("\xe8\x01\x00\x00\x00"s + kLoad + kRet), "none");  // rdi is lost
  EXPECT_EQ(field(std::string(12, '\x90') + kLoad + kRet), "none");
  EXPECT_FALSE(binary->code().accessor_offset({0, 0}));
  EXPECT_FALSE(binary->code().accessor_offset({UINT64_MAX - 1, UINT64_MAX}));
}

TEST_F(CodeTest, SitesAtTheEntry) {
  EXPECT_EQ(probe(kPush + kRet), "+0!s");
  EXPECT_EQ(probe("\x41\x57" + kRet), "+0!s");
  EXPECT_EQ(probe("\xe9\x00\x01\x00\x00"s), "+0!s");
}

TEST_F(CodeTest, SitesFurtherIn) {
  EXPECT_EQ(probe(kEndbr + kPush + kRet), "+4!s");
  EXPECT_EQ(probe(kEndbr + kSub + kTest + "\x74\x00"s + kRet), "+11!");
  EXPECT_EQ(probe("\x48\x89\xfb" + kPush + kRet), "+3!s");  // mov rbx, rdi
}

TEST_F(CodeTest, NoProbeWhereArgumentsAreGone) {
  const std::string third = "\x31\xd2";  // xor edx, edx
  EXPECT_EQ(probe(third + kPush + kRet), "+0s");
  EXPECT_EQ(probe(third + kPush + kRet, Abi::kSystemV, 3), "+0s");
  EXPECT_EQ(probe(third + kPush + kRet, Abi::kSystemV, 2), "+2!s");
  const std::string r14 = "\x4d\x31\xf6";
  EXPECT_EQ(probe(r14 + kPush + kRet), "+3!s");
  EXPECT_EQ(probe(r14 + kPush + kRet, Abi::kGo, 0), "+0s");
  EXPECT_EQ(probe("\x31\xc0" + kPush + kRet, Abi::kGo, 1), "+0s");
}

TEST_F(CodeTest, NoProbeNear) {
  EXPECT_EQ(probe(kTest + kRet + kPush), "+0s");
  EXPECT_EQ(probe(kTest + "\xff\xe0" + kPush), "+0s");  // jmp *%rax
  EXPECT_EQ(probe(kTest + kTest + kTest + kTest + kTest + kTest + kTest + kTest + kTest + kTest +
                  kTest + kTest + kPush + kRet),
            "+0s");
}

TEST_F(CodeTest, NoProbeInALoop) {
  EXPECT_EQ(probe(kTest + "\x90\xeb\xfd"), "+0s") << "back to the nop";
  EXPECT_EQ(probe("\xeb\xfd" + kRet), "+0!s") << "the entry itself is no worse";
  EXPECT_EQ(probe(kTest + "\x90\xeb\xfa"), "+3!s") << "back to the entry, as Go's prologs do";
  EXPECT_EQ(probe(kTest + "\x90\x90\xeb\xfd"), "+3!s") << "back behind it";
  EXPECT_EQ(probe(kTest + "\x90\x06"), "+0s") << "the rest cannot be decoded";
}

TEST_F(CodeTest, Returns) {
  const Function f = load(kPush + "\x74\x01" + kRet + "\x5d" + kRet);
  const auto exits = binary->code().returns(f);
  ASSERT_TRUE(exits);
  EXPECT_THAT(exits->returns, ElementsAre(f.address + 3, f.address + 5));
  EXPECT_FALSE(exits->tail_calls);
}

TEST_F(CodeTest, TailCalls) {
  EXPECT_TRUE(code_of("\xe9\x00\x01\x00\x00"s).returns(function)->tail_calls);
  EXPECT_TRUE(code_of("\xff\x25\x00\x01\x00\x00"s).returns(function)->tail_calls);
  EXPECT_FALSE(code_of("\xeb\xfe"s).returns(function)->tail_calls);
  EXPECT_FALSE(code_of("\xff\xe0"s).returns(function)->tail_calls);
}

TEST_F(CodeTest, WhatCannotBeDecodedHasNoReturns) {
  EXPECT_FALSE(code_of(kRet + "\x06").returns(function));
  EXPECT_FALSE(binary->code().returns({function.address, 0}));
  EXPECT_FALSE(binary->code().returns({function.address, 1 << 30}));
  EXPECT_FALSE(binary->code().returns({5, 10}));
}

}  // namespace
}  // namespace weft::resolve
