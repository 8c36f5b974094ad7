// SPDX-License-Identifier: Apache-2.0
#include "exporters/otlp/encode/group.h"

#include <unordered_map>

namespace weft::otlp {

std::vector<Group> by_resource(std::span<const SpanPtr> batch) {
  std::vector<Group> groups;
  std::unordered_map<const Resource*, size_t> index;
  for (const SpanPtr& span : batch) {
    const auto [it, is_new] = index.try_emplace(span->resource.get(), groups.size());
    if (is_new) groups.push_back({span->resource, {}});
    groups[it->second].spans.push_back(span.get());
  }
  return groups;
}

}  // namespace weft::otlp
