// SPDX-License-Identifier: Apache-2.0
#include "agent/delivery/span_limits.h"

#include <algorithm>
#include <string_view>

namespace weft {
namespace {

// Bytes of the first `characters` code points; text.size() when there are no more.
size_t prefix_size(std::string_view text, size_t characters) {
  if (text.size() <= characters) return text.size();
  size_t seen = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool starts_character = (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80;
    if (starts_character && seen++ == characters) return i;
  }
  return text.size();
}

bool too_long(const Value& value, size_t limit) {
  const auto exceeds = [&](const std::string& s) { return prefix_size(s, limit) < s.size(); };
  if (const auto* text = std::get_if<std::string>(&value)) return exceeds(*text);
  const auto* list = std::get_if<std::vector<std::string>>(&value);
  return list && std::ranges::any_of(*list, exceeds);
}

void shorten(Value& value, size_t limit) {
  const auto cut = [&](std::string& s) { s.resize(prefix_size(s, limit)); };
  if (auto* text = std::get_if<std::string>(&value)) cut(*text);
  if (auto* list = std::get_if<std::vector<std::string>>(&value)) std::ranges::for_each(*list, cut);
}

bool too_long(const Attributes& attributes, size_t limit) {
  return std::ranges::any_of(attributes,
                             [&](const Attribute& a) { return too_long(a.value, limit); });
}

void shorten(Attributes& attributes, size_t limit) {
  for (Attribute& a : attributes) shorten(a.value, limit);
}

// T: Span, SpanEvent or SpanLink.
template <class T>
bool within(const T& part, size_t count, size_t length) {
  return part.attributes.size() <= count &&
         (length == UINT32_MAX || !too_long(part.attributes, length));
}

template <class T>
bool all_within(const std::vector<T>& parts, size_t limit, size_t count, size_t length) {
  return parts.size() <= limit &&
         std::ranges::all_of(parts, [&](const T& part) { return within(part, count, length); });
}

uint32_t excess(size_t size, uint32_t limit) {
  return size > limit ? static_cast<uint32_t>(size - limit) : 0;
}

template <class T>
void limit(T& part, uint32_t count, uint32_t length) {
  part.dropped_attributes += excess(part.attributes.size(), count);
  part.attributes.truncate(count);
  if (length != UINT32_MAX) shorten(part.attributes, length);
}

template <class T>
uint32_t limit_all(std::vector<T>& parts, uint32_t number, uint32_t count, uint32_t length) {
  const uint32_t dropped = excess(parts.size(), number);
  parts.resize(parts.size() - dropped);
  for (T& part : parts) limit(part, count, length);
  return dropped;
}

}  // namespace

SpanPtr limited(SpanPtr span, const SpanLimits& limits) {
  const uint32_t length = limits.attribute_value_length;
  if (within(*span, limits.attribute_count, length) &&
      all_within(span->events, limits.event_count, limits.event_attribute_count, length) &&
      all_within(span->links, limits.link_count, limits.link_attribute_count, length)) {
    return span;
  }
  auto copy = std::make_shared<Span>(*span);
  limit(*copy, limits.attribute_count, length);
  copy->dropped_events +=
      limit_all(copy->events, limits.event_count, limits.event_attribute_count, length);
  copy->dropped_links +=
      limit_all(copy->links, limits.link_count, limits.link_attribute_count, length);
  return copy;
}

}  // namespace weft
