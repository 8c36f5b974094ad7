// SPDX-License-Identifier: Apache-2.0
// Makes text from the wire valid UTF-8, as exporters require.
#pragma once

#include <string>
#include <string_view>

namespace weft {

// The text itself if it is valid UTF-8; otherwise with U+FFFD for every byte that is not part of a
// well-formed sequence (Unicode 15, table 3-7).
std::string to_utf8(std::string_view bytes);

bool is_ascii(std::string_view bytes);

}  // namespace weft
