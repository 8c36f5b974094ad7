// SPDX-License-Identifier: Apache-2.0
// Spans that are complete, and only wait to know whether their parent will be exported.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "agent/span/span.h"
#include "agent/stitch/correlation.h"

namespace weft {

// A finished span, with fields that only the stitcher uses.
struct BuiltSpan : Span {
  Correlation how = Correlation::kNone;  // becomes weft.correlation when the span is emitted
  bool of_exchange = false;              // whatever its kind; false: of an engine's span tree
  std::optional<SpanId> announced;       // its parent if the parent that this agent sees has no
                                         // span
  std::shared_ptr<BuiltSpan> next;       // next in the list of the same parent
};
using BuiltSpanPtr = std::shared_ptr<BuiltSpan>;

// The spans that wait for one parent, in order of arrival. A list linked through the spans, so that
// waiting allocates nothing.
class WaitingSpans {
 public:
  WaitingSpans() = default;
  WaitingSpans(const WaitingSpans&) = delete;
  WaitingSpans& operator=(const WaitingSpans&) = delete;
  ~WaitingSpans() {
    while (pop()) {
    }
  }

  void push(BuiltSpanPtr span) {
    BuiltSpan* const last = span.get();
    (last_ ? last_->next : first_) = std::move(span);
    last_ = last;
  }
  // Removes and returns the oldest; null: none.
  BuiltSpanPtr pop() {
    if (!first_) return nullptr;
    BuiltSpanPtr span = std::move(first_);
    first_ = std::move(span->next);
    if (!first_) last_ = nullptr;
    return span;
  }

 private:
  BuiltSpanPtr first_;
  BuiltSpan* last_ = nullptr;
};

struct Node;

// The open exchanges that spans wait for or that have been promised, and since when. Remove each
// before it is destroyed. One thread.
class WatchedNodes {
 public:
  // Exchanges open longer than this are long requests (a stream, a poll, a large upload): their
  // children do not wait for the end.
  static constexpr uint64_t kPatience = 10'000'000'000;  // ns of the events' clock
  // Most spans held, a few MiB; further spans do not wait.
  static constexpr size_t kMostWaiting = 4096;

  // since: taken from the first call; further calls have no effect until the node is removed.
  void add(Node& node, uint64_t since);
  void remove(Node& node);
  bool empty() const { return nodes_.empty(); }
  Node& last() const { return *nodes_.back().node; }
  // The nodes whose fate has been open for kPatience. Valid until the next call.
  const std::vector<Node*>& due(uint64_t now);

 private:
  struct Entry {
    Node* node;
    uint64_t since;
  };
  std::vector<Entry> nodes_;  // each node has its index + 1
  std::vector<Node*> due_;
};

}  // namespace weft
