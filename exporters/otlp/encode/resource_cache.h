// SPDX-License-Identifier: Apache-2.0
// What an encoder makes of a resource, made once: spans by the thousand share one.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "agent/span/span.h"

namespace weft::otlp {

// Remembers while resources live, at most 1024 of them. One thread.
class ResourceCache {
 public:
  // What make() returns of this resource; good until the next call.
  const std::string& bytes(const ResourcePtr& resource,
                           const std::function<std::string(const Resource&)>& make);

 private:
  struct Entry {
    std::weak_ptr<const Resource> resource;  // of a dead one the address may be another's
    std::string bytes;
  };
  void make_room();

  std::unordered_map<const Resource*, Entry> entries_;
};

}  // namespace weft::otlp
