// SPDX-License-Identifier: Apache-2.0
#include "agent/attach/compile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/resolve/toy_binary.h"

namespace weft::attach {
namespace {

using namespace std::string_literals;
using ::testing::ElementsAre;
using testing::ElfBuilder;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::ToyBinary;
using From = ValueSpec::From;
using Shape = ProbeSpec::Shape;

constexpr ProbeTarget kEngine{.kind = TargetKind::kEngine, .id = 3, .name = "toy"};

// flush begins with an instruction that needs single-stepping, followed by one the kernel emulates.
const std::string kFlush = "\x31\xff\x55\x5d\xc3";                // xor edi,edi; push; pop; ret
const std::string kGetter = "\x48\x8b\x87\xf8\x00\x00\x00\xc3"s;  // return ((u64 *)p)[31]
// not a plain getter: depends on rsi too
const std::string kOpaque = "\x48\x01\xf7\x48\x8b\x07\xc3";

class CompileTest : public ::testing::Test {
 protected:
  CompileTest() {
    flush_ = toy_.code(kFlush);
    toy_.symbol("flush", flush_, kFlush.size());
    toy_.symbol("getter", toy_.code(kGetter, ".text2"), kGetter.size());
    toy_.symbol("opaque", toy_.code(kOpaque, ".text3"), kOpaque.size());
    counter_ = toy_.data(std::string(64, '\0'));
    toy_.symbol("counter", counter_, 8, STT_OBJECT);
    binary_ = toy_.build();
  }
  static ProbeSpec spec() {
    return {.number = 4, .name = "flush", .where = {Locator::symbol("flush")}};
  }
  Compiled compiled(const ProbeSpec& spec, const ProbeTarget& target = kEngine) {
    return compile(target, spec, *binary_, "/the/file");
  }
  weft_probe probe(const ProbeSpec& spec) {
    const Compiled out = compiled(spec);
    return out.probes.empty() ? weft_probe{} : out.probes.front().spec;
  }
  static uint64_t address(const CompiledProbe& probe) { return ElfBuilder::kBase + probe.offset; }

