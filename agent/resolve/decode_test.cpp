// SPDX-License-Identifier: Apache-2.0
#include "agent/resolve/decode.h"

#include <gtest/gtest.h>
#include <string>

namespace weft::resolve {
namespace {

using namespace std::string_literals;

Instruction only(const std::string& code) {
  const auto out = decode(code, 0x1000);
  EXPECT_TRUE(out && out->length == code.size());
  return out.value_or(Instruction());
}

TEST(Decode, WhatTheKernelEmulates) {
  EXPECT_TRUE(kernel_emulates("\x90"));                      // nop
  EXPECT_TRUE(kernel_emulates("\x55"));                      // push rbp
  EXPECT_TRUE(kernel_emulates("\x41\x57"));                  // push r15
  EXPECT_TRUE(kernel_emulates("\xeb\x05"));                  // jmp
  EXPECT_TRUE(kernel_emulates("\xe9\x01\x02\x03\x04"));      // jmp
  EXPECT_TRUE(kernel_emulates("\xe8\x01\x02\x03\x04"));      // call
  EXPECT_TRUE(kernel_emulates("\x76\x42"));                  // jbe
  EXPECT_TRUE(kernel_emulates("\x0f\x84\x01\x02\x03\x04"));  // je
}

TEST(Decode, WhatItStepsOver) {
  EXPECT_FALSE(kernel_emulates("\xf3\x0f\x1e\xfa"));          // endbr64
  EXPECT_FALSE(kernel_emulates("\x66\x90"));                  // refused by 5.10
  EXPECT_FALSE(kernel_emulates("\x49\x90"));                  // xchg r8, rax
  EXPECT_FALSE(kernel_emulates("\x0f\x1f\x44\x00\x00"s));     // since 6.18 only
  EXPECT_FALSE(kernel_emulates("\x48\x50"));                  // push rax, another prefix
  EXPECT_FALSE(kernel_emulates("\x41\x90"));                  // xchg r8d, eax
  EXPECT_FALSE(kernel_emulates("\xf2\xe9\x01\x02\x03\x04"));  // bnd jmp
  EXPECT_FALSE(kernel_emulates("\xff\x25\x01\x02\x03\x04"));  // jmp *(%rip)
  EXPECT_FALSE(kernel_emulates("\xc3"));                      // ret
  EXPECT_FALSE(kernel_emulates(""));
}

TEST(Decode, Writes) {
  EXPECT_EQ(only("\x31\xc0").writes, mask(kRax));                           // xor eax, eax
  EXPECT_EQ(only("\x48\x85\xff").writes, 0);                                // test rdi, rdi
  EXPECT_EQ(only("\x48\x83\xec\x08").writes, mask(kRsp));                   // sub rsp, 8
  EXPECT_EQ(only("\x48\x89\xfb").writes, mask(kRbx));                       // mov rbx, rdi
  EXPECT_EQ(only("\x55").writes, mask(kRsp));                               // push rbp
  EXPECT_EQ(only("\x40\xb7\x01").writes, mask(kRdi));                       // mov dil, 1
  EXPECT_EQ(only("\x0f\x05").writes & mask(kRcx, kR11), mask(kRcx, kR11));  // syscall
}

TEST(Decode, Targets) {
  EXPECT_EQ(only("\xe8\x10\x00\x00\x00"s).target, 0x1015u);
  EXPECT_EQ(only("\xeb\xfe").target, 0x1000u);
  EXPECT_EQ(only("\x0f\x84\x00\x01\x00\x00"s).target, 0x1106u);
  EXPECT_EQ(only("\xff\x15\x10\x00\x00\x00"s).slot, 0x1016u);  // call *0x10(%rip)
  EXPECT_EQ(only("\xff\xd0").target, 0u);                      // call *%rax
  EXPECT_EQ(only("\xff\xd0").slot, 0u);
  EXPECT_EQ(only("\xff\x24\xc5\x00\x10\x00\x00"s).slot, 0u);  // jmp *0x1000(,%rax,8)
}

TEST(Decode, Flows) {
  EXPECT_EQ(only("\xe8\x10\x00\x00\x00"s).flow, Flow::kCall);
  EXPECT_EQ(only("\xff\xe0").flow, Flow::kJump);
  EXPECT_EQ(only("\x74\x02").flow, Flow::kConditional);
  EXPECT_EQ(only("\xc3").flow, Flow::kReturn);
  EXPECT_EQ(only("\xf3\xc3").flow, Flow::kReturn);
  EXPECT_EQ(only("\xc2\x08\x00"s).flow, Flow::kReturn);
  EXPECT_EQ(only("\x0f\x0b").flow, Flow::kTrap);
  EXPECT_EQ(only("\xcc").flow, Flow::kTrap);
  EXPECT_EQ(only("\x90").flow, Flow::kNext);
}

TEST(Decode, Accesses) {
  const auto load = only("\x48\x8b\x87\xf8\x00\x00\x00"s).access;  // mov rax, [rdi+0xf8]
  ASSERT_TRUE(load);
  EXPECT_EQ(load->to, kRax);
  EXPECT_EQ(load->base, kRdi);
  EXPECT_EQ(load->offset, 0xf8);
  EXPECT_EQ(load->width, 8);
  EXPECT_EQ(only("\x0f\xb6\x47\x05").access->width, 1);        // movzx eax, byte [rdi+5]
  EXPECT_EQ(only("\x8b\x07").access->width, 4);                // mov eax, [rdi]
  EXPECT_EQ(only("\x48\x8d\x47\x68").access->width, 0);        // lea rax, [rdi+0x68]
  EXPECT_FALSE(only("\x48\x8b\x04\xf7").access);               // mov rax, [rdi+rsi*8]
  EXPECT_FALSE(only("\x64\x48\x8b\x07").access);               // mov rax, fs:[rdi]
  EXPECT_FALSE(only("\x48\x8d\x05\x00\x00\x00\x00"s).access);  // lea rax, [rip]
  EXPECT_FALSE(only("\x48\x89\x47\x08").access);               // mov [rdi+8], rax
}

TEST(Decode, NoInstruction) {
  EXPECT_FALSE(decode("", 0));
  EXPECT_FALSE(decode("\x48\x8b", 0));
  EXPECT_FALSE(decode("\x06", 0));
}

}  // namespace
}  // namespace weft::resolve
