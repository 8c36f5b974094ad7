// SPDX-License-Identifier: Apache-2.0
// For tests of Storage: fake surroundings, and helpers that send records.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "agent/base/semconv.h"
#include "agent/storage/files/test_records.h"
#include "agent/storage/storage.h"
#include "agent/storage/test_engines.h"

namespace weft::storage::testing {

class FakeSink final : public SpanTreeSink {
 public:
  ParentRefPtr parent_ref(const Stamp&, uint64_t statement, bool thread_owns) override {
    statements.push_back(statement);
    owns.push_back(thread_owns);
    const auto mark = std::make_shared<const char>('p');  // opaque except to the stitcher
    return {mark, reinterpret_cast<const ParentRef*>(mark.get())};
  }
  SpanContextPtr reserve_context(const ParentRefPtr&) override {
    return std::make_shared<const SpanContext>(TraceContext{}, SpanId::random());
  }
  void emit(SpanTree tree) override { trees.push_back(std::move(tree)); }
  std::vector<SpanTree> trees;
  std::vector<uint64_t> statements;
  std::vector<bool> owns;
};

class FakeMeter final : public StorageMeter {
 public:
  void operation(const StorageSample& s) override {
    operations.push_back(std::string(s.operation) + " " + std::to_string(s.bytes) +
                         (s.failed ? " failed" : ""));
    durations.push_back(s.duration);
    files.emplace_back(s.file);
  }
  void group(const Engine&, uint32_t, uint64_t size) override { groups.push_back(size); }
  std::vector<std::string> operations;
  std::vector<uint64_t> durations;
  std::vector<std::string> files;
  std::vector<uint64_t> groups;
};

// "name!error{child child}"
inline std::string shape(const SpanTree& tree) {
  std::string out = tree.name;
  if (!tree.error_type.empty()) out += "!" + tree.error_type;
  if (tree.children.empty()) return out;
  out += "{";
  for (const SpanTree& child : tree.children) {
    out += (out.back() == '{' ? "" : " ") + shape(child);
  }
  return out + "}";
}

inline std::vector<std::string> shapes(const std::vector<SpanTree>& trees) {
  std::vector<std::string> out;
  out.reserve(trees.size());
  for (const SpanTree& tree : trees) out.push_back(shape(tree));
  return out;
}

inline int64_t number(const SpanTree& tree, Key key) {
  const Value* value = tree.attributes.find(key);
  return value ? std::get<int64_t>(*value) : -1;
}
inline bool durable(const SpanTree& tree) {
  return std::get<bool>(*tree.attributes.find(semconv::kWalDurable));
}

inline constexpr uint64_t kDb = 1;  // files by id
inline constexpr uint64_t kAny = 2;
inline constexpr uint64_t kSyncing = 3;
inline constexpr uint64_t kEntry = 4;
inline constexpr uint64_t kLibrary = 5;
inline constexpr uint64_t kUnfinished = 6;

class StorageTest : public ::testing::Test {
 protected:
  struct When {
    uint64_t start;
    uint64_t end;
    uint32_t tid = 7;
    uint32_t pid = 7;
    uint64_t exchange_id = 0;
    uint16_t within = 0;
    uint16_t call = 0;
    uint8_t flags = 0;
  };

  StorageTest() {
    heard().clear();
    last_call() = {};
    send(file_event(kDb, "1", {"db_wal", "/"}));
    send(file_event(kAny, "any.log", {"/"}));
    send(file_event(kSyncing, "any.log", {"b", "/"}, 1, O_WRONLY | O_DSYNC));
    send(file_event(kEntry, "1.json", {"jobs", "/"}));
    send(file_event(kUnfinished, "new.2", {"db_wal", "/"}));
    send(file_event(kLibrary, "libdb.so.1", {"lib", "/"}));
  }

  template <class T>
  void send(const T& event) {
    storage_.on_event({&event.h});
  }
  void io(uint64_t file, weft_file_op op, int64_t result, const When& w,
          std::string_view said = {}) {
    struct {
      weft_ev_file_io e;
      char bytes[64];
    } record{};
    head(record.e.h, WEFT_EV_FILE_IO, static_cast<uint32_t>(sizeof record.e + said.size()), w);
    record.e.file = file;
    record.e.start = w.start;
    record.e.current_exchange = w.exchange_id;
    record.e.result = result;
    record.e.op = op;
    record.e.within = w.within;
    record.e.flags = w.flags;
    record.e.captured = static_cast<uint32_t>(said.size());
    put(record.bytes, said);
    send(record.e);
  }
  void write(uint64_t file, int64_t result, const When& w) { io(file, WEFT_FILE_WRITE, result, w); }
  void sync(uint64_t file, int64_t result, const When& w) {
    io(file, WEFT_FILE_FDATASYNC, result, w);
  }
  void call(Call number, const When& w, std::string_view text = {}, uint8_t engine = 2) {
    weft_ev_probe e{};
    head(e.h, WEFT_EV_PROBE, sizeof e, w);
    e.start = w.start;
    e.target_kind = WEFT_KIND_ENGINE;
    e.target = engine;
    e.number = number;
    e.missing = 2;
    e.within = w.within;
    e.call = w.call;
    e.flags = w.flags;
    e.text_len = static_cast<uint8_t>(text.size());
    put(e.text, text);
    send(e);
  }
  static void head(weft_event& h, uint16_t type, uint32_t size, const When& w) {
    h = {.type = type, .cpu = 0, .size = size, .time = w.end, .pid = w.pid, .tid = w.tid};
  }
  std::vector<std::string> told() { return shapes(sink_.trees); }
  void wait_long(uint64_t after) { storage_.sweep(after + LogIo::kPatience + 1); }

  FakeSink sink_;
  FakeMeter meter_;
  CounterSet counters_;
  std::vector<uint64_t> unwanted_;
  std::vector<uint32_t> libraries_;
  std::vector<uint32_t> asked_;
  Storage storage_{*Patterns::make({}, {}),
                   {.sink = sink_,
                    .meter = meter_,
                    .instance_of =
                        [this](uint32_t pid) {
                          asked_.push_back(pid);
                          return pid / 10;
                        },
                    .on_unwanted = [&](const weft_file_key& k) { unwanted_.push_back(k.dentry); },
                    .on_library = [&](uint32_t pid) { libraries_.push_back(pid); }},
                   counters_};
};

}  // namespace weft::storage::testing
