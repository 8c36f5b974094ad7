// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/resolve/locate.h"
#include "agent/resolve/toy_binary.h"

namespace weft::resolve {
namespace {

using namespace std::string_literals;
using ::testing::IsEmpty;
using testing::le32;
using ::testing::SizeIs;
using testing::ToyBinary;

std::string call(uint64_t at, uint64_t target) {
  return "\xe8" + le32(target - (at + 5));
}

// A library:
//   flush (exported)  calls helper, write_log and, by stub, itself
//   write_log         calls pwrite by its stub
//   helper            calls pwrite nowhere
//   commit            calls flush by its stub, then write_log
class CallGraphTest : public ::testing::Test {
 protected:
  CallGraphTest() {
    slots = toy.data(std::string(24, '\0'), ".got");
    const uint32_t pwrite = toy.symbol("pwrite", 0, 0, STT_FUNC, SHN_UNDEF);
    toy.relocation(slots, R_X86_64_JUMP_SLOT, pwrite, 0);
    plt = toy.next();
    toy.code(stub(plt, slots) + stub(plt + 16, slots + 8), ".plt.sec");
    at = toy.next();
    flush = at, write_log = at + 32, helper = at + 64, commit = at + 96;
    toy.relocation(slots + 8, R_X86_64_GLOB_DAT, toy.symbol("flush", flush, 32), 0);
    toy.symbol("commit", commit, 32);
    code(flush, call(flush, helper) + call(flush + 5, write_log) + call(flush + 10, plt + 16));
    code(write_log, "\x90" + call(write_log + 1, plt));
    code(helper, "\x90\xff\x15" + le32(slots + 16 - (helper + 7)));
    code(commit, call(commit, plt + 16) + call(commit + 5, write_log));
    toy.code(body);
    for (const uint64_t f : {flush, write_log, helper, commit}) toy.function(f, 32);
  }
  // endbr64; bnd jmp *slot(%rip)
  static std::string stub(uint64_t at, uint64_t slot) {
    return "\xf3\x0f\x1e\xfa\xf2\xff\x25" + le32(slot - (at + 11)) + std::string(5, '\x90');
  }
  void code(uint64_t, std::string bytes) {
    bytes += "\xc3";
    bytes.resize(32, '\x90');
    body += bytes;
  }

  ToyBinary toy;
  uint64_t slots = 0, plt = 0, at = 0;
  uint64_t flush = 0, write_log = 0, helper = 0, commit = 0;
  std::string body;
};

TEST_F(CallGraphTest, Stubs) {
  const auto binary = toy.build();
  EXPECT_EQ(binary->calls().plt_name(plt), "pwrite");
  EXPECT_EQ(binary->calls().plt_name(plt + 16), "flush");
  EXPECT_EQ(binary->calls().plt_name(plt + 5), "");
  EXPECT_EQ(binary->calls().plt_name(flush), "");
}

TEST_F(CallGraphTest, Callees) {
  toy.relocation(slots + 16, R_X86_64_GLOB_DAT, toy.symbol("fsync", 0, 0, STT_FUNC, SHN_UNDEF), 0);
  const auto binary = toy.build();
  const auto calls = binary->calls().callees({flush, 32});
  ASSERT_THAT(calls, SizeIs(3));
  EXPECT_EQ(calls[0].probe, flush);
  EXPECT_EQ(calls[0].target, helper);
  EXPECT_EQ(calls[0].import, "");
  EXPECT_EQ(calls[2].import, "flush");
  const auto pointer = binary->calls().callees({helper, 32});
  ASSERT_THAT(pointer, SizeIs(1));
  EXPECT_EQ(pointer[0].target, 0u);
  EXPECT_EQ(pointer[0].import, "fsync");
  EXPECT_THAT(binary->calls().callees({plt, 1 << 20}), IsEmpty());
}

TEST_F(CallGraphTest, Callers) {
  const auto binary = toy.build();
  const auto callers = binary->calls().callers(flush);
  ASSERT_THAT(callers, SizeIs(2));
  EXPECT_EQ(callers[0].function.address, flush);
  EXPECT_EQ(callers[0].probe, flush + 10);
  EXPECT_EQ(callers[1].function.address, commit);
  EXPECT_THAT(binary->calls().callers(write_log), SizeIs(2));
  EXPECT_THAT(binary->calls().callers(commit), IsEmpty());
}

TEST_F(CallGraphTest, DirectCalls) {
  const auto binary = toy.build();
  EXPECT_EQ(binary->calls().direct_calls(flush), 2u);
  EXPECT_EQ(binary->calls().direct_calls(helper), 1u);
  EXPECT_EQ(binary->calls().direct_calls(commit), 0u);
}

// Bytes inside another instruction look like a call; only decoding shows that they are not.
TEST_F(CallGraphTest, ACallerIsDecoded) {
  const uint64_t fake = toy.next();
  toy.code("\x48\xb8" + call(fake + 2, helper) + std::string(3, '\0') + "\xc3");  // movabs
  toy.function(fake, 11);
  const auto binary = toy.build();
  EXPECT_EQ(binary->calls().direct_calls(helper), 2u);
  EXPECT_THAT(binary->calls().callers(helper), SizeIs(1));
}

TEST_F(CallGraphTest, TheCalleeThatCalls) {
  const auto binary = toy.build();
  const auto found = locate(*binary, std::vector{Locator::callee_calling("flush", "pwrite")});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].address, write_log);
  EXPECT_EQ(found[0].size, 32u);
  EXPECT_EQ(found[0].how, "callee of flush");
  EXPECT_THAT(locate(*binary, std::vector{Locator::callee_calling("flush", "fsync")}), IsEmpty());
  EXPECT_THAT(locate(*binary, std::vector{Locator::callee_calling("gone", "pwrite")}), IsEmpty());
}

TEST_F(CallGraphTest, AnExportedCalleeIsNotMeant) {
  toy.symbol("write_log", write_log);
  EXPECT_THAT(locate(*toy.build(), std::vector{Locator::callee_calling("flush", "pwrite")}),
              IsEmpty());
}

TEST_F(CallGraphTest, TwoSuchCalleesAreNone) {
  const uint32_t pwrite = toy.symbol("pwrite", 0, 0, STT_FUNC, SHN_UNDEF);
  toy.relocation(slots + 16, R_X86_64_GLOB_DAT, pwrite, 0);
  EXPECT_THAT(locate(*toy.build(), std::vector{Locator::callee_calling("flush", "pwrite")}),
              IsEmpty());
}

TEST_F(CallGraphTest, TheCallAfter) {
  // flush calls nothing after itself, so commit alone does not decide.
  const auto binary = toy.build();
  EXPECT_THAT(locate(*binary, std::vector{Locator::call_after("flush")}), IsEmpty());
  EXPECT_THAT(locate(*binary, std::vector{Locator::call_after("gone")}), IsEmpty());
}

TEST_F(CallGraphTest, TheCallAfterInTheOnlyCaller) {
  toy.symbol("helper", helper);
  const auto found = locate(*toy.build(), std::vector{Locator::call_after("helper")});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].address, write_log);
  EXPECT_EQ(found[0].how, "call after helper");
}

}  // namespace
}  // namespace weft::resolve
