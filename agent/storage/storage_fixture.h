// SPDX-License-Identifier: Apache-2.0
// For tests of Storage: its surroundings, and records in.
#pragma once

#include <cstring>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "agent/base/semconv.h"
#include "agent/storage/storage.h"
#include "agent/storage/test_engines.h"

namespace weft::storage::testing {

inline constexpr uint64_t kSecond = 1'000'000'000;
inline constexpr uint32_t kPid = 100;

class Teller final : public StoryTeller {
 public:
  PlacePtr place(const Stamp&, uint64_t statement, bool) override {
    last_statement = statement;
    return nullptr;
  }
  SpanIdentityPtr identify(const PlacePtr&) override { return std::make_shared<SpanIdentity>(); }
  void tell(Story story) override { told.push_back(std::move(story)); }
  std::vector<Story> told;
  uint64_t last_statement = 0;
};

class Meter final : public StorageMeter {
 public:
  void operation(const StorageSample& s) override {
    operations.push_back(std::string(s.operation) + " " + std::to_string(s.bytes) +
                         (s.failed ? " failed" : ""));
  }
  void group(const Engine&, uint32_t, uint64_t size) override { groups.push_back(size); }
  std::vector<std::string> operations;
  std::vector<uint64_t> groups;
};

inline std::vector<std::string> names(const std::vector<Story>& stories) {
  std::vector<std::string> out;
  for (const Story& story : stories) out.push_back(story.name);
  return out;
}

class StorageTest : public ::testing::Test {
 protected:
  StorageTest() {
    heard = {};
    notices.clear();
  }
  template <class T>
  T head(weft_event_type type, uint64_t time, uint32_t tid) {
    T e{};
    e.h.type = type;
    e.h.size = sizeof e;
    e.h.time = time;
    e.h.pid = kPid;
    e.h.tid = tid;
    return e;
  }
  void send(const weft_event& e) { storage_.on_event({&e}); }

  uint64_t file(const char* name, const char* folder = "data", uint32_t flags = 0) {
    auto e = head<weft_ev_file>(WEFT_EV_FILE, 1, 1);
    e.file = ++files_;
    e.key.dentry = e.file;
    e.flags = flags;
    std::strncpy(e.name, name, sizeof e.name - 1);
    std::strncpy(e.folders[0], folder, sizeof e.folders[0] - 1);
    send(e.h);
    return e.file;
  }
  void io(uint64_t file, weft_file_op op, uint64_t start, uint64_t end, uint32_t tid = 1) {
    done(file, op, start, end, op == WEFT_FILE_WRITE ? 10 : 0, tid);
  }
  void done(uint64_t file, weft_file_op op, uint64_t start, uint64_t end, int64_t result,
            uint32_t tid = 1) {
    auto e = head<weft_ev_file_io>(WEFT_EV_FILE_IO, end, tid);
    e.file = file;
    e.start = start;
    e.op = static_cast<uint8_t>(op);
    e.result = result;
    send(e.h);
  }
  void write(uint64_t file, uint64_t start, uint32_t tid = 1) {
    io(file, WEFT_FILE_WRITE, start, start + 1, tid);
  }
  void sync(uint64_t file, uint64_t start, uint64_t end, uint32_t tid = 1) {
    io(file, WEFT_FILE_FDATASYNC, start, end, tid);
  }
  void call(TestCall number, uint64_t start, uint64_t end, uint32_t tid = 1, uint8_t engine = 7) {
    auto e = head<weft_ev_site>(WEFT_EV_SITE, end, tid);
    e.start = start;
    e.engine = engine;
    e.number = number;
    send(e.h);
  }
  void exit(uint32_t pid = kPid) {
    weft_event e{};
    e.type = WEFT_EV_EXIT;
    e.size = sizeof e;
    e.pid = pid;
    send(e);
  }

  CounterSet counters_;
  Teller teller_;
  Meter meter_;
  uint64_t files_ = 0;
  std::vector<uint64_t> unwanted_;
  std::vector<std::string> libraries_;
  Storage storage_{
      *Patterns::make({}, {}),
      {.teller = teller_,
       .meter = meter_,
       .instance_of = [](uint32_t pid) { return pid; },
       .on_unwanted = [this](const weft_file_key& key) { unwanted_.push_back(key.dentry); },
       .on_library = [this](uint32_t,
                            const Engine& engine) { libraries_.emplace_back(engine.name); }},
      counters_};
};

}  // namespace weft::storage::testing
