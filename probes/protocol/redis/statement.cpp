// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/redis/statement.h"

#include <algorithm>
#include <utility>

#include "agent/base/utf8.h"

namespace weft::protocol::redis {
namespace {

constexpr std::string_view kMore = " …";
constexpr size_t kMaxDigits = 5;  // databases are numbered from 0 to a few thousand at most

bool is_plain(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (static_cast<unsigned char>(c) > ' ') && c != '"' && c != '\'' && c != '\\' && c != 127;
  });
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= kMaxDigits &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// The text's beginning, without a partial character at its end.
std::string cut(std::string_view text, size_t size) {
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  return to_utf8(text.substr(0, size)) + "…";
}

// A word that begins an argument list: subcommand, or on and off.
bool is_word(Args args, uint32_t index) {
  return args == Args::kClient || (index == 1 && (args == Args::kSub || args == Args::kSubKey));
}

}  // namespace

std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), to_upper);
  return out;
}

void Statement::begin(const Command* command, std::string_view name) {
  args_ = command ? command->args : Args::kHidden;
  arguments_ = 0;
  full_ = false;
  text_.clear();
  if (command) {
    text_ = command->name;
  } else if (is_name(name)) {
    text_ = upper(name);
  }
}

bool Statement::wants_next() const {
  const uint32_t index = arguments_ + 1;
  if (full_ || index > kMaxArguments) return false;
  switch (args_) {
    case Args::kHidden:
      return false;
    case Args::kKey:
    case Args::kSub:
    case Args::kNumber:
    case Args::kProcedure:
      return index == 1;
    case Args::kKeyField:
    case Args::kSubKey:
      return index <= 2;
    case Args::kKeyFields:
      return true;
    case Args::kKeyPairs:
      return index == 1 || index % 2 == 0;
    case Args::kClient:
      return index == 1 || (index == 2 && text_ == "CLIENT REPLY");
  }
  return false;
}

void Statement::shown(std::string_view argument) {
  if (is_word(args_, arguments_ + 1)) {
    if (is_name(argument)) return append(upper(argument));
  } else if (args_ == Args::kNumber) {
    if (is_number(argument)) return append(argument);
  } else if (is_plain(argument)) {
    if (argument.size() > kMaxArgument) return append(cut(argument, kMaxArgument));
    return append(is_ascii(argument) ? argument : to_utf8(argument));
  }
  hidden();
}

void Statement::append(std::string_view argument) {
  ++arguments_;
  if (full_ || text_.empty()) return;
  if (arguments_ > kMaxArguments || text_.size() + 1 + argument.size() + kMore.size() > kMaxText) {
    full_ = true;
    text_ += kMore;
    return;
  }
  text_ += ' ';
  text_ += argument;
}

}  // namespace weft::protocol::redis
