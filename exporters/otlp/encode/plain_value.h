// SPDX-License-Identifier: Apache-2.0
// An attribute's value as an ordinary JSON value of the same type.
#pragma once

#include "agent/base/attribute.h"
#include "exporters/otlp/encode/json_writer.h"

namespace weft::otlp {

struct ValueWriter {
  JsonWriter& json;

  void operator()(const std::string& v) const { json.text(v); }
  void operator()(bool v) const { json.boolean(v); }
  void operator()(int64_t v) const { json.number(v); }
  void operator()(double v) const { json.number(v); }
  void operator()(const std::vector<std::string>& v) const {
    json.open('[');
    for (const std::string& item : v) json.text(item);
    json.close(']');
  }
};

inline void write_value(JsonWriter& json, const Value& value) {
  std::visit(ValueWriter{json}, value);
}

}  // namespace weft::otlp
