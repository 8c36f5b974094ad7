// SPDX-License-Identifier: Apache-2.0
// Caches an encoder's output for a resource, which thousands of spans share.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "agent/span/span.h"

namespace weft::otlp {

// Entries last while their resources live, at most 1024 of them. One thread.
class ResourceCache {
 public:
  // What make() returned for this resource; valid until the next call.
  const std::string& bytes(const ResourcePtr& resource,
                           const std::function<std::string(const Resource&)>& make);

 private:
  struct Entry {
    std::weak_ptr<const Resource> resource;  // expired: its address may belong to another resource
    std::string bytes;
  };
  void make_room();

  std::unordered_map<const Resource*, Entry> entries_;
};

}  // namespace weft::otlp
