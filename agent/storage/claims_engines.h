// SPDX-License-Identifier: Apache-2.0
// Engines for tests: one with calls, and two whose files have the same names.
#pragma once

#include <vector>

#include "agent/port/engine.h"

namespace weft {

// What the narrator of "logdb" was told last, and says of it.
struct Heard {
  Work work;
  std::string file;
  std::string text;
  SpanIdentityPtr last_sync;
};
inline Heard heard;

enum TestCall : uint8_t { kTestFlush, kTestStep, kTestPart };

class TestNarrator final : public Narrator {
 public:
  bool call(const SiteCall& call, const Work& work, Story& story) override {
    heard = {work, std::string(work.file), std::string(call.text), call.last_sync};
    story.name = call.number == kTestFlush ? "flush" : call.number == kTestStep ? "step" : "part";
    return true;
  }
  void by_files(const Work&, Story& story) override { story.name += " by files"; }
};

inline std::unique_ptr<Narrator> make_test_narrator() {
  return std::make_unique<TestNarrator>();
}

inline std::vector<Engine> claims_engines() {
  static constexpr std::string_view kLibraries[] = {"libtwo.so*"};
  static constexpr LogPattern kLogs[] = {{"*.wal", WEFT_FILE_LOG}};
  static constexpr LogPattern kNumbered[] = {{"[0-9].log", WEFT_FILE_LOG}};
  static const SiteSpec kSites[] = {
      {.number = kTestFlush, .name = "flush", .where = {}, .waits = true},
      {.number = kTestStep, .name = "step", .where = {}, .flushes = true},
      {.number = kTestPart, .name = "part", .where = {}, .inner = true}};
  const auto engine = [](uint8_t id, std::string_view name, std::span<const LogPattern> logs) {
    return Engine{.id = id,
                  .name = name,
                  .system = name,
                  .executables = {},
                  .libraries = {},
                  .logs = logs,
                  .sites = {},
                  .thread_owns_request = false,
                  .make = make_test_narrator};
  };
  std::vector<Engine> table = {engine(7, "logdb", kLogs), engine(8, "one", kNumbered),
                               engine(9, "two", kNumbered)};
  for (Engine& row : table) row.sites = kSites;
  table[2].libraries = kLibraries;
  return table;
}

}  // namespace weft
