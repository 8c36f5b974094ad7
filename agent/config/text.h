// SPDX-License-Identifier: Apache-2.0
// Small parsers that flags, variables and files share. Pure; any thread; keeps no view of an
// argument beyond the call except a returned one.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/base/result.h"

namespace weft {

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string_view trim(std::string_view text);  // spaces and tabs
std::string lower(std::string_view text);      // ASCII only
// Trimmed parts; empty ones are dropped.
std::vector<std::string> split_list(std::string_view text, char separator = ',');
bool valid_utf8(std::string_view text);
// Control characters become spaces.
std::string one_line(std::string text);
// Quoted for a one-line message: shortened, without control characters or credentials.
std::string shown(std::string_view text);

// The whole text as a decimal integer of type T: no spaces, no '+'.
template <class T>
std::optional<T> parse_integer(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}
// A finite decimal number.
std::optional<double> parse_number(std::string_view text);

// "5%" or "0.05", as 0.05; from 0 to 1.
std::optional<double> parse_share(std::string_view text);

// "HOST:PORT", "[V6]:PORT"; the host without brackets. Port 1 to 65535.
std::optional<std::pair<std::string, uint16_t>> parse_host_port(std::string_view text);

// Parses OTEL_RESOURCE_ATTRIBUTES: k=v,k2=v2, keys and values percent-decoded. One invalid member
// makes the whole invalid; the error says which and why. If a key is repeated, the last wins.
Result<Pairs> parse_resource_attributes(std::string_view text);
// Parses OTEL_EXPORTER_OTLP_HEADERS: names are HTTP tokens, values percent-decoded. The error never
// repeats a value: it may be a credential.
Result<Pairs> parse_headers(std::string_view text);
bool is_header_name(std::string_view name);    // an HTTP token
bool is_header_value(std::string_view value);  // no control characters but tab

// The candidate one typing error away from `word` (case, a letter or two), for "did you mean";
// empty: none is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);
// `, did you mean "x"?`, or if none is near, `, expected one of a, b, c`.
std::string suggestion(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace weft
