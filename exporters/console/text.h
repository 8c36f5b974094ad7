// SPDX-License-Identifier: Apache-2.0
// Text for a terminal: makes text from the network harmless, and measures text in columns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weft::console {

// Valid UTF-8 without control or direction characters (each becomes U+FFFD): a URL must
// not be able to move the cursor.
std::string harmless(std::string_view bytes);

// Columns of valid UTF-8; East Asian wide characters take two, combining ones none.
size_t columns(std::string_view text);

// Truncates to at most `width` columns, marked by "…".
std::string cut(std::string_view text, size_t width);

// "12.4 ms", "850 µs", "1.24 s", "2m 03s": at most seven columns.
std::string duration(uint64_t ns);

// A bar of exactly `width` columns for [begin, end] of [0, total]; even the shortest span shows
// something.
std::string bar(uint64_t begin, uint64_t end, uint64_t total, size_t width);

enum class Style : uint8_t { kPlain, kDim, kError, kWarning, kGood, kService };

struct Piece {
  std::string text;
  Style style = Style::kPlain;
  unsigned hue = 0;  // for kService: any number
};

// The pieces one after the other, in colour or not.
std::string paint(const std::vector<Piece>& pieces, bool colour);
// As paint(), truncated or padded with blanks to exactly `width` columns.
std::string paint_to(const std::vector<Piece>& pieces, size_t width, bool colour);

}  // namespace weft::console
