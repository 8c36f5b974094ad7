// SPDX-License-Identifier: Apache-2.0
// Fills every byte of a record that may hold a secret, then checks that none is left.
#include "agent/kernel/redaction.h"

#include <cstring>
#include <gtest/gtest.h>

#include "agent/port/event.h"

namespace weft::kernel {
namespace {

using std::string_literals::operator""s;
constexpr std::string_view kSecret = "S3CR3T-";

// What a ring may contain before the kernel side writes to it: an earlier record's payload.
template <class T>
std::vector<char> stale(uint16_t type, std::string_view tail = {}) {
  std::vector<char> record(sizeof(T) + tail.size());
  for (size_t i = 0; i < sizeof(T); ++i) record[i] = kSecret[i % kSecret.size()];
  auto& head = *reinterpret_cast<weft_event*>(record.data());
  head = {};
  head.type = type;
  head.size = static_cast<uint32_t>(record.size());
  head.time = 1;
  std::ranges::copy(tail, record.begin() + sizeof(T));
  return record;
}

template <class T>
T& as(std::vector<char>& record) {
  return *reinterpret_cast<T*>(record.data());
}

bool holds_secret(const std::vector<char>& record) {
  const std::string_view bytes(record.data(), record.size());
  for (size_t i = 0; i < kSecret.size(); ++i) {  // at any offset, even four bytes of it
    const std::string turned = std::string(kSecret.substr(i)) + std::string(kSecret.substr(0, i));
    if (bytes.find(turned.substr(0, 4)) != std::string_view::npos) return true;
  }
  return false;
}

TEST(Redaction, CommandLinesAndEnvironments) {
  const std::string args = "python3\0app.py\0--key\0S3CR3T-\0http://u:S3CR3T-@h/?t=S3CR3T-\0"s;
  const std::string environment = "PW=S3CR3T-\0OTEL_SERVICE_NAME=shop\0OTEL_X=S3CR3T-\0S3CR3T-"s;
  std::vector<char> record = stale<weft_ev_exec>(WEFT_EV_EXEC, args + environment);
  auto& exec = as<weft_ev_exec>(record);
  exec.args_len = static_cast<uint16_t>(args.size());
  exec.env_len = static_cast<uint16_t>(environment.size());
  std::memcpy(exec.comm, "python3", 8);
  std::memcpy(exec.path, "/usr/bin/python3", 17);
  exec.cgroup_id = 7;
  exec.ppid = 6;
  ASSERT_TRUE(Redaction().apply(record));
  EXPECT_FALSE(holds_secret(record));
  const auto& left = as<weft_ev_exec>(record);
  EXPECT_STREQ(left.path, "/usr/bin/python3");
  EXPECT_EQ(left.cgroup_id, 7u);
  EXPECT_EQ(left.ppid, 6u);
  EXPECT_EQ(left.h.size, record.size());
  EXPECT_EQ(std::string(record.data() + sizeof left, record.size() - sizeof left),
            "python3\0app.py\0OTEL_SERVICE_NAME=shop\0"s);
}

TEST(Redaction, Files) {
  std::vector<char> record = stale<weft_ev_file>(WEFT_EV_FILE);
  auto& file = as<weft_ev_file>(record);
  file.inode = file.file = 1;
  file.device = file.fd = file.flags = 1;
  std::memcpy(file.name, "1.log", 6);
  for (auto& folder : file.folders) std::memcpy(folder, "wal", 4);
  ASSERT_TRUE(Redaction().apply(record));
  EXPECT_FALSE(holds_secret(record));
  EXPECT_STREQ(as<weft_ev_file>(record).name, "1.log");
  EXPECT_STREQ(as<weft_ev_file>(record).folders[5], "wal");
}

TEST(Redaction, WhatWasWrittenToThem) {
  std::vector<char> record = stale<weft_ev_file_io>(WEFT_EV_FILE_IO, "{\"a\": \"S3CR3T-\"}");
  auto& io = as<weft_ev_file_io>(record);
  io.file = io.start = io.current_exchange = io.task = 1;
  io.result = io.fd = io.captured = 17;
  io.op = io.flags = 1;
  ASSERT_TRUE(Redaction().apply(record));
  EXPECT_FALSE(holds_secret(record));
  EXPECT_EQ(record.size(), sizeof(weft_ev_file_io));
  EXPECT_EQ(as<weft_ev_file_io>(record).result, 17);
}

TEST(Redaction, Renames) {
  std::vector<char> record = stale<weft_ev_rename>(WEFT_EV_RENAME);
  std::memcpy(as<weft_ev_rename>(record).from, "1.tmp", 6);
  std::memcpy(as<weft_ev_rename>(record).to, "1.json", 7);
  ASSERT_TRUE(Redaction().apply(record));
  EXPECT_FALSE(holds_secret(record));
  EXPECT_STREQ(as<weft_ev_rename>(record).to, "1.json");
}

TEST(Redaction, OfAPreambleTheAddresses) {
  const std::string binary =
      "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\2\7\xc0\0\2\x09\x0f\xa0\0\x50"s;
  const std::pair<std::string, bool> preambles[] = {
      {"PROXY TCP4 192.0.2.7 192.0.2.9 4000 80\r\n", true},
      {"PROXY TCP6 2001:db8::1 ::1 4000 80\r\n", true},
      {binary, true},
      {"PROXY TCP4 S3CR3T- 192.0.2.9 4000 80\r\n", false},
      {"PROXY UNKNOWN S3CR3T-\r\n", false},
      {binary + "S3CR3T-", false},
      {"S3CR3T-", false},
      {"", true},
  };
  for (const auto& [preamble, kept] : preambles) {
    std::vector<char> record = stale<weft_ev_open>(WEFT_EV_OPEN, preamble);
    auto& open = as<weft_ev_open>(record);
    const weft_event head = open.h;
    open = {};
    open.h = head;
    open.preamble_len = static_cast<uint8_t>(preamble.size());
    ASSERT_TRUE(Redaction().apply(record));
    EXPECT_FALSE(holds_secret(record));
    const Event event{&as<weft_event>(record)};
    EXPECT_EQ(event.tail<weft_ev_open>(), kept ? preamble : "") << preamble;
    EXPECT_EQ(event.as<weft_ev_open>().preamble_len, kept ? preamble.size() : 0u);
  }
}

TEST(Redaction, TextsOfCalls) {
  std::vector<char> record = stale<weft_ev_probe>(WEFT_EV_PROBE, kSecret);
  auto& probe = as<weft_ev_probe>(record);
  probe.start = probe.current_exchange = probe.task = probe.result = 1;
  probe.probe = 1;
  probe.missing = 1;
  probe.flags = probe.target_kind = probe.target = probe.number = 1;
  probe.text_len = static_cast<uint16_t>(sizeof probe.text + kSecret.size());
  for (auto& value : probe.value) value = 1;
  ASSERT_TRUE(Redaction().apply(record));
  EXPECT_FALSE(holds_secret(record));
  EXPECT_EQ(record.size(), sizeof(weft_ev_probe));
}

TEST(Redaction, PayloadsOfAnUnknownProtocol) {
  std::vector<char> record = stale<weft_ev_data>(WEFT_EV_DATA, kSecret);
  auto& data = as<weft_ev_data>(record);
  data.conn = data.exchange_id = data.current_exchange = data.task = data.pos = 1;
  data.len = data.captured = kSecret.size();
  data.dir = data.flags = 1;
  data.age = 1;
  ASSERT_TRUE(Redaction().apply(record));
  EXPECT_FALSE(holds_secret(record));
  EXPECT_EQ(as<weft_ev_data>(record).len, kSecret.size()) << "how much it was is no secret";
}

TEST(Redaction, ATypeNobodyKnowsIsLeftOut) {
  std::vector<char> record = stale<weft_event>(99, kSecret);
  EXPECT_FALSE(Redaction().apply(record));
}

}  // namespace
}  // namespace weft::kernel
