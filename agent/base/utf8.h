// SPDX-License-Identifier: Apache-2.0
// Text from the wire as an attribute value: exporters require valid UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace weft {

// The text itself when it is valid UTF-8; otherwise with U+FFFD for every byte that is
// part of no well-formed sequence (Unicode 15, table 3-7).
std::string to_utf8(std::string_view bytes);

bool is_ascii(std::string_view bytes);

}  // namespace weft
