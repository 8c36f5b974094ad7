// SPDX-License-Identifier: Apache-2.0
// Writes JSON text piece by piece, commas included; the caller keeps brackets balanced.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weft::otlp {

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  JsonWriter& key(std::string_view name);  // as text()
  template <size_t N>
  JsonWriter& key(const char (&literal)[N]) {  // nothing in it to escape
    return plain_key({literal, N - 1});
  }
  JsonWriter& text(std::string_view value);  // any bytes: repaired to UTF-8, escaped
  JsonWriter& raw(std::string_view json);    // a value, or members, that are JSON already
  JsonWriter& number(uint32_t value);
  JsonWriter& number(int64_t value);
  JsonWriter& number(double value);  // NaN and ±Infinity as proto3 JSON has them: strings
  JsonWriter& boolean(bool value);

 private:
  void separate();
  JsonWriter& plain_key(std::string_view name);
  void quoted(std::string_view value);

  std::string& out_;
  bool comma_ = false;  // something precedes at this level
};

}  // namespace weft::otlp
