// SPDX-License-Identifier: Apache-2.0
// The parts of OpenTelemetry's span model that a protocol session may set itself.
#pragma once

#include <cstdint>

#include "agent/base/attribute.h"
#include "agent/base/ids.h"

namespace weft {

enum class SpanKind : uint8_t {
  kInternal = 1,
  kServer = 2,
  kClient = 3,
  kProducer = 4,
  kConsumer = 5
};  // OTLP's numbers

struct SpanLink {
  TraceId trace;
  SpanId span;
  Attributes attributes{};
  uint32_t dropped_attributes = 0;
};

}  // namespace weft
