// SPDX-License-Identifier: Apache-2.0
#include "exporters/otlp/encode/resource_cache.h"

namespace weft::otlp {
namespace {

constexpr size_t kMaxResources = 1024;

}  // namespace

const std::string& ResourceCache::bytes(const ResourcePtr& resource,
                                        const std::function<std::string(const Resource&)>& make) {
  const auto known = entries_.find(resource.get());
  if (known != entries_.end() && !known->second.resource.expired()) return known->second.bytes;
  if (entries_.size() >= kMaxResources) make_room();
  Entry& entry = entries_[resource.get()];
  entry = {resource, make(*resource)};
  return entry.bytes;
}

void ResourceCache::make_room() {
  std::erase_if(entries_, [](const auto& entry) { return entry.second.resource.expired(); });
  if (entries_.size() >= kMaxResources) entries_.clear();
}

}  // namespace weft::otlp
