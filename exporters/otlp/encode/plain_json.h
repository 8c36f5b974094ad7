// SPDX-License-Identifier: Apache-2.0
// Values as ordinary JSON, for formats without lists or maps.
#pragma once

#include <string>

#include "agent/base/attribute.h"

namespace weft::otlp {

// Appends ["a","b"].
void append_list_json(std::string& out, const std::vector<std::string>& list);

// Appends {"key":"text","other":1}; with "otel.dropped_attributes_count" if dropped > 0.
void append_map_json(std::string& out, const Attributes& attributes, uint32_t dropped);

}  // namespace weft::otlp
