// SPDX-License-Identifier: Apache-2.0
// X-Ray writes the 128 bits of a trace id as 1-{8 hex digits}-{24 hex digits}, and a span id as
// usual. Pure; any thread.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "agent/base/ids.h"

namespace weft::xray {

// "1-4bf92f35-77b34da6a3ce929d0e0e4736"
std::string to_xray(const TraceId& id);

// The same, and a span id's 16 hex digits, without allocation: every document has three ids.
struct TraceIdText {
  explicit TraceIdText(const TraceId& id);
  std::string_view view() const { return {chars.data(), chars.size()}; }
  std::array<char, 35> chars;
};
struct SpanIdText {
  explicit SpanIdText(const SpanId& id);
  std::string_view view() const { return {chars.data(), chars.size()}; }
  std::array<char, 16> chars;
};

// The inverse; upper case digits are invalid, as in W3C ids. None: not a trace id.
std::optional<TraceId> from_xray(std::string_view text);

}  // namespace weft::xray
