// SPDX-License-Identifier: Apache-2.0
// What an HTTP answer that is no success means for the batch, and how it is said in one
// line. Pure functions.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/http/http_client.h"
#include "agent/port/exporter.h"

namespace weft::http {

// The whole text as a number; nothing: it is none.
template <class T>
std::optional<T> whole_number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "what: text", with text cut to one short printable line; "what" when there is none.
std::string with_text(const std::string& what, std::string text);

// The value of Retry-After: seconds, or one of HTTP's three date formats. Past dates are 0.
// now: Unix seconds.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value, int64_t now);

// "; expected an OTLP/HTTP receiver there", after what a stranger answered; expects:
// HttpOptions::expects.
std::string stranger(const HttpResponse& response, std::string_view expects);

// 2xx is delivered, unless it is a web page; 429, 502, 503 and 504 are passing faults
// (Retry-After says for how long); all others are refusals. `reason`: the server's own words.
Delivery classify(const HttpResponse& response, std::string reason, int64_t now,
                  std::string_view expects);

}  // namespace weft::http
