// SPDX-License-Identifier: Apache-2.0
// OTLP protobuf: ExportTraceServiceRequest of opentelemetry-proto 1.x.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <unordered_map>

#include "agent/span/span.h"

namespace weft::otlp {

// Remembers the bytes of the resources it has seen while they live (at most 1024). One
// thread.
class ProtoEncoder {
 public:
  // Strings that are not valid UTF-8 are repaired: receivers refuse a whole request for one.
  std::string encode(std::span<const SpanPtr> batch);

 private:
  struct Encoded {
    // Keeps the address from being used again, not the attributes.
    std::weak_ptr<const Resource> resource;
    std::string bytes;
  };
  const std::string& resource_bytes(const ResourcePtr& resource);
  void make_room();

  std::unordered_map<const Resource*, Encoded> resources_;
};

}  // namespace weft::otlp
