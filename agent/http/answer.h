// SPDX-License-Identifier: Apache-2.0
// Decides what an unsuccessful HTTP response means for the batch, and describes it in one line.
// Pure functions.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/http/http_client.h"
#include "agent/port/exporter.h"

namespace weft::http {

// The whole text as a number; none: it is not one.
template <class T>
std::optional<T> whole_number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "what: text", with text shortened to one printable line; "what" if there is no text.
std::string with_text(const std::string& what, std::string text);

// Parses Retry-After: seconds, or one of HTTP's three date formats. Past dates give 0. now: Unix
// seconds.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value, int64_t now);

// "; expected an OTLP/HTTP receiver there", to append after the answer of a server that is not one.
// expects: HttpOptions::expects.
std::string stranger(const HttpResponse& response, std::string_view expects);

// 2xx is delivered, unless it is a web page; 429, 502, 503 and 504 are temporary (Retry-After says
// for how long); all others are refusals. `reason`: the server's own text.
Delivery classify(const HttpResponse& response, std::string reason, int64_t now,
                  std::string_view expects);

}  // namespace weft::http
