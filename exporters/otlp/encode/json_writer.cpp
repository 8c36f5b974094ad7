// SPDX-License-Identifier: Apache-2.0
#include "exporters/otlp/encode/json_writer.h"

#include <cmath>

#include "exporters/otlp/encode/json_text.h"

namespace weft::otlp {

void JsonWriter::separate() {
  if (comma_) out_ += ',';
  comma_ = true;
}

JsonWriter& JsonWriter::open(char bracket) {
  separate();
  out_ += bracket;
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  out_ += bracket;
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  append_string(out_, comma_ ? ",\"" : "\"", name, "\":");
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
  append_string(out_, comma_ ? ",\"" : "\"", value, "\"");
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::plain_key(std::string_view name) {
  if (comma_) out_ += ',';
  out_.append(1, '"').append(name).append("\":", 2);
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::plain(std::string_view value) {
  separate();
  out_.append(1, '"').append(value).append(1, '"');
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

JsonWriter& JsonWriter::integer(int64_t value) {
  separate();
  append_number(out_, value);
  return *this;
}

JsonWriter& JsonWriter::number(double value) {
  const bool finite = std::isfinite(value);
  separate();
  if (!finite) out_ += '"';
  append_double(out_, value);
  if (!finite) out_ += '"';
  return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
  separate();
  out_ += value ? "true" : "false";
  return *this;
}

}  // namespace weft::otlp
