// SPDX-License-Identifier: Apache-2.0
// The registry of this room's tests: an engine with calls, two whose files have the same
// names, and the one for any file. storage_test.cpp defines engines() by it.
#pragma once

#include <string>
#include <vector>

#include "agent/port/engine.h"

namespace weft {

// What the narrator of "logdb" was told last, and says of it.
struct Heard {
  Work work;
  std::string file;
  std::string text;
  SpanIdentityPtr last_sync;
  uint32_t missing = 0;
  bool born = false;
};
inline Heard heard;
// What narrators were told of beside calls, in order: "entry 2", "renamed a b", "exited 7" …
inline std::vector<std::string> notices;

enum TestCall : uint8_t { kTestFlush, kTestStep, kTestPart, kTestDull };

class TestNarrator final : public Narrator {
 public:
  bool call(const SiteCall& call, const Work& work, Story& story) override {
    heard = {work,           std::string(work.file), std::string(call.text),
             call.last_sync, call.missing,           call.born};
    if (call.number == kTestDull) return false;
    story.name = call.number == kTestFlush ? "flush" : call.number == kTestStep ? "step" : "part";
    return true;
  }
  void entry(const FileOp& op, StorySink& sink) override {
    notices.push_back("entry " + std::to_string(op.op) + std::string(op.bytes));
    Story story;
    story.name = "entry";
    story.place = sink.place(op.by);
    sink.push(std::move(story));
  }
  void renamed(const Stamp&, std::string_view from, std::string_view to, StorySink&) override {
    notices.push_back("renamed " + std::string(from) + " " + std::string(to));
  }
  void tick(uint64_t, StorySink&) override { notices.emplace_back("tick"); }
  void exited(uint32_t pid, StorySink&) override {
    notices.push_back("exited " + std::to_string(pid));
  }
  void by_files(const Work&, Story& story) override { story.name += " by files"; }
};

inline std::unique_ptr<Narrator> make_test_narrator() {
  return std::make_unique<TestNarrator>();
}

inline std::span<const Engine> test_engines() {
  static constexpr std::string_view kLibraries[] = {"libtwo.so*"};
  static constexpr LogPattern kLogs[] = {{"*.wal", WEFT_FILE_LOG}};
  static constexpr LogPattern kNumbered[] = {{"[0-9].log", WEFT_FILE_LOG}};
  static constexpr LogPattern kAny[] = {{"any.*", WEFT_FILE_LOG}, {"jobs/*", WEFT_FILE_ENTRY}};
  static const SiteSpec kSites[] = {
      {.number = kTestFlush, .name = "flush", .where = {}, .waits = true},
      {.number = kTestStep, .name = "step", .where = {}, .flushes = true},
      {.number = kTestPart, .name = "part", .where = {}, .inner = true},
      {.number = kTestDull, .name = "dull", .where = {}}};
  const auto engine = [](uint8_t id, std::string_view name, std::span<const LogPattern> logs) {
    return Engine{.id = id,
                  .name = name,
                  .system = name == "file" ? "" : name,
                  .executables = {},
                  .libraries = {},
                  .logs = logs,
                  .sites = {},
                  .thread_owns_request = false,
                  .make = make_test_narrator};
  };
  static const std::vector<Engine> kTable = [&] {
    std::vector<Engine> table = {engine(7, "logdb", kLogs), engine(8, "one", kNumbered),
                                 engine(9, "two", kNumbered), engine(1, "file", kAny)};
    for (size_t i = 0; i < 3; ++i) table[i].sites = kSites;
    table[2].libraries = kLibraries;
    return table;
  }();
  return kTable;
}

}  // namespace weft
