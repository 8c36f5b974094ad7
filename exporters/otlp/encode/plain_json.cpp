// SPDX-License-Identifier: Apache-2.0
#include "exporters/otlp/encode/plain_json.h"

#include "exporters/otlp/encode/plain_value.h"

namespace weft::otlp {
void append_list_json(std::string& out, const std::vector<std::string>& list) {
  JsonWriter json(out);
  ValueWriter{json}(list);
}

void append_map_json(std::string& out, const Attributes& attributes, uint32_t dropped) {
  JsonWriter json(out);
  json.open('{');
  for (const Attribute& attribute : attributes) {
    json.key(attribute.key.text());
    write_value(json, attribute.value);
  }
  if (dropped != 0) json.key("otel.dropped_attributes_count").number(dropped);
  json.close('}');
}

}  // namespace weft::otlp
