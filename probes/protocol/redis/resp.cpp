// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/redis/resp.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace weft::protocol::redis {
namespace {

constexpr int64_t kMaxCount = int64_t{1} << 40;
constexpr size_t kMaxCode = 32;     // the longest in use, NOREPLICAS, has 10 letters
constexpr size_t kErrorShown = 48;  // bytes of an error that are examined
bool is_line(char c) {
  return c == '+' || c == '-' || c == ':' || c == '_' || c == '#' || c == ',' || c == '(';
}
bool is_string(char c) {
  return c == '$' || c == '=' || c == '!' || c == ';';
}
bool is_aggregate(char c) {
  return c == '*' || c == '~' || c == '>' || c == '%' || c == '|';
}

// Bytes of the first line with its CRLF; 0: there is no line feed.
size_t line_size(std::string_view bytes) {
  const void* end = std::memchr(bytes.data(), '\n', bytes.size());
  return end ? static_cast<size_t>(static_cast<const char*>(end) - bytes.data()) + 1 : 0;
}

bool ends_with_crlf(std::string_view line) {
  return line.size() >= 3 && line[line.size() - 2] == '\r';
}

bool parse(std::string_view text, int64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) >= ' '; });
}

bool is_code_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Nearly all headers: a few digits, and all of the line is there. The general way costs thrice.
std::optional<Header> read_short(std::string_view bytes) {
  constexpr size_t kMost = 9;  // digits: no overflow, and far below kMaxCount
  int64_t count = 0;
  size_t at = 1;
  for (; at < bytes.size() && at <= kMost && bytes[at] >= '0' && bytes[at] <= '9'; ++at)
    count = count * 10 + (bytes[at] - '0');
  const bool ends = at > 1 && at + 1 < bytes.size() && bytes[at] == '\r' && bytes[at + 1] == '\n';
  return ends ? std::optional(Header{bytes[0], false, count, at + 2}) : std::nullopt;
}

}  // namespace

std::optional<Header> read_header(std::string_view bytes) {
  if (const auto header = read_short(bytes)) return header;
  const size_t size = line_size(bytes.substr(0, kMaxCountLine));
  if (size == 0) {
    const std::string_view digits = bytes.substr(1, bytes.find('\r') - 1);
    const bool fits = std::ranges::all_of(
        digits, [](char c) { return (c >= '0' && c <= '9') || c == '-' || c == '?'; });
    if (!fits || bytes.size() >= kMaxCountLine) return std::nullopt;
    return Header{bytes[0], false, 0, 0};
  }
  if (!ends_with_crlf(bytes.substr(0, size))) return std::nullopt;
  Header header{bytes[0], bytes[1] == '?', 0, size};
  if (header.streamed) return size == 4 ? std::optional(header) : std::nullopt;
  if (!parse(bytes.substr(1, size - 3), header.count)) return std::nullopt;
  if (header.count < -1 || header.count > kMaxCount) return std::nullopt;
  return header;
}

bool may_be_value(std::string_view bytes) {
  if (bytes.empty()) return false;
  if (!is_line(bytes[0])) {
    const bool counted = is_aggregate(bytes[0]) || (is_string(bytes[0]) && bytes[0] != ';');
    return counted && read_header(bytes).has_value();
  }
  const size_t size = line_size(bytes.substr(0, kMaxLine));
  if (size == 0) return bytes.size() < kMaxLine && is_printable(bytes.substr(0, bytes.find('\r')));
  return ends_with_crlf(bytes.substr(0, size)) && is_printable(bytes.substr(0, size - 2));
}

Progress Bulk::read(std::string_view bytes) {
  const size_t n = static_cast<size_t>(std::min<uint64_t>(left_, bytes.size()));
  left_ -= n;
  // The available bytes of the line end.
  const size_t tail = left_ < 2 ? std::min(n, size_t{2} - static_cast<size_t>(left_)) : 0;
  static constexpr std::string_view kEnd = "\r\n";
  const std::string_view expected = kEnd.substr(0, 2 - std::min<uint64_t>(left_, 2));
  const bool good = bytes.substr(n - tail, tail) == expected.substr(expected.size() - tail);
  return {n, good ? ParseStatus::kOk : ParseStatus::kLost};
}

uint64_t Bulk::skip(uint64_t n) {
  const uint64_t taken = std::min(n, left_);
  left_ -= taken;
  return taken;
}

Progress Reply::read(std::string_view bytes) {
  size_t at = 0;
  while (!done() && at < bytes.size()) {
    const std::string_view rest = bytes.substr(at);
    const Progress step = bulk_.done() ? value(rest) : bulk_.read(rest);
    at += step.consumed;
    if (step.status != ParseStatus::kOk) return {at, step.status};
  }
  return {at, ParseStatus::kOk};
}

