// SPDX-License-Identifier: Apache-2.0
// OTLP protobuf: ExportTraceServiceRequest of opentelemetry-proto 1.x.
#pragma once

#include <span>
#include <string>

#include "agent/span/span.h"
#include "exporters/otlp/encode/resource_cache.h"

namespace weft::otlp {

// Caches the bytes of the resources it has seen. One thread.
class ProtoEncoder {
 public:
  // Repairs strings that are not valid UTF-8, because receivers refuse a whole request for one.
  std::string encode(std::span<const SpanPtr> batch);

 private:
  ResourceCache resources_;
};

}  // namespace weft::otlp
