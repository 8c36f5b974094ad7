// SPDX-License-Identifier: Apache-2.0
#include "agent/attach/lower.h"

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
using Shape = SiteSpec::Shape;

const Engine kEngine{.id = 3,
                     .name = "toy",
                     .system = "",
                     .executables = {},
                     .libraries = {},
                     .logs = {},
                     .sites = {},
                     .thread_owns_request = false,
                     .make = nullptr};

// flush begins with what costs a single step, then an instruction that is emulated.
const std::string kFlush = "\x31\xff\x55\x5d\xc3";                // xor edi,edi; push; pop; ret
const std::string kGetter = "\x48\x8b\x87\xf8\x00\x00\x00\xc3"s;  // return ((u64 *)p)[31]
const std::string kOpaque = "\x48\x01\xf7\x48\x8b\x07\xc3";       // depends on rsi too

class LowerTest : public ::testing::Test {
 protected:
  LowerTest() {
    flush_ = toy_.code(kFlush);
    toy_.symbol("flush", flush_, kFlush.size());
    toy_.symbol("getter", toy_.code(kGetter, ".text2"), kGetter.size());
    toy_.symbol("opaque", toy_.code(kOpaque, ".text3"), kOpaque.size());
    counter_ = toy_.data(std::string(64, '\0'));
    toy_.symbol("counter", counter_, 8, STT_OBJECT);
    binary_ = toy_.build();
  }
  static SiteSpec spec() {
    return {.number = 4, .name = "flush", .where = {Locator::symbol("flush")}};
  }
  Lowered lowered(const SiteSpec& spec) { return lower(kEngine, spec, *binary_, "/the/file"); }
  weft_site site(const SiteSpec& spec) {
    const Lowered out = lowered(spec);
    return out.probes.empty() ? weft_site{} : out.probes.front().site;
  }
  static uint64_t address(const SiteProbe& probe) { return ElfBuilder::kBase + probe.offset; }

  ToyBinary toy_;
  uint64_t flush_ = 0, counter_ = 0;
  std::unique_ptr<resolve::Binary> binary_;
};

TEST_F(LowerTest, ACallHasAnEntryAndAReturn) {
  const Lowered out = lowered(spec());
  ASSERT_THAT(out.probes, SizeIs(2));
  const SiteProbe& entry = out.probes[0];
  const SiteProbe& leave = out.probes[1];
  EXPECT_EQ(entry.site.kind, WEFT_SITE_ENTER);
  EXPECT_EQ(leave.site.kind, WEFT_SITE_RETURN);
  EXPECT_EQ(entry.site.call, leave.site.call);
  EXPECT_EQ(entry.site.engine, 3);
  EXPECT_EQ(entry.site.number, 4);
  EXPECT_EQ(entry.binary, "/the/file");
  EXPECT_EQ(address(entry), flush_ + 2) << "the first that is emulated";
  EXPECT_THAT(out.how, HasSubstr("dynsym 0x"));
  EXPECT_THAT(out.absent, IsEmpty());
}

TEST_F(LowerTest, ArgumentsKeepTheProbeBeforeTheyAreGone) {
  SiteSpec wanted = spec();
  wanted.values[0] = {.from = From::kArgument, .argument = 0};
  const Lowered out = lowered(wanted);
  ASSERT_THAT(out.probes, SizeIs(2));
  EXPECT_EQ(address(out.probes[0]), flush_);
  EXPECT_EQ(address(out.probes[1]), flush_);
  EXPECT_THAT(out.how, HasSubstr("single-stepped"));
  SiteSpec keyed = spec();
  keyed.keyed_by = 0;
  EXPECT_EQ(address(lowered(keyed).probes.at(0)), flush_);
  SiteSpec text = spec();
  text.text = {.from = From::kArgument, .argument = 0};
  EXPECT_EQ(address(lowered(text).probes.at(0)), flush_);
}

TEST_F(LowerTest, PointsAndFinishesAreOneProbe) {
  for (const auto& [shape, kind] :
       {std::pair(Shape::kPoint, WEFT_SITE_POINT), std::pair(Shape::kFinish, WEFT_SITE_FINISH)}) {
    SiteSpec wanted = spec();
    wanted.shape = shape;
    const Lowered out = lowered(wanted);
    ASSERT_THAT(out.probes, SizeIs(1));
    EXPECT_EQ(out.probes[0].site.kind, kind);
  }
}

