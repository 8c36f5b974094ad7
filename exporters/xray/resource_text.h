// SPDX-License-Identifier: Apache-2.0
// The parts of a segment document that are the same for all spans of a resource, as JSON.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "agent/span/span.h"

namespace weft::xray {

inline constexpr std::string_view kResourcePrefix = "otel.resource.";

struct ResourceText {
  std::string aws;       // members of "aws": the SDK, and where in AWS the service runs
  std::string segment;   // members of a segment: "origin", "service"; may be empty
  std::string metadata;  // members "otel.resource.…", one per attribute
};

// Caches the texts while their resources live (at most 1024). One thread.
class ResourceTexts {
 public:
  // Valid until the next call.
  const ResourceText& of(const ResourcePtr& resource);

 private:
  struct Entry {
    std::weak_ptr<const Resource> resource;  // expired: its address may belong to another resource
    ResourceText text;
  };
  std::unordered_map<const Resource*, Entry> known_;
};

}  // namespace weft::xray
