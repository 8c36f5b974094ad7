// SPDX-License-Identifier: Apache-2.0
#include "agent/pipeline/pipeline.h"

#include <gtest/gtest.h>

// The registries of this test: the engine that storage needs, and no other row.
namespace weft {
std::span<const Engine> engines() {
  static constexpr Engine kFile{.target = {.kind = TargetKind::kEngine, .id = 1, .name = "file"},
                                .system = {},
                                .logs = {},
                                .thread_owns_request = false,
                                .make = nullptr};
  return {&kFile, 1};
}
std::span<const Protocol> protocols() {
  return {};
}
std::span<const Runtime> runtimes() {
  return {};
}

namespace {

class PipelineTest : public ::testing::Test {
 protected:
  void probe(uint8_t kind) {
    weft_ev_probe record{};
    record.h = {
        .type = WEFT_EV_PROBE, .cpu = 0, .size = sizeof record, .time = 1, .pid = 7, .tid = 7};
    record.target_kind = kind;
    record.target = 1;
    pipeline_.push(Event{&record.h});
  }
  uint64_t unrouted() { return counters_.get("weft.events.unrouted").value(); }
  // "file" has no functions to probe: storage counts their calls as unknown.
  uint64_t by_storage() {
    return counters_.get("weft.storage.dropped", {{"cause", "unknown_file"}}).value();
  }

  Config config_;
  CounterSet counters_;
  Pipeline pipeline_{
      config_,
      ProcSource::none(),
      {},
      *storage::Patterns::make({}, {}),
      std::make_unique<SpanFanout>(std::vector<std::unique_ptr<Batcher>>{}, config_.limits),
      counters_};
};

TEST_F(PipelineTest, CallsOfEnginesGoToStorage) {
  probe(WEFT_KIND_ENGINE);
  EXPECT_EQ(by_storage(), 1u);
  EXPECT_EQ(unrouted(), 0u);
}

TEST_F(PipelineTest, CallsWithoutAConsumerAreCounted) {
  probe(WEFT_KIND_LIBRARY);
  probe(WEFT_KIND_RUNTIME);
  probe(0);
  probe(255);
  EXPECT_EQ(unrouted(), 4u);
  EXPECT_EQ(by_storage(), 0u);
}

}  // namespace
}  // namespace weft
