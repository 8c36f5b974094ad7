// SPDX-License-Identifier: Apache-2.0
// OTLP sends spans grouped by resource: sorts a batch into such groups.
#pragma once

#include <span>
#include <vector>

#include "agent/span/span.h"

namespace weft::otlp {

struct Group {
  ResourcePtr resource;
  std::vector<const Span*> spans;  // borrowed from the batch, in its order
};

// One group per resource object, in order of first appearance.
std::vector<Group> by_resource(std::span<const SpanPtr> batch);

// The scope name in every ScopeSpans.
inline constexpr char kScopeName[] = "weft";

// Span.flags: the W3C flags, and whether the parent is known to be in another process.
inline uint32_t flags_of(const Span& span) {
  constexpr uint32_t kHasIsRemote = 0x100;
  constexpr uint32_t kIsRemote = 0x200;
  return span.trace_flags | kHasIsRemote | (span.parent_is_remote ? kIsRemote : 0u);
}

}  // namespace weft::otlp
