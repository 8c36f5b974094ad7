// SPDX-License-Identifier: Apache-2.0
// Spans that are complete but for one thing: whether the parent they name will exist.
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

// A span on its way out; what is not the exporters' business is left behind.
struct BuiltSpan : Span {
  Correlation how = Correlation::kNone;  // its attribute is set when the span leaves
  std::optional<SpanId> announced;       // its parent if the one in sight has no span
  std::shared_ptr<BuiltSpan> next;       // waits for the same parent
};
using BuiltSpanPtr = std::shared_ptr<BuiltSpan>;

// The spans that wait for one parent, in the order they came. Linked through the spans, so
// that waiting allocates nothing.
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
  // The oldest; null when there is none.
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

// The open exchanges that something waits for, or that have been promised, and for how long.
// They leave the list before they end. One thread.
class WatchedNodes {
 public:
  // What takes longer than this is a long request (a stream, a poll, a large upload): its
  // children do not wait for its end.
  static constexpr uint64_t kPatience = 10'000'000'000;  // ns of the events' clock
  // Spans held at most, a few MiB; beyond them nobody waits.
  static constexpr size_t kMostWaiting = 4096;

  // since: kept from the first call until the node is removed.
  void add(Node& node, uint64_t since);
  void remove(Node& node);
  bool empty() const { return nodes_.empty(); }
  Node& last() const { return *nodes_.back().node; }
  // Those whose fate has been open for kPatience. Valid until the next call.
  const std::vector<Node*>& due(uint64_t now);

 private:
  struct Entry {
    Node* node;
    uint64_t since;
  };
  std::vector<Entry> nodes_;  // each knows its place here
  std::vector<Node*> due_;
};

}  // namespace weft
