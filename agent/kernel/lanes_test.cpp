// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/lanes.h"

#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "agent/base/fd.h"

namespace weft::kernel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr uint32_t kBytes = 4096;

class Taken : public Rings::Taker {
 public:
  bool take(std::string_view record) override {
    sizes.push_back(record.size());
    if (record.size() > sizeof(weft_event)) texts.emplace_back(record.substr(sizeof(weft_event)));
    return sizes.size() < most;
  }
  std::vector<size_t> sizes;
  std::vector<std::string> texts;
  size_t most = SIZE_MAX;
};

// Writes as the programs do.
class LanesTest : public testing::Test {
 protected:
  LanesTest() : fd_(memfd_create("lanes", 0)) {
    (void)!ftruncate(fd_.get(), 2 * WEFT_LANE_VALUE(kBytes));
    lanes_ = std::make_unique<Lanes>(*Lanes::map({fd_.get(), 2, kBytes}));
  }
  void write(std::string_view text, size_t lane = 0) {
    weft_lane& to = lanes_->at(lane);
    char* at = reinterpret_cast<char*>(&to + 1) + to.head % kBytes;
    weft_event head{};
    head.size = static_cast<uint32_t>(sizeof head + text.size());
    std::memcpy(at, &head, sizeof head);
    std::memcpy(at + sizeof head, text.data(), text.size());
    to.head += (head.size + 7) / 8 * 8;
  }

  Fd fd_;
  std::unique_ptr<Lanes> lanes_;
  Taken taken_;
};

TEST_F(LanesTest, PassesEachLanesRecordsOnce) {
  write("one");
  write("of the other", 1);
  write("exactly 8 bytes.");
  lanes_->consume(0, taken_);
  EXPECT_THAT(taken_.texts, ElementsAre("one", "exactly 8 bytes."));
  lanes_->consume(0, taken_);
  EXPECT_EQ(taken_.texts.size(), 2u);
  lanes_->consume(1, taken_);
  EXPECT_EQ(taken_.texts.back(), "of the other");
  EXPECT_EQ(lanes_->at(0).tail, lanes_->at(0).head);
}

TEST_F(LanesTest, TheTakerStopsAfterARecord) {
  for (const char* text : {"a", "b", "c"}) write(text);
  taken_.most = 2;
  lanes_->consume(0, taken_);
  EXPECT_THAT(taken_.texts, ElementsAre("a", "b"));
  EXPECT_LT(lanes_->at(0).tail, lanes_->at(0).head);
  taken_ = {};
  lanes_->consume(0, taken_);
  EXPECT_THAT(taken_.texts, ElementsAre("c"));
}

TEST_F(LanesTest, ARecordRunsOnBehindTheEnd) {
  std::vector<std::string> expected;
  for (int i = 0; i < 20; ++i) {
    expected.push_back(std::string(500, static_cast<char>('a' + i)));
    write(expected.back());
    lanes_->consume(0, taken_);
  }
  EXPECT_EQ(taken_.texts, expected);
  EXPECT_GT(lanes_->at(0).tail, 2 * kBytes);
}

TEST_F(LanesTest, WhatCannotBeARecordTakesTheRest) {
  for (const uint32_t size :
       {uint32_t{0}, uint32_t{sizeof(weft_event) - 1}, kBytes, uint32_t{WEFT_LANE_RECORD} + 1}) {
    SCOPED_TRACE(size);
    write("text");
    write("text");
    weft_lane& lane = lanes_->at(0);
    reinterpret_cast<weft_event*>(reinterpret_cast<char*>(&lane + 1) + lane.tail % kBytes)->size =
        size;
    taken_ = {};
    lanes_->consume(0, taken_);
    EXPECT_THAT(taken_.sizes, ElementsAre(0u)) << "an empty one, which is counted as malformed";
    EXPECT_EQ(lane.tail, lane.head);
  }
}

TEST(Lanes, NoMapNoLanes) {
  EXPECT_EQ(Lanes::map({})->size(), 0u);
}

TEST(Lanes, SaysWhenTheyCannotBeMapped) {
  EXPECT_FALSE(Lanes::map({STDIN_FILENO + 1000, 1, kBytes}));
}

}  // namespace
}  // namespace weft::kernel
