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

std::string probe_record(uint16_t text_len, size_t tail) {
  weft_ev_probe e{};
  e.h.type = WEFT_EV_PROBE;
  e.h.size = static_cast<uint32_t>(sizeof e + tail);
  e.text_len = text_len;
  std::string record(reinterpret_cast<const char*>(&e), sizeof e);
  return record.append(tail, 't');
}

struct HeadOnly {
  weft_event h;
};

template <class T>
std::string record_of(uint16_t type, std::string_view tail = {}, uint32_t captured = 0) {
  T e{};
  e.h.type = type;
  e.h.size = static_cast<uint32_t>(sizeof e + tail.size());
  if constexpr (requires { e.captured; }) e.captured = captured;
  if constexpr (requires { e.op; }) e.op = WEFT_FILE_WRITE;
  std::string record(reinterpret_cast<const char*>(&e), sizeof e);
  return record.append(tail);
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

// A call has one time stamp, but its bytes may be in another ring than what opened the connection.
TEST_F(OrderTest, BytesComeLastOfWhatHasOneTime) {
  class CaptureTypes : public EventSink {
   public:
    void push(const Event& event) override { types.push_back(event.head->type); }
    std::vector<uint16_t> types;
  } sink;
  Order order(sink, counters_);
  order.add(data_record(4, "data"));
  order.add(record_of<weft_ev_open>(WEFT_EV_OPEN));
  order.release(1);
  EXPECT_THAT(sink.types, ElementsAre(WEFT_EV_OPEN, WEFT_EV_DATA));
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
  order_.add(data_record(6, "abcdef").substr(0, 75));      // truncated
  order_.add(data_record(6, "abcdef", /*size_error=*/1));  // wrong size field
  std::string unknown = exit_record(1);
  unknown[0] = 99;
  order_.add(unknown);
  order_.release(UINT64_MAX);
  EXPECT_THAT(sink_.times, IsEmpty());
  EXPECT_EQ(counters_.get("weft.events.dropped", {{"cause", "malformed"}}).value(), 6u);
}

TEST_F(OrderTest, FilesAndCallsAreOfTheirSize) {
  const std::string whole[] = {
      record_of<weft_ev_file>(WEFT_EV_FILE), record_of<weft_ev_rename>(WEFT_EV_RENAME),
      record_of<weft_ev_probe>(WEFT_EV_PROBE), record_of<weft_ev_file_io>(WEFT_EV_FILE_IO),
      record_of<weft_ev_file_io>(WEFT_EV_FILE_IO, "bytes", 5)};
  for (const std::string& record : whole) {
    EXPECT_TRUE(well_formed(record)) << record.size();
    EXPECT_FALSE(well_formed(record.substr(0, record.size() - 1))) << record.size();
  }
  EXPECT_FALSE(well_formed(record_of<weft_ev_file>(WEFT_EV_FILE, "more")));
  EXPECT_FALSE(well_formed(record_of<weft_ev_probe>(WEFT_EV_PROBE, "more")));
  EXPECT_FALSE(well_formed(record_of<weft_ev_rename>(WEFT_EV_RENAME, "more")));
  EXPECT_FALSE(well_formed(record_of<HeadOnly>(WEFT_EV_PROBE))) << "too short for its type";
}

TEST_F(OrderTest, WhatIsCopiedOfAFileIsBounded) {
  const auto io = [](size_t n, uint32_t captured) {
    return record_of<weft_ev_file_io>(WEFT_EV_FILE_IO, std::string(n, 'x'), captured);
  };
  EXPECT_TRUE(well_formed(io(WEFT_ENTRY_MAX, WEFT_ENTRY_MAX)));
  EXPECT_FALSE(well_formed(io(WEFT_ENTRY_MAX + 1, WEFT_ENTRY_MAX + 1)));
  EXPECT_FALSE(well_formed(io(5, 4)));
  EXPECT_FALSE(well_formed(io(5, 6)));
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

TEST_F(OrderTest, ATextBeyondItsFieldFollowsTheProbe) {
  EXPECT_TRUE(well_formed(probe_record(0, 0)));
  EXPECT_TRUE(well_formed(probe_record(WEFT_PROBE_TEXT, 0)));
  EXPECT_TRUE(well_formed(probe_record(WEFT_PROBE_TEXT + 9, 9)));
  EXPECT_FALSE(well_formed(probe_record(WEFT_PROBE_TEXT + 9, 8)));
  EXPECT_FALSE(well_formed(probe_record(0, 8)));
  const size_t most = WEFT_PROBE_LONG_TEXT - WEFT_PROBE_TEXT;
  EXPECT_FALSE(well_formed(probe_record(WEFT_PROBE_LONG_TEXT, most))) << "room for a NUL";
}

}  // namespace
}  // namespace weft::kernel