TEST_F(LowerTest, ArgumentsAndResults) {
  SiteSpec wanted = spec();
  wanted.values[0] = {.from = From::kArgument, .argument = 2, .add = 16, .size = 4};
  wanted.values[3] = {.from = From::kResult};
  const weft_site out = site(wanted);
  EXPECT_EQ(out.value[0].from, WEFT_FETCH_ARG);
  EXPECT_EQ(out.value[0].index, 2);
  EXPECT_EQ(out.value[0].add[0], 16);
  EXPECT_EQ(out.value[0].size, 4);
  EXPECT_EQ(out.value[0].steps, 0);
  EXPECT_EQ(out.value[1].from, WEFT_FETCH_NONE);
  EXPECT_EQ(out.value[3].from, WEFT_FETCH_RETURN);
  EXPECT_EQ(out.text.from, WEFT_FETCH_NONE);
}

TEST_F(LowerTest, GlobalsAreADistanceFromTheProbe) {
  SiteSpec wanted = spec();
  wanted.values[0] = {.from = From::kGlobal, .global = "counter", .add = 8, .size = 8};
  wanted.text = {.from = From::kGlobal, .global = "counter", .steps = {{24}, {-8}}};
  const Lowered out = lowered(wanted);
  ASSERT_THAT(out.probes, SizeIs(2));
  const weft_fetch& value = out.probes[0].site.value[0];
  EXPECT_EQ(value.from, WEFT_FETCH_CODE);
  EXPECT_EQ(address(out.probes[0]) + static_cast<uint64_t>(value.add[0]), counter_ + 8);
  const weft_fetch& text = out.probes[0].site.text;
  EXPECT_EQ(text.steps, 2);
  EXPECT_EQ(text.add[1], 24);
  EXPECT_EQ(text.add[2], -8);
}

TEST_F(LowerTest, WhatABuildLacksIsAbsent) {
  SiteSpec wanted = spec();
  wanted.values[0] = {.from = From::kGlobal, .global = "counter"};
  wanted.values[1] = {.from = From::kGlobal, .global = "gone"};
  wanted.values[7] = {.from = From::kArgument, .steps = {Offset::of("gone")}};
  wanted.text = {.from = From::kGlobal, .global = "gone"};
  const Lowered out = lowered(wanted);
  ASSERT_THAT(out.probes, SizeIs(2));
  for (const SiteProbe& probe : out.probes) {
    EXPECT_EQ(probe.site.absent, 0x82);
    EXPECT_EQ(probe.site.value[1].from, WEFT_FETCH_NONE);
    EXPECT_EQ(probe.site.text.from, WEFT_FETCH_NONE);
  }
  EXPECT_THAT(out.absent, ElementsAre("value 1", "value 7", "text"));
}

TEST_F(LowerTest, GettersSayWhereAFieldIs) {
  SiteSpec wanted = spec();
  wanted.values[0] = {.from = From::kArgument, .steps = {Offset::of("getter"), {2}}, .size = 2};
  wanted.values[1] = {.from = From::kArgument, .steps = {Offset::of("opaque")}};
  wanted.values[2] = {.from = From::kArgument, .add = Offset::of("getter")};
  const weft_site out = site(wanted);
  EXPECT_EQ(out.value[0].steps, 2);
  EXPECT_EQ(out.value[0].add[1], 0xf8);
  EXPECT_EQ(out.value[0].add[2], 2);
  EXPECT_EQ(out.value[2].add[0], 0xf8);
  EXPECT_EQ(out.absent, 2) << "not of one line";
}

TEST_F(LowerTest, MoreStepsThanTheKernelSideTakesAreAbsent) {
  SiteSpec wanted = spec();
  wanted.values[0] = {.from = From::kArgument, .steps = {{0}, {0}, {0}}};
  wanted.values[1] = {.from = From::kArgument, .steps = {{0}, {0}, {0}, {0}}};
  const weft_site out = site(wanted);
  EXPECT_EQ(out.value[0].steps, 3);
  EXPECT_EQ(out.absent, 2);
}

