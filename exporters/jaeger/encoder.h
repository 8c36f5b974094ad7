// SPDX-License-Identifier: Apache-2.0
// Spans as Jaeger's Thrift batches, by OpenTelemetry's mapping (docs/exporters.md).
#pragma once

#include <span>
#include <string>

#include "agent/span/span.h"
#include "exporters/otlp/encode/resource_cache.h"

namespace weft::jaeger {

// Caches the encoded resources. One thread.
class Encoder {
 public:
  // One Batch (jaeger.thrift): the process and its spans. All spans must have this resource.
  std::string encode(const ResourcePtr& resource, std::span<const Span* const> spans);

 private:
  otlp::ResourceCache processes_;
};

}  // namespace weft::jaeger
