// SPDX-License-Identifier: Apache-2.0
// Engines for tests: one with functions to probe, and two whose log files have the same names.
#pragma once

#include <vector>

#include "agent/port/engine.h"

namespace weft {

// The last call that the tracer of "logdb" received.
struct Heard {
  IoSummary summary;
  std::string file;
  std::string text;
  SpanContextPtr last_sync;
};
inline Heard heard;

enum TestCall : uint8_t { kTestFlush, kTestStep, kTestPart };

class TestTracer final : public EngineTracer {
 public:
  bool call(const ProbedCall& call, const IoSummary& summary, SpanTree& tree) override {
    heard = {summary, std::string(summary.file), std::string(call.text), call.last_sync};
    tree.name = call.number == kTestFlush ? "flush" : call.number == kTestStep ? "step" : "part";
    return true;
  }
  void by_files(const IoSummary&, SpanTree& tree) override { tree.name += " by files"; }
};

inline std::unique_ptr<EngineTracer> make_test_tracer() {
  return std::make_unique<TestTracer>();
}

inline std::vector<Engine> attribution_engines() {
  static constexpr std::string_view kLibraries[] = {"libtwo.so*"};
  static constexpr LogPattern kLogs[] = {{"*.wal", WEFT_FILE_LOG}};
  static constexpr LogPattern kNumbered[] = {{"[0-9].log", WEFT_FILE_LOG}};
  static const ProbeSpec kProbes[] = {
      {.number = kTestFlush, .name = "flush", .where = {}, .sync = {.is_wait = true}},
      {.number = kTestStep, .name = "step", .where = {}, .sync = {.encloses_flush = true}},
      {.number = kTestPart, .name = "part", .where = {}, .nested = true}};
  const auto engine = [](uint8_t id, std::string_view name, std::span<const LogPattern> logs) {
    return Engine{.target = {.kind = TargetKind::kEngine, .id = id, .name = name},
                  .system = name,
                  .logs = logs,
                  .thread_owns_request = false,
                  .make = make_test_tracer};
  };
  std::vector<Engine> table = {engine(7, "logdb", kLogs), engine(8, "one", kNumbered),
                               engine(9, "two", kNumbered)};
  for (Engine& row : table) row.target.probes = kProbes;
  table[2].target.libraries = kLibraries;
  return table;
}

}  // namespace weft
