// SPDX-License-Identifier: Apache-2.0
// The cases of the W3C trace-context test suite that concern receiving, by its numbering
// of behaviours; those about header names are the carrier's (see http1's tests).
#include "agent/base/trace_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

namespace weft {
namespace {

constexpr char kTrace[] = "12345678901234567890123456789012";
constexpr char kParent[] = "1234567890123456";
const std::string kValid = "00-12345678901234567890123456789012-1234567890123456-01";

std::optional<TraceContext> receive(const std::vector<std::string>& parents,
                                    const std::vector<std::string>& states = {}) {
  TraceContextParser parser;
  for (const std::string& parent : parents) parser.traceparent(parent);
  for (const std::string& state : states) parser.tracestate(state);
  return parser.finish();
}

std::string join(const std::string& trace, const std::string& parent, const std::string& flags) {
  return "00-" + trace + "-" + parent + "-" + flags;
}

struct ParentCase {
  const char* name;
  std::vector<std::string> headers;
  bool accepted;
};

class Traceparent : public testing::TestWithParam<ParentCase> {};

TEST_P(Traceparent, IsAcceptedOrNot) {
  const auto context = receive(GetParam().headers);
  ASSERT_EQ(context.has_value(), GetParam().accepted);
  if (!context) return;
  EXPECT_EQ(context->trace.hex(), kTrace);
  EXPECT_EQ(context->parent.hex(), kParent);
}

const std::string kZeroTrace(32, '0');
const std::string kZeroParent(16, '0');

INSTANTIATE_TEST_SUITE_P(
    W3c, Traceparent,
    testing::Values(
        ParentCase{"c01_none", {}, false}, ParentCase{"c02_valid", {kValid}, true},
        ParentCase{
            "c03_two", {kValid, "00-12345678901234567890123456789011-1234567890123456-01"}, false},
        ParentCase{"c03_two_equal", {kValid, kValid}, false},
        ParentCase{"c03_three", {kValid, kValid, kValid}, false},
        ParentCase{"c06_trailing_dot", {kValid + "."}, false},
        ParentCase{"c06_trailing_text", {kValid + "-what-the-future-will-be-like"}, false},
        ParentCase{"c07_later_version", {"cc" + kValid.substr(2)}, true},
        ParentCase{
            "c07_later_more", {"cc" + kValid.substr(2) + "-what-the-future-will-be-like"}, true},
        ParentCase{
            "c07_later_dot", {"cc" + kValid.substr(2) + ".what-the-future-will-be-like"}, false},
        ParentCase{"c08_version_ff", {"ff" + kValid.substr(2)}, false},
        ParentCase{"c09_version_dot_0", {".0" + kValid.substr(2)}, false},
        ParentCase{"c09_version_0_dot", {"0." + kValid.substr(2)}, false},
        ParentCase{"c10_version_000", {"0" + kValid}, false},
        ParentCase{"c10_version_0000", {"00" + kValid}, false},
        ParentCase{"c11_version_0", {kValid.substr(1)}, false},
        ParentCase{"c12_trace_zero", {join(kZeroTrace, kParent, "01")}, false},
        ParentCase{"c13_trace_dot_first",
                   {join(".2345678901234567890123456789012", kParent, "01")},
                   false},
        ParentCase{
            "c13_trace_dot_last", {join("1234567890123456789012345678901.", kParent, "01")}, false},
        ParentCase{
            "c14_trace_33", {join("123456789012345678901234567890123", kParent, "01")}, false},
        ParentCase{"c15_trace_31", {join("1234567890123456789012345678901", kParent, "01")}, false},
        ParentCase{"c16_parent_zero", {join(kTrace, kZeroParent, "01")}, false},
        ParentCase{"c17_parent_dot_first", {join(kTrace, ".234567890123456", "01")}, false},
        ParentCase{"c17_parent_dot_last", {join(kTrace, "123456789012345.", "01")}, false},
        ParentCase{"c18_parent_17", {join(kTrace, "12345678901234567", "01")}, false},
        ParentCase{"c19_parent_15", {join(kTrace, "123456789012345", "01")}, false},
        ParentCase{"c20_flags_dot_0", {join(kTrace, kParent, ".0")}, false},
        ParentCase{"c20_flags_0_dot", {join(kTrace, kParent, "0.")}, false},
        ParentCase{"c21_flags_001", {join(kTrace, kParent, "001")}, false},
        ParentCase{"c22_flags_1", {join(kTrace, kParent, "1")}, false},
        ParentCase{"c23_space_before", {" " + kValid}, true},
        ParentCase{"c23_tab_before", {"\t" + kValid}, true},
        ParentCase{"c23_space_after", {kValid + " "}, true},
        ParentCase{"c23_tab_after", {kValid + "\t"}, true},
        ParentCase{"c23_blanks_around", {"\t " + kValid + " \t"}, true},
        ParentCase{
            "upper_case_trace", {join("1234567890123456789012345678901A", kParent, "01")}, false},
        ParentCase{"upper_case_version", {"CC" + kValid.substr(2)}, false},
        ParentCase{"upper_case_flags", {join(kTrace, kParent, "0A")}, false},
        ParentCase{"version_01", {"01" + kValid.substr(2)}, true},
        ParentCase{"version_02", {"02" + kValid.substr(2)}, true},
        ParentCase{"flags_00", {join(kTrace, kParent, "00")}, true},
        ParentCase{"flags_02", {join(kTrace, kParent, "02")}, true},
        ParentCase{"flags_03", {join(kTrace, kParent, "03")}, true},
        ParentCase{"flags_ff", {join(kTrace, kParent, "ff")}, true},
        ParentCase{"underscores", {"00_" + std::string(kTrace) + "_" + kParent + "_01"}, false},
        ParentCase{"later_version_short", {"cc" + kValid.substr(2, 52)}, false},
        ParentCase{"empty", {""}, false}, ParentCase{"blank", {" \t "}, false},
        ParentCase{"empty_and_valid", {"", kValid}, false}),
    [](const auto& each) { return each.param.name; });

TEST(TraceContext, OnlyKnownFlagsAreKept) {
  EXPECT_EQ(receive({join(kTrace, kParent, "00")})->flags, 0);
  EXPECT_EQ(receive({join(kTrace, kParent, "01")})->flags, kFlagSampled);
  EXPECT_EQ(receive({join(kTrace, kParent, "02")})->flags, kFlagRandom) << "case 41";
  EXPECT_EQ(receive({join(kTrace, kParent, "ff")})->flags, kFlagSampled | kFlagRandom);
  EXPECT_EQ(receive({"cc" + kValid.substr(2, 51) + "fe"})->flags, kFlagRandom);
}

struct StateCase {
  const char* name;
  std::vector<std::string> headers;
  std::string kept;
};

class Tracestate : public testing::TestWithParam<StateCase> {};

TEST_P(Tracestate, IsNormalisedOrDropped) {
  const auto context = receive({kValid}, GetParam().headers);
  ASSERT_TRUE(context) << "a tracestate never spoils a traceparent";
  EXPECT_EQ(context->trace_state, GetParam().kept);
}

std::string members(int from, int to) {
  std::string out;
  for (int i = from; i <= to; ++i) {
    out += (out.empty() ? "bar" : ",bar") + std::to_string(i / 10) + std::to_string(i % 10) + "=" +
           std::to_string(i / 10) + std::to_string(i % 10);
  }
  return out;
}

std::string many(char c, size_t n) {
  return std::string(n, c);
}

const std::string kAllKeyCharacters = "0123456789_-*/abcdefghijklmnopqrstuvwxyz";

std::string all_value_characters() {
  std::string out;
  for (char c = 0x20; c <= 0x7e; ++c) {
    if (c != ',' && c != '=') out += c;
  }
  return out;
}

INSTANTIATE_TEST_SUITE_P(
    W3c, Tracestate,
    testing::Values(
        StateCase{"c25_inherited", {"foo=1,bar=2"}, "foo=1,bar=2"},
        StateCase{"c28_empty", {""}, ""}, StateCase{"c28_empty_last", {"foo=1", ""}, "foo=1"},
        StateCase{"c28_empty_first", {"", "foo=1"}, "foo=1"},
        StateCase{"c29_three_headers",
                  {"foo=1,bar=2", "rojo=1,congo=2", "baz=3"},
                  "foo=1,bar=2,rojo=1,congo=2,baz=3"},
        StateCase{"c30_twice", {"foo=1,foo=1"}, "foo=1,foo=1"},
        StateCase{"c30_twice_differing", {"foo=1,foo=2"}, "foo=1,foo=2"},
        StateCase{"c30_twice_two_headers", {"foo=1", "foo=2"}, "foo=1,foo=2"},
        StateCase{"c31_key_characters", {kAllKeyCharacters + "=1"}, kAllKeyCharacters + "=1"},
        StateCase{"c31_vendor_characters", {"tenant_-*/@a-z0-9_-*/=1"}, "tenant_-*/@a-z0-9_-*/=1"},
        StateCase{"c31_value_characters",
                  {"foo=" + all_value_characters()},
                  "foo=" + all_value_characters()},
        StateCase{"c32_blanks_at_commas", {"foo=1 \t , \t bar=2, \t baz=3"}, "foo=1,bar=2,baz=3"},
        StateCase{"c32_tabs_at_commas", {"foo=1\t \t,\t \tbar=2,\t \tbaz=3"}, "foo=1,bar=2,baz=3"},
        StateCase{"c32_space_first", {" foo=1"}, "foo=1"},
        StateCase{"c32_tab_first", {"\tfoo=1"}, "foo=1"},
        StateCase{"c32_space_last", {"foo=1 "}, "foo=1"},
        StateCase{"c32_tab_last", {"foo=1\t"}, "foo=1"},
        StateCase{"c32_around", {"\t foo=1 \t"}, "foo=1"},
        StateCase{"c33_space_in_key", {"foo =1"}, ""}, StateCase{"c33_upper_key", {"FOO=1"}, ""},
        StateCase{"c33_dot_in_key", {"foo.bar=1"}, ""},
        StateCase{"c34_at_last", {"foo@=1,bar=2"}, "foo@=1,bar=2"},
        StateCase{"c34_at_first", {"@foo=1,bar=2"}, ""},
        StateCase{"c34_two_at", {"foo@@bar=1,bar=2"}, "foo@@bar=1,bar=2"},
        StateCase{"c34_at_apart", {"foo@bar@baz=1,bar=2"}, "foo@bar@baz=1,bar=2"},
        StateCase{"c35_32_members",
                  {members(1, 10), members(11, 20), members(21, 30), members(31, 32)},
                  members(1, 32)},
        StateCase{"c35_33_members",
                  {members(1, 10), members(11, 20), members(21, 30), members(31, 33)},
                  ""},
        StateCase{"c36_key_256", {many('z', 256) + "=1"}, many('z', 256) + "=1"},
        StateCase{"c36_key_257", {"foo=1," + many('z', 257) + "=1"}, ""},
        StateCase{"c36_vendor_241_14",
                  {many('t', 241) + "@" + many('v', 14) + "=1"},
                  many('t', 241) + "@" + many('v', 14) + "=1"},
        StateCase{"c36_vendor_242_1", {many('t', 242) + "@v=1"}, many('t', 242) + "@v=1"},
        StateCase{"c36_vendor_1_15", {"t@" + many('v', 15) + "=1"}, "t@" + many('v', 15) + "=1"},
        StateCase{"c37_equals_in_value", {"foo=bar=baz"}, ""},
        StateCase{"c37_empty_value", {"foo=,bar=3"}, ""}, StateCase{"no_equals", {"foobarbaz"}, ""},
        StateCase{"value_256", {"foo=" + many('z', 256)}, "foo=" + many('z', 256)},
        StateCase{"value_257", {"foo=" + many('z', 257)}, ""},
        StateCase{"value_leading_space", {"foo=  1"}, "foo=  1"},
        StateCase{"empty_members", {",foo=1,,bar=2,"}, "foo=1,bar=2"},
        StateCase{"not_ascii", {"foo=\xc3\xa9"}, ""},
        StateCase{"control", {std::string("foo=a\x01")}, ""},
        StateCase{"nul_in_key", {std::string("f\0o=1", 5)}, ""},
        StateCase{"256_and_256",
                  {"a=" + many('z', 254) + ",b=" + many('z', 253)},
                  "a=" + many('z', 254) + ",b=" + many('z', 253)},
        StateCase{"too_long_drops_the_long_last",
                  {"a=" + many('z', 256) + ",b=1,c=" + many('z', 256)},
                  "a=" + many('z', 256) + ",b=1"},
        StateCase{"one_member_of_any_length",
                  {many('z', 256) + "=" + many('z', 256)},
                  many('z', 256) + "=" + many('z', 256)}),
    [](const auto& each) { return each.param.name; });

TEST(TraceContext, LongListsAreCutAtWholeMembers) {
  std::string list = "first=1";
  for (int i = 0; i < 30; ++i) list += ",k" + std::to_string(i) + "=" + std::string(40, 'v');
  const std::string kept = receive({kValid}, {list})->trace_state;
  EXPECT_LE(kept.size(), 512u);
  EXPECT_GT(kept.size(), 460u);
  EXPECT_EQ(list.substr(0, kept.size()), kept);
  EXPECT_EQ(list[kept.size()], ',');
}

TEST(TraceContext, WithoutATraceparentTheTracestateIsDropped) {  // case 24
  EXPECT_FALSE(receive({}, {"foo=1"}));
  EXPECT_FALSE(receive({"00-bad"}, {"foo=1"}));
}

TEST(TraceContext, EndlessTracestatesAreNotCollected) {
  std::vector<std::string> states(5000, "foo=" + std::string(200, 'x'));
  EXPECT_EQ(receive({kValid}, states)->trace_state, "");
}

}  // namespace
}  // namespace weft