TEST_F(LowerTest, Conditions) {
  weft_site plain = site(spec());
  EXPECT_EQ(plain.only, 0);
  EXPECT_EQ(plain.resumes, 0);
  EXPECT_EQ(plain.counts, 0);
  EXPECT_EQ(plain.keyed, 0);
  SiteSpec wanted = spec();
  wanted.only_busy = true;
  wanted.waits = true;
  wanted.only = SiteSpec::Result{.mask = 0xff, .value = 5};
  const weft_site told = site(wanted);
  EXPECT_EQ(told.only, WEFT_ONLY_BUSY | WEFT_ONLY_RESULT);
  EXPECT_EQ(told.result_mask, 0xffu);
  EXPECT_EQ(told.result_value, 5u);
  EXPECT_EQ(told.counts, 1);
}

TEST_F(LowerTest, ConditionsOnWhatIsRead) {
  EXPECT_EQ(site(spec()).long_text, 0);
  SiteSpec wanted = spec();
  wanted.values[2] = {.from = From::kArgument};
  wanted.only_with = SiteSpec::Value{.index = 2, .value = 9};
  wanted.long_text = true;
  const weft_site out = site(wanted);
  EXPECT_EQ(out.only, WEFT_ONLY_VALUE);
  EXPECT_EQ(out.only_index, 2);
  EXPECT_EQ(out.only_value, 9u);
  EXPECT_EQ(out.long_text, 1);
}

TEST_F(LowerTest, ACallThatIsPutAside) {
  SiteSpec wanted = spec();
  wanted.resume = 100;
  wanted.result_mask = 0xffff;
  wanted.keyed_by = 1;
  const weft_site out = site(wanted);
  EXPECT_EQ(out.resumes, 1);
  EXPECT_EQ(out.resume_value, 100u);
  EXPECT_EQ(out.result_mask, 0xffffu);
  EXPECT_EQ(out.keyed, 2);
}

TEST_F(LowerTest, ACallAndItsFinishShareTheCall) {
  SiteSpec finish = spec();
  finish.shape = Shape::kFinish;
  EXPECT_EQ(site(spec()).call, site(finish).call);
  SiteSpec other = spec();
  other.number = 5;
  EXPECT_NE(site(spec()).call, site(other).call);
}

TEST_F(LowerTest, AFunctionThatIsNotThereSaysSo) {
  SiteSpec wanted = spec();
  wanted.where = {Locator::symbol("gone")};
  const Lowered out = lowered(wanted);
  EXPECT_THAT(out.probes, IsEmpty());
  EXPECT_EQ(out.how, "not in this build");
}

TEST(LowerReal, TheServersGlobalsAreReached) {
  constexpr char kPostgres[] = "/usr/lib/postgresql/15/bin/postgres";
  const auto binary = resolve::Binary::open(kPostgres);
  if (!binary) GTEST_SKIP() << "not installed: " << kPostgres;
  SiteSpec flush{.number = 0, .name = "XLogFlush", .where = {Locator::symbol("XLogFlush")}};
  flush.values[0] = {.from = From::kArgument, .argument = 0};
  flush.values[1] = {.from = From::kGlobal, .global = "pgWalUsage", .add = 16, .size = 8};
  const Lowered out = lower(kEngine, flush, **binary, kPostgres);
  ASSERT_THAT(out.probes, SizeIs(2)) << out.how;
  EXPECT_THAT(out.absent, IsEmpty());
  EXPECT_GT(out.direct_calls, 0u);
  const auto function = (*binary)->symbol("XLogFlush")->function();
  const resolve::Site entry =
      (*binary)->first_emulatable(function, resolve::Abi::kSystemV, /*arguments=*/1);
  EXPECT_EQ(out.probes[0].offset, (*binary)->file_offset(entry.address));
  EXPECT_EQ(entry.address + static_cast<uint64_t>(out.probes[0].site.value[1].add[0]),
            (*binary)->symbol("pgWalUsage")->address + 16);
}

}  // namespace
}  // namespace weft::attach
