// SPDX-License-Identifier: Apache-2.0
#include "exporters/console/trace_buffer.h"

#include <algorithm>

namespace weft::console {
namespace {
constexpr size_t kRemembered = 1024;
}

void TraceBuffer::add(SpanPtr span, Clock::time_point now) {
  const auto [it, is_new] = traces_.try_emplace(span->trace);
  Trace& trace = it->second;
  if (is_new) trace.first = now;
  trace.start = std::min(trace.start, span->start);
  trace.has_root |= !span->parent.valid();
  trace.ready = now + (trace.has_root ? kAfterRoot : kSettle);
  trace.spans.push_back(std::move(span));
  ++held_;
  if (trace.spans.size() >= kMaxTraceSpans) trace.ready = now;
  if (held_ < kMaxSpans) return;
  const auto oldest =
      std::ranges::min_element(traces_, {}, [](const auto& entry) { return entry.second.first; });
  oldest->second.ready = now;
}

std::vector<HeldTrace> TraceBuffer::take_ready(Clock::time_point now) {
  std::vector<Traces::iterator> ready;
  for (auto it = traces_.begin(); it != traces_.end(); ++it) {
    if (it->second.ready <= now) ready.push_back(it);
  }
  std::ranges::sort(ready, {}, [](auto it) { return it->second.start; });
  std::vector<HeldTrace> out;
  out.reserve(ready.size());
  for (const auto it : ready) out.push_back(release(it));
  return out;
}

std::vector<HeldTrace> TraceBuffer::take_all() {
  return take_ready(Clock::time_point::max());
}

std::optional<TraceBuffer::Clock::time_point> TraceBuffer::next() const {
  std::optional<Clock::time_point> soonest;
  for (const auto& [id, trace] : traces_) {
    if (!soonest || trace.ready < *soonest) soonest = trace.ready;
  }
  return soonest;
}

HeldTrace TraceBuffer::release(Traces::iterator it) {
  HeldTrace out{std::move(it->second.spans), released_.contains(it->first)};
  held_ -= out.spans.size();
  remember(it->first);
  traces_.erase(it);
  return out;
}

void TraceBuffer::remember(const TraceId& id) {
  if (!released_.insert(id).second) return;
  release_order_.push_back(id);
  if (release_order_.size() <= kRemembered) return;
  released_.erase(release_order_.front());
  release_order_.pop_front();
}

}  // namespace weft::console