  ToyBinary toy_;
  uint64_t flush_ = 0, counter_ = 0;
  std::unique_ptr<resolve::Binary> binary_;
};

TEST_F(CompileTest, ACallHasAnEntryAndAReturn) {
  const Compiled out = compiled(spec());
  ASSERT_THAT(out.probes, SizeIs(2));
  const CompiledProbe& entry = out.probes[0];
  const CompiledProbe& leave = out.probes[1];
  EXPECT_EQ(entry.spec.kind, WEFT_PROBE_ENTER);
  EXPECT_EQ(leave.spec.kind, WEFT_PROBE_RETURN);
  EXPECT_EQ(entry.spec.call, leave.spec.call);
  EXPECT_EQ(entry.spec.target, 3);
  EXPECT_EQ(entry.spec.number, 4);
  EXPECT_EQ(entry.binary, "/the/file");
  EXPECT_EQ(address(entry), flush_ + 2) << "the first that is emulated";
  EXPECT_THAT(out.how, HasSubstr("dynsym 0x"));
  EXPECT_THAT(out.absent, IsEmpty());
}

TEST_F(CompileTest, ArgumentsKeepTheProbeBeforeTheyAreGone) {
  ProbeSpec wanted = spec();
  wanted.values[0] = {.from = From::kArgument, .argument = 0};
  const Compiled out = compiled(wanted);
  ASSERT_THAT(out.probes, SizeIs(2));
  EXPECT_EQ(address(out.probes[0]), flush_);
  EXPECT_EQ(address(out.probes[1]), flush_);
  EXPECT_THAT(out.how, HasSubstr("single-stepped"));
  ProbeSpec keyed = spec();
  keyed.keyed_by = 0;
  EXPECT_EQ(address(compiled(keyed).probes.at(0)), flush_);
  ProbeSpec text = spec();
  text.text = {.from = From::kArgument, .argument = 0};
  EXPECT_EQ(address(compiled(text).probes.at(0)), flush_);
}

TEST_F(CompileTest, PointsAndFinishesAreOneProbe) {
  for (const auto& [shape, kind] :
       {std::pair(Shape::kPoint, WEFT_PROBE_POINT), std::pair(Shape::kFinish, WEFT_PROBE_FINISH)}) {
    ProbeSpec wanted = spec();
    wanted.shape = shape;
    const Compiled out = compiled(wanted);
    ASSERT_THAT(out.probes, SizeIs(1));
    EXPECT_EQ(out.probes[0].spec.kind, kind);
  }
}

TEST_F(CompileTest, ArgumentsAndResults) {
  ProbeSpec wanted = spec();
  wanted.values[0] = {.from = From::kArgument, .argument = 2, .add = 16, .size = 4};
  wanted.values[3] = {.from = From::kResult};
  const weft_probe out = probe(wanted);
  EXPECT_EQ(out.value[0].from, WEFT_FETCH_ARG);
  EXPECT_EQ(out.value[0].index, 2);
  EXPECT_EQ(out.value[0].add[0], 16);
  EXPECT_EQ(out.value[0].size, 4);
  EXPECT_EQ(out.value[0].steps, 0);
  EXPECT_EQ(out.value[1].from, WEFT_FETCH_NONE);
  EXPECT_EQ(out.value[3].from, WEFT_FETCH_RETURN);
  EXPECT_EQ(out.text.from, WEFT_FETCH_NONE);
}

TEST_F(CompileTest, GlobalsMayBeReadLate) {
  ProbeSpec wanted = spec();
  wanted.values[0] = {.from = From::kGlobal, .global = "counter", .size = 8, .late = true};
  wanted.values[1] = {.from = From::kGlobal, .global = "counter", .size = 8};
  const weft_probe out = probe(wanted);
  EXPECT_EQ(out.value[0].late, 1);
  EXPECT_EQ(out.value[1].late, 0);
}

TEST_F(CompileTest, GlobalsAreADistanceFromTheProbe) {
  ProbeSpec wanted = spec();
  wanted.values[0] = {.from = From::kGlobal, .global = "counter", .add = 8, .size = 8};
  wanted.text = {.from = From::kGlobal, .global = "counter", .steps = {{24}, {-8}}};
  const Compiled out = compiled(wanted);
  ASSERT_THAT(out.probes, SizeIs(2));
  const weft_fetch& value = out.probes[0].spec.value[0];
  EXPECT_EQ(value.from, WEFT_FETCH_CODE);
  EXPECT_EQ(address(out.probes[0]) + static_cast<uint64_t>(value.add[0]), counter_ + 8);
  const weft_fetch& text = out.probes[0].spec.text;
  EXPECT_EQ(text.steps, 2);
  EXPECT_EQ(text.add[1], 24);
  EXPECT_EQ(text.add[2], -8);
}

TEST_F(CompileTest, WhatABuildLacksIsAbsent) {
  ProbeSpec wanted = spec();
  wanted.values[0] = {.from = From::kGlobal, .global = "counter"};
  wanted.values[1] = {.from = From::kGlobal, .global = "gone"};
  wanted.values[7] = {.from = From::kArgument, .steps = {Offset::of("gone")}};
  wanted.text = {.from = From::kGlobal, .global = "gone"};
  const Compiled out = compiled(wanted);
  ASSERT_THAT(out.probes, SizeIs(2));
  for (const CompiledProbe& probe : out.probes) {
    EXPECT_EQ(probe.spec.absent, 0x82);
    EXPECT_EQ(probe.spec.value[1].from, WEFT_FETCH_NONE);
    EXPECT_EQ(probe.spec.text.from, WEFT_FETCH_NONE);
  }
  EXPECT_THAT(out.absent, ElementsAre("value 1", "value 7", "text"));
}

TEST_F(CompileTest, GettersSayWhereAFieldIs) {
  ProbeSpec wanted = spec();
  wanted.values[0] = {.from = From::kArgument, .steps = {Offset::of("getter"), {2}}, .size = 2};
  wanted.values[1] = {.from = From::kArgument, .steps = {Offset::of("opaque")}};
  wanted.values[2] = {.from = From::kArgument, .add = Offset::of("getter")};
  const weft_probe out = probe(wanted);
  EXPECT_EQ(out.value[0].steps, 2);
  EXPECT_EQ(out.value[0].add[1], 0xf8);
  EXPECT_EQ(out.value[0].add[2], 2);
  EXPECT_EQ(out.value[2].add[0], 0xf8);
  EXPECT_EQ(out.absent, 2) << "not of one line";
}

TEST_F(CompileTest, MoreStepsThanTheKernelSideTakesAreAbsent) {
  ProbeSpec wanted = spec();
  wanted.values[0] = {.from = From::kArgument, .steps = {{0}, {0}, {0}}};
  wanted.values[1] = {.from = From::kArgument, .steps = {{0}, {0}, {0}, {0}}};
  const weft_probe out = probe(wanted);
  EXPECT_EQ(out.value[0].steps, 3);
  EXPECT_EQ(out.absent, 2);
}

TEST_F(CompileTest, Conditions) {
  weft_probe plain = probe(spec());
  EXPECT_EQ(plain.only, 0);
  EXPECT_EQ(plain.resumes, 0);
  EXPECT_EQ(plain.counts, 0);
  EXPECT_EQ(plain.keyed, 0);
  ProbeSpec wanted = spec();
  wanted.only_busy = true;
  wanted.sync.is_wait = true;
  wanted.only = ProbeSpec::Result{.mask = 0xff, .value = 5};
  const weft_probe told = probe(wanted);
  EXPECT_EQ(told.only, WEFT_ONLY_BUSY | WEFT_ONLY_RESULT);
  EXPECT_EQ(told.result_mask, 0xffu);
  EXPECT_EQ(told.result_value, 5u);
  EXPECT_EQ(told.counts, 1);
}

TEST_F(CompileTest, ConditionsOnWhatIsRead) {
  EXPECT_EQ(probe(spec()).long_text, 0);
  ProbeSpec wanted = spec();
  wanted.values[2] = {.from = From::kArgument};
  wanted.only_with = ProbeSpec::Value{.index = 2, .value = 9};
  wanted.long_text = true;
  const weft_probe out = probe(wanted);
  EXPECT_EQ(out.only, WEFT_ONLY_VALUE);
  EXPECT_EQ(out.only_index, 2);
  EXPECT_EQ(out.only_value, 9u);
  EXPECT_EQ(out.long_text, 1);
}

TEST_F(CompileTest, ACallThatIsPutAside) {
  ProbeSpec wanted = spec();
  wanted.resume = 100;
  wanted.result_mask = 0xffff;
  wanted.keyed_by = 1;
  const weft_probe out = probe(wanted);
  EXPECT_EQ(out.resumes, 1);
  EXPECT_EQ(out.resume_value, 100u);
  EXPECT_EQ(out.result_mask, 0xffffu);
  EXPECT_EQ(out.keyed, 2);
}

TEST_F(CompileTest, ACallAndItsFinishShareTheCall) {
  ProbeSpec finish = spec();
  finish.shape = Shape::kFinish;
  EXPECT_EQ(probe(spec()).call, probe(finish).call);
  ProbeSpec other = spec();
  other.number = 5;
  EXPECT_NE(probe(spec()).call, probe(other).call);
}

TEST_F(CompileTest, ProbesOfEveryKindOfTarget) {
  for (const TargetKind kind : {TargetKind::kEngine, TargetKind::kLibrary, TargetKind::kRuntime}) {
    const Compiled out = compiled(spec(), {.kind = kind, .id = 200, .name = "toy"});
    ASSERT_THAT(out.probes, SizeIs(2));
    for (const CompiledProbe& probe : out.probes) {
      EXPECT_EQ(probe.spec.target_kind, static_cast<uint8_t>(kind));
      EXPECT_EQ(probe.spec.target, 200);
      EXPECT_EQ(probe.spec.number, 4);
    }
  }
}

TEST_F(CompileTest, OneIdOfTwoKindsIsTwoCalls) {
  const auto call = [&](TargetKind kind) {
    return compiled(spec(), {.kind = kind, .id = 3, .name = "toy"}).probes.at(0).spec.call;
  };
  EXPECT_NE(call(TargetKind::kEngine), call(TargetKind::kLibrary));
  EXPECT_NE(call(TargetKind::kLibrary), call(TargetKind::kRuntime));
}

TEST_F(CompileTest, AFunctionThatIsNotThereSaysSo) {
  ProbeSpec wanted = spec();
  wanted.where = {Locator::symbol("gone")};
  const Compiled out = compiled(wanted);
  EXPECT_THAT(out.probes, IsEmpty());
  EXPECT_EQ(out.how, "not in this build");
}

TEST(CompileReal, TheServersGlobalsAreReached) {
  constexpr char kPostgres[] = "/usr/lib/postgresql/15/bin/postgres";
  const auto binary = resolve::Binary::open(kPostgres);
  if (!binary) GTEST_SKIP() << "not installed: " << kPostgres;
  ProbeSpec flush{.number = 0, .name = "XLogFlush", .where = {Locator::symbol("XLogFlush")}};
  flush.values[0] = {.from = From::kArgument, .argument = 0};
  flush.values[1] = {.from = From::kGlobal, .global = "pgWalUsage", .add = 16, .size = 8};
  const Compiled out = compile(kEngine, flush, **binary, kPostgres);
  ASSERT_THAT(out.probes, SizeIs(2)) << out.how;
  EXPECT_THAT(out.absent, IsEmpty());
  EXPECT_GT(out.direct_calls, 0u);
  const auto function = (*binary)->symbols().find("XLogFlush")->function();
  const resolve::Probe entry =
      (*binary)->code().first_emulatable(function, resolve::Abi::kSystemV, /*arguments=*/1);
  EXPECT_EQ(out.probes[0].offset, (*binary)->file_offset(entry.address));
  EXPECT_EQ(entry.address + static_cast<uint64_t>(out.probes[0].spec.value[1].add[0]),
            (*binary)->symbols().find("pgWalUsage")->address + 16);
}

}  // namespace
}  // namespace weft::attach
