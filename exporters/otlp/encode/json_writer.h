// SPDX-License-Identifier: Apache-2.0
// Writes JSON text piece by piece, commas included; the caller keeps brackets balanced.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace weft::otlp {

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  JsonWriter& key(std::string_view name);  // any bytes, as text()
  template <size_t N>
  JsonWriter& key(const char (&literal)[N]) {  // needs no escape
    return plain_key({literal, N - 1});
  }
  JsonWriter& text(std::string_view value);   // any bytes: repaired to UTF-8, escaped
  JsonWriter& plain(std::string_view value);  // a text that needs no escape
  JsonWriter& raw(std::string_view json);     // a value, or members, that are JSON already
  JsonWriter& number(std::integral auto value) { return integer(static_cast<int64_t>(value)); }
  JsonWriter& number(double value);  // NaN and ±Infinity as proto3 JSON has them: strings
  JsonWriter& boolean(bool value);

 private:
  void separate();
  JsonWriter& plain_key(std::string_view name);
  JsonWriter& integer(int64_t value);

  std::string& out_;
  bool comma_ = false;  // a comma is needed before the next item
};

}  // namespace weft::otlp
