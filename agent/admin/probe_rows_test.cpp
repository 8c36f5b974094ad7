// SPDX-License-Identifier: Apache-2.0
#include "agent/admin/probe_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace weft {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Row = StatusReport::ProbeRow;

Row row(std::string binary, std::string probe, std::optional<uint64_t> hits) {
  return {.kind = "engine",
          .target = "db",
          .binary = std::move(binary),
          .probe = std::move(probe),
          .how = "dynsym 0x40",
          .probed = true,
          .has_flushes = true,
          .hits = hits,
          .direct_calls = 3,
          .inferred = 0};
}

std::vector<Row> sample() {
  std::vector<Row> rows = {row("/bin/db", "flush", 12345), row("/bin/db", "wait", 0),
                           row("/bin/db", "gone", 0)};
  rows[1].how = "rtti vtable 0x80, single-stepped";
  rows[2].probed = false;
  rows[2].how = "not in this build";
  return rows;
}

TEST(ProbeText, ABlockPerBinary) {
  std::vector<Row> rows = sample();
  rows.push_back(row("/opt/bin/db", "flush", 1));
  EXPECT_EQ(probes_text(rows),
            "\nEngine db, /bin/db\n"
            "  probe  found                             calls\n"
            "  flush  dynsym 0x40                       12 345\n"
            "  wait   rtti vtable 0x80, single-stepped  none yet\n"
            "  gone   not in this build\n"
            "\nEngine db, /opt/bin/db\n"
            "  probe  found        calls\n"
            "  flush  dynsym 0x40  1\n");
  EXPECT_EQ(probes_text({}), "");
}

TEST(ProbeText, CopiesOfOnePathAreTwoBlocks) {
  const std::string text = probes_text({row("/bin/db", "flush", 1), row("/bin/db", "wait", 2),
                                        row("/bin/db", "flush", 3), row("/bin/db", "wait", 4)});
  EXPECT_NE(text.find("Engine db"), text.rfind("Engine db"));
}

TEST(ProbeText, AProbeIsNotCalledWhenFlushesWereToldWithoutIt) {
  std::vector<Row> rows = sample();
  for (Row& r : rows) r.inferred = 1200;
  EXPECT_THAT(probes_text(rows),
              HasSubstr("not called: 1 200 flushes were inferred from file I/O\n"));
  EXPECT_THAT(probes_text(rows), HasSubstr("  12 345\n")) << "it was called";
  EXPECT_THAT(probes_text(rows), HasSubstr("not in this build\n")) << "the reason is known";
  rows[1].inferred = 1;
  EXPECT_THAT(probes_text(rows), HasSubstr("not called: 1 flush was inferred from file I/O\n"));
  rows[1].has_flushes = false;
  EXPECT_THAT(probes_text(rows), HasSubstr("none yet\n")) << "flushes do without it";
}

TEST(ProbeText, NobodyCountsNothingIsSaidOfCalls) {
  std::vector<Row> rows = {row("/bin/db", "flush", {})};
  rows[0].inferred = 5;
  EXPECT_THAT(probes_text(rows), HasSubstr("  flush  dynsym 0x40\n"));
}

TEST(ProbeText, AHintWhereNothingCallsIt) {
  std::vector<Row> rows = sample();
  for (Row& r : rows) r.direct_calls = 0;
  const std::string hint = "nothing in this file calls it directly\n";
  EXPECT_THAT(probes_text(rows), HasSubstr("none yet; " + hint));
  EXPECT_THAT(probes_text(rows), HasSubstr("  12 345\n"));
  rows[1].hits.reset();
  EXPECT_THAT(probes_text(rows), HasSubstr("single-stepped  " + hint));
}

TEST(ProbeText, OnlyOfAnEngineFlushesAreInferred) {
  std::vector<Row> rows = {row("/lib/libseal.so", "seal_send", 1)};
  rows[0].kind = "library";
  rows[0].has_flushes = false;
  EXPECT_THAT(probes_text(rows), HasSubstr("Library db, /lib/libseal.so\n"));
  EXPECT_EQ(probe_from_json(probe_json(rows[0])).kind, "library");
}

TEST(ProbeText, WithoutACallToProbeTheFilesTellAlone) {
  std::vector<Row> rows = sample();
  EXPECT_THAT(probes_text(rows), Not(HasSubstr("alone")));
  rows[0].probed = false;
  rows[1].has_flushes = false;
  EXPECT_THAT(probes_text(rows), HasSubstr("Engine db, /bin/db: inferred from file I/O only\n"));
}

TEST(ProbeText, WhatWasCalledIsShownWhereItIsNotProbedAnyMore) {
  std::vector<Row> rows = {row("/bin/db", "flush", 7)};
  rows[0].probed = false;
  EXPECT_THAT(probes_text(rows), HasSubstr("  flush  dynsym 0x40  7\n"));
}

TEST(ProbeText, NoTerminalCommandsFromPaths) {
  EXPECT_THAT(probes_text({row("/tmp/\x1b[2J", "flush", 1)}), HasSubstr("/tmp/?[2J"));
}

TEST(ProbeHits, AreThoseOfTheSameProbe) {
  std::vector<Row> rows = {row("/bin/db", "flush", {}), row("/bin/db", "wait", {})};
  Row counted = row("/bin/db", "flush", 7);
  counted.inferred = 2;
  take_hits({row("/opt/bin/db", "flush", 1), counted}, rows);
  EXPECT_EQ(rows[0].hits, 7u);
  EXPECT_EQ(rows[0].inferred, 2u);
  EXPECT_FALSE(rows[1].hits) << "the agent has not met it";
}

TEST(ProbeHits, OfTwoCopiesNobodyKnowsWhose) {
  std::vector<Row> rows = {row("/bin/db", "flush", {})};
  take_hits({row("/bin/db", "flush", 1), row("/bin/db", "flush", 2)}, rows);
  EXPECT_FALSE(rows[0].hits);
}

}  // namespace
}  // namespace weft
