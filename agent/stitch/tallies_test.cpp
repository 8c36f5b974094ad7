// SPDX-License-Identifier: Apache-2.0
#include "agent/stitch/tallies.h"

#include <gtest/gtest.h>

namespace weft {
namespace {

const Protocol kOne{.id = 1, .name = "one", .make = nullptr, .sniff = nullptr};
const Protocol kTwo{.id = 2, .name = "two", .make = nullptr, .sniff = nullptr};

uint64_t spans(const Tallies& tallies, uint32_t pid, std::string_view protocol) {
  return tallies.of_processes().at(pid).at(protocol).spans;
}

// Pids that are 16 or 32 apart use the same place.
TEST(Tallies, OfManyProcessesInTurn) {
  Tallies tallies;
  for (int round = 0; round < 3; ++round) {
    for (const uint32_t pid : {1u, 17u, 33u, 2u}) {
      tallies.count(pid, kOne, false);
      tallies.count(pid, kTwo, pid == 2);
    }
  }
  EXPECT_EQ(spans(tallies, 1, "one"), 3u);
  EXPECT_EQ(spans(tallies, 33, "two"), 3u);
  EXPECT_EQ(tallies.of_processes().at(2).at("two").errors, 3u);
  EXPECT_EQ(tallies.totals().at("one").spans, 12u);
  EXPECT_EQ(tallies.totals().at("two").errors, 3u);
}

TEST(Tallies, OfAPidThatIsUsedAgainBeginAtNothing) {
  Tallies tallies;
  tallies.count(1, kOne, true);
  tallies.forget(1);
  EXPECT_TRUE(tallies.of_processes().empty());
  tallies.count(1, kOne, false);
  EXPECT_EQ(spans(tallies, 1, "one"), 1u);
  EXPECT_EQ(tallies.of_processes().at(1).at("one").errors, 0u);
  EXPECT_EQ(tallies.totals().at("one").spans, 2u);
}

}  // namespace
}  // namespace weft
