// SPDX-License-Identifier: Apache-2.0
#include "exporters/console/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "agent/base/utf8.h"

namespace weft::console {
namespace {

struct Range {
  uint32_t first;
  uint32_t last;
};

// C0, DEL and C1 controls; characters that change the writing direction.
constexpr Range kHarmful[] = {
    {0x00, 0x1f}, {0x7f, 0x9f}, {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069}};
constexpr Range kWide[] = {{0x1100, 0x115f},   {0x2e80, 0xa4cf},   {0xac00, 0xd7a3},
                           {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
                           {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
constexpr Range kCombining[] = {{0x300, 0x36f}, {0x200b, 0x200d}, {0xfe00, 0xfe0f}};

template <size_t N>
bool among(uint32_t c, const Range (&ranges)[N]) {
  return std::ranges::any_of(ranges, [&](const Range& r) { return c >= r.first && c <= r.last; });
}

// The first character of valid UTF-8.
struct Character {
  std::string_view bytes;
  uint32_t code;
};
Character next(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const size_t n = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  uint32_t code = n == 1 ? lead : lead & (0x7fu >> n);
  for (size_t i = 1; i < n; ++i) code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3fu);
  const Character character{text.substr(0, n), code};
  text.remove_prefix(n);
  return character;
}

size_t width_of(uint32_t code) {
  if (code < 0x300) return 1;
  return among(code, kCombining) ? 0 : among(code, kWide) ? 2 : 1;
}

const char* sequence(const Piece& piece) {
  // No red or yellow: those have a meaning.
  static constexpr std::array kHues = {"\x1b[1;36m", "\x1b[1;35m", "\x1b[1;34m",
                                       "\x1b[1;32m", "\x1b[1;96m", "\x1b[1;95m"};
  switch (piece.style) {
    case Style::kPlain:
      return "";
    case Style::kDim:
      return "\x1b[2m";
    case Style::kError:
      return "\x1b[1;31m";
    case Style::kWarning:
      return "\x1b[33m";
    case Style::kGood:
      return "\x1b[32m";
    case Style::kService:
      return kHues[piece.hue % kHues.size()];
  }
  return "";
}

void append(std::string& out, std::string_view text, const Piece& style, bool colour) {
  if (text.empty()) return;
  const char* begin = colour ? sequence(style) : "";
  out += begin;
  out += text;
  if (*begin) out += "\x1b[0m";
}

template <class... Args>
std::string format(const char* pattern, Args... args) {
  char text[32];
  snprintf(text, sizeof text, pattern, args...);
  return text;
}

}  // namespace

std::string harmless(std::string_view bytes) {
  const std::string valid = to_utf8(bytes);
  std::string out;
  for (std::string_view rest = valid; !rest.empty();) {
    const Character c = next(rest);
    out += among(c.code, kHarmful) ? std::string_view("\xef\xbf\xbd") : c.bytes;
  }
  return out;
}

size_t columns(std::string_view text) {
  size_t n = 0;
  while (!text.empty()) n += width_of(next(text).code);
  return n;
}

std::string cut(std::string_view text, size_t width) {
  if (columns(text) <= width) return std::string(text);
  if (width == 0) return {};
  std::string out;
  size_t used = 1;  // the mark's
  while (!text.empty()) {
    const Character c = next(text);
    used += width_of(c.code);
    if (used > width) break;
    out += c.bytes;
  }
  return out + "…";
}

std::string duration(uint64_t ns) {
  const double us = static_cast<double>(ns) / 1e3;
  if (us < 999.5) return format(us < 9.95 ? "%.1f µs" : "%.0f µs", us);
  const double ms = us / 1e3;
  if (ms < 999.5) return format(ms < 99.95 ? "%.1f ms" : "%.0f ms", ms);
  const double s = ms / 1e3;
  if (s < 59.995) return format("%.2f s", s);
  const uint64_t whole = ns / 1'000'000'000;
  if (whole < 3600) return format("%um %02us", unsigned(whole / 60), unsigned(whole % 60));
  const unsigned hours = static_cast<unsigned>(whole / 3600);
  if (hours >= 100) return format("%uh", hours);
  return format("%uh %02um", hours, unsigned(whole / 60 % 60));
}

std::string bar(uint64_t begin, uint64_t end, uint64_t total, size_t width) {
  static constexpr std::array kLeft = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};
  const double scale = total == 0 ? 0 : static_cast<double>(width) / static_cast<double>(total);
  const double most = static_cast<double>(width);
  const double from = std::min(static_cast<double>(begin) * scale, most - 0.125);
  const double to =
      std::clamp(total == 0 ? most : static_cast<double>(end) * scale, from + 0.125, most);
  std::string out;
  for (size_t cell = 0; cell < width; ++cell) {
    const double left = std::clamp(from - static_cast<double>(cell), 0.0, 1.0);
    const double right = std::clamp(to - static_cast<double>(cell), 0.0, 1.0);
    if (right <= left) {
      out += ' ';
    } else if (left < 0.25) {
      out += kLeft[std::clamp<size_t>(static_cast<size_t>(std::lround(right * 8)), 1, 8)];
    } else {
      out += left < 0.75 && right > 0.75 ? "▐" : right < 0.75 ? "▏" : "▕";
    }
  }
  return out;
}

std::string paint(const std::vector<Piece>& pieces, bool colour) {
  std::string out;
  for (const Piece& piece : pieces) append(out, piece.text, piece, colour);
  return out;
}

std::string paint_to(const std::vector<Piece>& pieces, size_t width, bool colour) {
  std::string out;
  for (const Piece& piece : pieces) {
    const std::string text = cut(piece.text, width);
    width -= columns(text);
    append(out, text, piece, colour);
    if (text.size() != piece.text.size()) break;  // "…" ends the line
  }
  return out + std::string(width, ' ');
}

}  // namespace weft::console
