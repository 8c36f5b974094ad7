// SPDX-License-Identifier: Apache-2.0
// Attributes as protobuf: most of a span's bytes, so they are written in one go each.
#pragma once

#include <cstdint>
#include <string>

#include "agent/base/attribute.h"

namespace weft::otlp {

// Appends each as a field of the message under construction: its number (below 16), and the
// KeyValue. Text that is no UTF-8 is repaired.
void append_attributes(std::string& message, uint8_t field, const Attributes& attributes);

}  // namespace weft::otlp
