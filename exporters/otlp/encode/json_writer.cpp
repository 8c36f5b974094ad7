// SPDX-License-Identifier: Apache-2.0
#include "exporters/otlp/encode/json_writer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "exporters/otlp/encode/text.h"

namespace weft::otlp {
namespace {

void append_escaped(std::string& out, char c) {
  static constexpr char kHex[] = "0123456789abcdef";
  static constexpr std::string_view kShort = "\"\\\n\r\t";
  static constexpr std::string_view kLetters = "\"\\nrt";
  if (const size_t i = kShort.find(c); i != std::string_view::npos) {
    out += '\\';
    out += kLetters[i];
    return;
  }
  const auto byte = static_cast<unsigned char>(c);
  out += "\\u00";
  out += kHex[byte >> 4];
  out += kHex[byte & 15];
}

bool is_plain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\' && c != 0x7f;
}

// Whether any of eight bytes needs a closer look. What is above the first such byte may be
// seen wrongly, as borrows run upwards; that there is one is not.
bool has_special(uint64_t word) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHigh = 0x8080808080808080;
  const auto equals = [word](uint64_t c) { return ((word ^ (kOnes * c)) - kOnes); };
  const uint64_t below_space = word - kOnes * 0x20;
  return ((below_space | equals('"') | equals('\\') | equals(0x7f) | word) & kHigh) != 0;
}

bool has_special_at(const char* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, 8);
  return has_special(word);
}

// Most text is ASCII without anything to escape: found out eight bytes at a time, the last
// eight of a longer text whatever their place.
bool is_plain(std::string_view text) {
  if (text.size() < 8) {
    return std::ranges::all_of(
        text, [](char c) { return is_plain(c) && static_cast<unsigned char>(c) < 0x80; });
  }
  const char* last = text.data() + text.size() - 8;
  for (const char* at = text.data(); at < last; at += 8) {
    if (has_special_at(at)) return false;
  }
  return !has_special_at(last);
}

void append_escaping(std::string& out, std::string_view text) {
  while (!text.empty()) {
    size_t plain = 0;
    while (plain < text.size() && is_plain(text[plain])) ++plain;
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    append_escaped(out, text.front());
    text.remove_prefix(1);
  }
}

}  // namespace

void JsonWriter::separate() {
  if (comma_) out_ += ',';
  comma_ = true;
}

void JsonWriter::quoted(std::string_view value) {
  out_ += '"';
  if (is_plain(value)) {
    out_ += value;
  } else {
    append_escaping(out_, Utf8(value).view());
  }
  out_ += '"';
}

JsonWriter& JsonWriter::plain_key(std::string_view name) {
  out_.append(comma_ ? ",\"" : "\"").append(name).append("\":", 2);
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::open(char bracket) {
  separate();
  out_ += bracket;
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  out_ += bracket;
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  quoted(name);
  out_ += ':';
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
  separate();
  quoted(value);
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

JsonWriter& JsonWriter::number(uint32_t value) {
  separate();
  out_ += std::to_string(value);
  return *this;
}

JsonWriter& JsonWriter::number(int64_t value) {
  separate();
  out_ += std::to_string(value);
  return *this;
}

JsonWriter& JsonWriter::number(double value) {
  if (std::isnan(value)) return text("NaN");
  if (std::isinf(value)) return text(value > 0 ? "Infinity" : "-Infinity");
  separate();
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out_.append(digits, end);
  return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
  separate();
  out_ += value ? "true" : "false";
  return *this;
}

}  // namespace weft::otlp
