// SPDX-License-Identifier: Apache-2.0
// Parses a received W3C trace context (Level 2) by the rules of the specification's §3; no I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/base/ids.h"

namespace weft {

inline constexpr uint8_t kFlagSampled = 0x01;
inline constexpr uint8_t kFlagRandom = 0x02;

struct TraceContext {
  TraceId trace;
  SpanId parent;
  uint8_t flags = 0;        // only kFlagSampled and kFlagRandom are kept
  std::string trace_state;  // normalised list; empty when absent or invalid
};

// Collects the header lines of one message, in order, then decides. Two traceparent lines are
// invalid; tracestate lines are joined; an invalid tracestate does not invalidate the traceparent;
// without a valid traceparent the tracestate is dropped.
class TraceContextParser {
 public:
  void traceparent(std::string_view value);
  void tracestate(std::string_view value);
  std::optional<TraceContext> finish() const;

 private:
  int traceparents_ = 0;
  std::optional<TraceContext> context_;
  std::string state_;
};

}  // namespace weft
