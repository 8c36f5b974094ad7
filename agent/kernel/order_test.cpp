// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/order.h"

#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::kernel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class CaptureTimes : public EventSink {
 public:
  void push(const Event& event) override { times.push_back(event.head->time); }
  std::vector<uint64_t> times;
};

std::string exit_record(uint64_t time) {
  weft_event e{};
  e.type = WEFT_EV_EXIT;
  e.size = sizeof e;
  e.time = time;
  return {reinterpret_cast<const char*>(&e), sizeof e};
}

std::string data_record(uint32_t len, std::string_view bytes, uint32_t size_error = 0) {
  weft_ev_data e{};
  e.h.type = WEFT_EV_DATA;
  e.h.size = static_cast<uint32_t>(sizeof e + bytes.size()) + size_error;
  e.len = len;
  e.captured = static_cast<uint32_t>(bytes.size());
  std::string record(reinterpret_cast<const char*>(&e), sizeof e);
  return record.append(bytes);
}

std::string site_record(uint16_t text_len, size_t tail) {
  weft_ev_site e{};
  e.h.type = WEFT_EV_SITE;
  e.h.size = static_cast<uint32_t>(sizeof e + tail);
  e.text_len = text_len;
  std::string record(reinterpret_cast<const char*>(&e), sizeof e);
  return record.append(tail, 't');
}

class OrderTest : public testing::Test {
 protected:
  CounterSet counters_;
  CaptureTimes sink_;
  Order order_{sink_, counters_};
};

TEST_F(OrderTest, MergesByTimeAndHoldsBackTheYoung) {
  for (const uint64_t time : {30, 10, 20, 40}) order_.add(exit_record(time));
  EXPECT_EQ(order_.release(35), 3u);
  EXPECT_THAT(sink_.times, ElementsAre(10, 20, 30));
  order_.add(exit_record(36));
  EXPECT_EQ(order_.release(100), 2u);
  EXPECT_THAT(sink_.times, ElementsAre(10, 20, 30, 36, 40));
  EXPECT_TRUE(order_.empty());
}

TEST_F(OrderTest, ALateRecordIsPassedOnAndCounted) {
  order_.release(50);
  order_.add(exit_record(20));
  order_.release(60);
  EXPECT_THAT(sink_.times, ElementsAre(20));
  EXPECT_EQ(counters_.get("weft.events.late").value(), 1u);
}

TEST_F(OrderTest, MalformedRecordsAreCountedNotPassedOn) {
  order_.add("short");
  order_.add(exit_record(1).substr(0, 20));
  order_.add(data_record(3, "abcdef"));                    // more captured than moved
  order_.add(data_record(6, "abcdef").substr(0, 75));      // cut
  order_.add(data_record(6, "abcdef", /*size_error=*/1));  // size lies
  std::string unknown = exit_record(1);
  unknown[0] = 99;
  order_.add(unknown);
  order_.release(UINT64_MAX);
  EXPECT_THAT(sink_.times, IsEmpty());
  EXPECT_EQ(counters_.get("weft.events.dropped", {{"cause", "malformed"}}).value(), 6u);
}

TEST_F(OrderTest, TheUnusedEndOfASizeClassIsCutOff) {
  std::string record = data_record(6, "abcdef");
  record.append(500, 'x');
  EXPECT_TRUE(well_formed(record));
  order_.add(record);
  EXPECT_EQ(order_.release(UINT64_MAX), 1u);
}

TEST_F(OrderTest, AnUnknownFileOperationIsMalformed) {
  weft_ev_file_io e{};
  e.h.type = WEFT_EV_FILE_IO;
  e.h.size = sizeof e;
  for (const int op : {0, WEFT_FILE_MAP + 1, 74}) {
    e.op = static_cast<uint8_t>(op);
    EXPECT_FALSE(well_formed({reinterpret_cast<const char*>(&e), sizeof e})) << op;
  }
  e.op = WEFT_FILE_MAP;
  EXPECT_TRUE(well_formed({reinterpret_cast<const char*>(&e), sizeof e}));
}

TEST_F(OrderTest, ATextBeyondItsFieldFollowsTheSite) {
  EXPECT_TRUE(well_formed(site_record(0, 0)));
  EXPECT_TRUE(well_formed(site_record(WEFT_SITE_TEXT, 0)));
  EXPECT_TRUE(well_formed(site_record(WEFT_SITE_TEXT + 9, 9)));
  EXPECT_FALSE(well_formed(site_record(WEFT_SITE_TEXT + 9, 8)));
  EXPECT_FALSE(well_formed(site_record(0, 8)));
  const size_t most = WEFT_SITE_LONG_TEXT - WEFT_SITE_TEXT;
  EXPECT_FALSE(well_formed(site_record(WEFT_SITE_LONG_TEXT, most))) << "room for a NUL";
}

}  // namespace
}  // namespace weft::kernel
