// SPDX-License-Identifier: Apache-2.0
// Spans as Zipkin's v2 JSON, by OpenTelemetry's mapping (docs/exporters.md).
#pragma once

#include <span>
#include <string>

#include "agent/span/span.h"
#include "exporters/otlp/encode/resource_cache.h"

namespace weft::zipkin {

// Caches the encoded resources. One thread.
class Encoder {
 public:
  // The body of a request: an array of spans, in the batch's order.
  std::string encode(std::span<const SpanPtr> batch);

 private:
  void append(std::string& out, const Span& span);
  void append_events(std::string& out, const Span& span);
  void append_tags(std::string& out, const Span& span);
  void append_links(std::string& out, const Span& span);

  otlp::ResourceCache resources_;
  std::string scratch_;  // for JSON inside a string
};

}  // namespace weft::zipkin