Progress Reply::value(std::string_view bytes) {
  const char type = bytes[0];
  if (chunked_ != (type == ';')) return {0, ParseStatus::kLost};
  if (is_line(type)) return line(bytes);
  if (is_string(type) || is_aggregate(type)) return counted(bytes);
  if (type != '.') return {0, ParseStatus::kLost};
  if (bytes.size() < 3) return {0, ParseStatus::kNeedMore};
  return {3, bytes.starts_with(".\r\n") ? end_stream() : ParseStatus::kLost};
}

void Reply::value_begins(char type) {
  const bool itself = type_ == 0 && depth_ == 0 && left_ == 1;
  if (itself) type_ = type;
  first_ = itself && is_aggregate(type);
  if (left_ > 0) --left_;
}

Progress Reply::line(std::string_view bytes) {
  const size_t size = line_size(bytes.substr(0, kMaxLine));
  if (size == 0) return {0, bytes.size() < kMaxLine ? ParseStatus::kNeedMore : ParseStatus::kLost};
  if (!ends_with_crlf(bytes.substr(0, size))) return {0, ParseStatus::kLost};
  const std::string_view text = bytes.substr(1, size - 3);
  const bool is_first = first_;
  value_begins(bytes[0]);
  if (bytes[0] == '-') take_error(text);
  if (bytes[0] == ':' && !parse(text, integer_)) return {0, ParseStatus::kLost};
  const bool alone = done() && type_ == '+';
  if (bytes[0] == '+' && (alone || is_first) && text.size() <= kMaxWord) word_ = text;
  return {size, ParseStatus::kOk};
}

Progress Reply::counted(std::string_view bytes) {
  const std::optional<Header> header = read_header(bytes);
  if (!header) return {0, ParseStatus::kLost};
  if (header->size == 0) return {0, ParseStatus::kNeedMore};
  if (is_string(header->type)) return string(bytes, *header);
  return {header->size, aggregate(*header)};
}

Progress Reply::string(std::string_view bytes, const Header& header) {
  const bool is_error = header.type == '!';
  const bool is_word = first_ && header.count <= kMaxWord;
  const std::string_view body = bytes.substr(header.size);
  const size_t wanted = static_cast<size_t>(is_error  ? std::min<int64_t>(header.count, kErrorShown)
                                            : is_word ? header.count
                                                      : 0);
  if (header.count > 0 && body.size() < wanted) return {0, ParseStatus::kNeedMore};
  if (header.type == ';') {
    chunked_ = header.count > 0;
    if (chunked_) bulk_.begin(header.count);
    return {header.size,
            header.count < 0 || header.streamed ? ParseStatus::kLost : ParseStatus::kOk};
  }
  value_begins(header.type);
  chunked_ = header.streamed;
  if (header.streamed || header.count < 0) return {header.size, ParseStatus::kOk};
  if (is_error) take_error(body.substr(0, wanted));
  if (is_word) word_ = body.substr(0, wanted);
  bulk_.begin(header.count);
  return {header.size, ParseStatus::kOk};
}

ParseStatus Reply::aggregate(const Header& header) {
  const bool is_attribute = header.type == '|';
  if (!is_attribute) value_begins(header.type);
  if (header.streamed) {
    if (depth_ == kMaxStreams) return ParseStatus::kLost;
    outer_[depth_++] = left_;
    left_ = 0;
    return ParseStatus::kOk;
  }
  const uint64_t count = header.count < 0 ? 0 : static_cast<uint64_t>(header.count);
  left_ += header.type == '%' || is_attribute ? 2 * count : count;
  first_ = first_ && count > 0;
  return ParseStatus::kOk;
}

ParseStatus Reply::end_stream() {
  if (depth_ == 0 || left_ > 0) return ParseStatus::kLost;
  left_ = outer_[--depth_];
  first_ = false;
  return ParseStatus::kOk;
}

void Reply::take_error(std::string_view text) {
  if (has_error_) return;
  has_error_ = true;
  unknown_command_ = text.starts_with("ERR unknown command");
  const auto* end = std::ranges::find_if_not(text, is_code_letter);
  const std::string_view code = text.substr(0, static_cast<size_t>(end - text.begin()));
  const bool ended = end == text.end() || *end == ' ' || *end == '\r';
  if (ended && code.size() <= kMaxCode && !code.empty()) code_ = code;
}

}  // namespace weft::protocol::redis
