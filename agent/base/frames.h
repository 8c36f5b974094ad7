// SPDX-License-Identifier: Apache-2.0
// Several byte strings in one, each preceded by its length: 32 bits, little-endian. ByteReader
// reads them: take(le32()). Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weft {

// Writes a frame in place: everything appended between the two calls is its content.
inline size_t open_frame(std::string& out) {
  out.append(4, '\0');
  return out.size();
}
inline void close_frame(std::string& out, size_t opened) {
  const auto length = static_cast<uint32_t>(out.size() - opened);
  for (unsigned i = 0; i < 4; ++i) out[opened - 4 + i] = static_cast<char>(length >> (8 * i));
}

inline void append_frame(std::string& out, std::string_view bytes) {
  const size_t opened = open_frame(out);
  out += bytes;
  close_frame(out, opened);
}

}  // namespace weft
