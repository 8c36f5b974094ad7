// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/memcached/reply.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include "probes/protocol/memcached/command.h"

namespace weft::protocol::memcached {
namespace {

// What may stand behind the first word.
enum class Rest : uint8_t { kNothing, kText, kFlags };

struct Word {
  std::string_view text;
  Answer answer;
  Rest rest;
};

constexpr std::array<Word, 33> kWords = {{
    {"VALUE", Answer::kValue, Rest::kText},
    {"END", Answer::kEnd, Rest::kNothing},
    {"STORED", Answer::kStored, Rest::kNothing},
    {"HD", Answer::kHd, Rest::kFlags},
    {"VA", Answer::kVa, Rest::kFlags},
    {"EN", Answer::kEn, Rest::kFlags},
    {"MN", Answer::kMn, Rest::kNothing},
    {"NS", Answer::kNs, Rest::kFlags},
    {"EX", Answer::kEx, Rest::kFlags},
    {"NF", Answer::kNf, Rest::kFlags},
    {"ME", Answer::kMe, Rest::kText},
    {"NOT_STORED", Answer::kNotStored, Rest::kNothing},
    {"EXISTS", Answer::kExists, Rest::kNothing},
    {"NOT_FOUND", Answer::kNotFound, Rest::kNothing},
    {"DELETED", Answer::kDeleted, Rest::kNothing},
    {"TOUCHED", Answer::kTouched, Rest::kNothing},
    {"OK", Answer::kOk, Rest::kNothing},
    {"RESET", Answer::kReset, Rest::kNothing},
    {"STAT", Answer::kStat, Rest::kText},
    {"ITEM", Answer::kStat, Rest::kText},
    {"PREFIX", Answer::kStat, Rest::kText},
    {"VERSION", Answer::kVersion, Rest::kText},
    {"ERROR", Answer::kError, Rest::kText},
    {"CLIENT_ERROR", Answer::kClientError, Rest::kText},
    {"SERVER_ERROR", Answer::kServerError, Rest::kText},
    {"BUSY", Answer::kOther, Rest::kText},
    {"BADCLASS", Answer::kOther, Rest::kText},
    {"NOSPARE", Answer::kOther, Rest::kText},
    {"NOTFULL", Answer::kOther, Rest::kText},
    {"NOTSTARTED", Answer::kOther, Rest::kText},
    {"UNSAFE", Answer::kOther, Rest::kText},
    {"SAME", Answer::kOther, Rest::kText},
    {"mg", Answer::kDump, Rest::kText},
}};

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= ' ' && byte != 0x7f;
  });
}

// Old servers fill the place of a shorter number up with blanks.
bool is_counter(std::string_view text) {
  text = text.substr(0, std::min(text.find_last_not_of(' ') + 1, text.size()));
  return is_number(text) && text[0] != '-';
}

Answer answer_of(std::string_view text) {
  std::string_view rest = text;
  const std::string_view first = next_word(rest);
  const auto* word = std::ranges::find(kWords, first, &Word::text);
  if (word != kWords.end())
    return word->rest != Rest::kNothing || rest.empty() ? word->answer : Answer::kNone;
  if (text.starts_with("key=")) return Answer::kDump;
  return is_counter(text) ? Answer::kNumber : Answer::kNone;
}

}  // namespace

size_t line_size(std::string_view bytes, size_t most) {
  const std::string_view shown = bytes.substr(0, most);
  const void* end = std::memchr(shown.data(), '\n', shown.size());
  return end ? static_cast<size_t>(static_cast<const char*>(end) - shown.data()) + 1 : 0;
}

bool may_be_answer(std::string_view bytes) {
  const size_t size = line_size(bytes, kMaxReplyLine);
  if (size > 0)
    return size > 2 && bytes[size - 2] == '\r' &&
           answer_of(bytes.substr(0, size - 2)) != Answer::kNone;
  const std::string_view word = bytes.substr(0, bytes.find_first_of(" \r"));
  return !word.empty() && bytes.size() < kMaxReplyLine &&
         (is_number(word) || std::ranges::any_of(kWords, [&](const Word& known) {
            return known.text.starts_with(word);
          }));
}

