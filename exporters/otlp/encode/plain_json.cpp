// SPDX-License-Identifier: Apache-2.0
#include "exporters/otlp/encode/plain_json.h"

#include "exporters/otlp/encode/json_writer.h"

namespace weft::otlp {
namespace {

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

}  // namespace

void append_list_json(std::string& out, const std::vector<std::string>& list) {
  JsonWriter json(out);
  ValueWriter{json}(list);
}

void append_map_json(std::string& out, const Attributes& attributes, uint32_t dropped) {
  JsonWriter json(out);
  json.open('{');
  for (const Attribute& attribute : attributes) {
    json.key(attribute.key.text());
    std::visit(ValueWriter{json}, attribute.value);
  }
  if (dropped != 0) json.key("otel.dropped_attributes_count").number(dropped);
  json.close('}');
}

}  // namespace weft::otlp
