// SPDX-License-Identifier: Apache-2.0
// Attributes as protobuf. They are most of a span's bytes, so each is written in one go.
#pragma once

#include <cstdint>
#include <string>

#include "agent/base/attribute.h"

namespace weft::otlp {

// Appends each attribute as a field of the current message: its number (below 16), and the
// KeyValue. Text that is not UTF-8 is repaired.
void append_attributes(std::string& message, uint8_t field, const Attributes& attributes);

}  // namespace weft::otlp