Progress Block::read(std::string_view bytes) {
  const size_t n = static_cast<size_t>(std::min<uint64_t>(left_, bytes.size()));
  left_ -= n;
  // The line end's bytes, as many as are here.
  const size_t tail = left_ < 2 ? std::min(n, size_t{2} - static_cast<size_t>(left_)) : 0;
  static constexpr std::string_view kEnd = "\r\n";
  const std::string_view expected = kEnd.substr(0, 2 - std::min<uint64_t>(left_, 2));
  const bool good = bytes.substr(n - tail, tail) == expected.substr(expected.size() - tail);
  return {n, good ? ParseStatus::kOk : ParseStatus::kLost};
}

uint64_t Block::skip(uint64_t n) {
  const uint64_t taken = std::min(n, left_);
  left_ -= taken;
  return taken;
}

Progress Reply::read(std::string_view bytes) {
  const bool is_first = answer_ == Answer::kNone;
  size_t at = 0;
  while (!done() && at < bytes.size()) {
    const std::string_view rest = bytes.substr(at);
    const Progress step = block_.done() ? line(rest) : block_.read(rest);
    at += step.consumed;
    if (step.status != ParseStatus::kOk) return {at, step.status};
    if (is_first) break;
  }
  return {at, ParseStatus::kOk};
}

Progress Reply::line(std::string_view bytes) {
  const size_t size = line_size(bytes, kMaxReplyLine);
  if (size == 0) {
    const bool hopeful = bytes.size() < kMaxReplyLine && may_be_answer(bytes);
    return {0, hopeful ? ParseStatus::kNeedMore : ParseStatus::kLost};
  }
  if (size < 3 || bytes[size - 2] != '\r') return {0, ParseStatus::kLost};
  const std::string_view text = bytes.substr(0, size - 2);
  if (!is_printable(text)) return {0, ParseStatus::kLost};
  const ParseStatus status = answer_ == Answer::kNone ? first_line(text) : next(text);
  return {status == ParseStatus::kOk ? size : 0, status};
}

ParseStatus Reply::first_line(std::string_view text) {
  const Answer answer = answer_of(text);
  std::string_view rest = text;
  next_word(rest);
  ended_ = answer != Answer::kValue && answer != Answer::kStat;
  if (answer == Answer::kNone || (answer == Answer::kValue && !value(rest)))
    return ParseStatus::kLost;
  if (answer == Answer::kVa && !meta_value(rest)) return ParseStatus::kLost;
  if (answer >= Answer::kHd && answer <= Answer::kNf && answer != Answer::kVa) flags(rest);
  if (answer >= Answer::kError) error_ = answer;
  answer_ = answer;
  return ParseStatus::kOk;
}

// A line behind the first one: another of its kind, or the end.
ParseStatus Reply::next(std::string_view text) {
  const Answer answer = answer_of(text);
  if (answer == Answer::kEnd || answer >= Answer::kError) {
    ended_ = true;
    if (answer != Answer::kEnd) error_ = answer;
    return ParseStatus::kOk;
  }
  if (answer != answer_) return ParseStatus::kLost;
  std::string_view rest = text;
  next_word(rest);
  return answer != Answer::kValue || value(rest) ? ParseStatus::kOk : ParseStatus::kLost;
}

bool Reply::value(std::string_view rest) {
  const std::string_view key = next_word(rest);
  const std::string_view number = next_word(rest);
  const std::optional<uint64_t> size = read_size(next_word(rest));
  const std::string_view unique = next_word(rest);
  if (key.empty() || !is_number(number) || !size) return false;
  if (!(unique.empty() || is_number(unique)) || !next_word(rest).empty()) return false;
  size_ = size;
  block_.begin(*size);
  return true;
}

bool Reply::meta_value(std::string_view rest) {
  const std::optional<uint64_t> size = read_size(next_word(rest));
  if (!size) return false;
  flags(rest);
  size_ = size;
  block_.begin(*size);
  return true;
}

void Reply::flags(std::string_view rest) {
  for (std::string_view word = next_word(rest); !word.empty(); word = next_word(rest)) {
    if (word[0] == 'O') opaque_ = hash_of(word.substr(1));
    if (word[0] == 'k') key_ = hash_of(word.substr(1));
  }
}

std::string_view Reply::code() const {
  if (error_ == Answer::kNone) return {};
  return std::ranges::find(kWords, error_, &Word::answer)->text;
}

}  // namespace weft::protocol::memcached
