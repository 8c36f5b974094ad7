// SPDX-License-Identifier: Apache-2.0
// The end of the pipeline for finished spans: adds old names if configured, applies the span limits
// once and passes each span to every exporter's batcher. Spans are shared, queues are independent.
#pragma once

#include <memory>
#include <vector>

#include "agent/config/config.h"
#include "agent/delivery/batcher.h"
#include "agent/delivery/span_limits.h"

namespace weft {

class SpanFanout final : public SpanSink {
 public:
  SpanFanout(std::vector<std::unique_ptr<Batcher>> batchers, const SpanLimits& limits,
             OldNames old_names = {})
      : batchers_(std::move(batchers)), limits_(limits), old_names_(old_names) {}

  void push(SpanPtr span) override;
  // As in Batcher, in parallel, with one deadline.
  bool flush(Batcher::TimePoint deadline);
  bool stop(Batcher::TimePoint deadline);
  std::vector<Batcher::State> states() const;  // any thread

 private:
  std::vector<std::unique_ptr<Batcher>> batchers_;
  SpanLimits limits_;
  OldNames old_names_;
};

}  // namespace weft
