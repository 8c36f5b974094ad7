// SPDX-License-Identifier: Apache-2.0
// What a byte of SQL text may begin, by dialect. Constant data, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "agent/sql/sql.h"

namespace weft::sql {

enum class Start : uint8_t {
  kPunct,
  kSpace,
  kWord,
  kDigit,
  kString,
  kQuoted,
  kBracket,
  kDollar,
  kHash,
  kDash,
  kSign,
  kSlash,
  kStar,
  kParameter
};
using Starts = std::array<Start, 256>;

constexpr void fill(Starts& starts, std::string_view bytes, Start start) {
  for (const char c : bytes) starts[static_cast<uint8_t>(c)] = start;
}

constexpr Starts common_starts() {
  Starts starts{};
  fill(starts, " \t\r\n\f\v", Start::kSpace);
  fill(starts, "0123456789", Start::kDigit);
  fill(starts, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_", Start::kWord);
  for (size_t i = 0x80; i < starts.size(); ++i) starts[i] = Start::kWord;
  fill(starts, "'", Start::kString);
  fill(starts, "\"`", Start::kQuoted);
  fill(starts, "$", Start::kDollar);
  fill(starts, "-", Start::kDash);
  fill(starts, "+.", Start::kSign);
  fill(starts, "/", Start::kSlash);
  fill(starts, "?:@", Start::kParameter);
  return starts;
}

constexpr Starts starts_of(Dialect dialect) {
  Starts starts = common_starts();
  switch (dialect) {
    case Dialect::kPostgres:
      fill(starts, "`@", Start::kPunct);
      break;
    case Dialect::kMysql:
      fill(starts, "\"", Start::kString);
      fill(starts, "$", Start::kWord);
      fill(starts, "#", Start::kHash);
      fill(starts, "*", Start::kStar);
      break;
    case Dialect::kSqlite:
      fill(starts, "[", Start::kBracket);
      break;
    case Dialect::kGeneric:
      fill(starts, "[", Start::kBracket);
      fill(starts, "#", Start::kWord);  // Transact-SQL: #temporary
      break;
  }
  return starts;
}

inline constexpr std::array<Starts, 4> kStarts = {
    starts_of(Dialect::kPostgres), starts_of(Dialect::kMysql), starts_of(Dialect::kSqlite),
    starts_of(Dialect::kGeneric)};

inline constexpr std::array<bool, 256> kInWord = [] {
  std::array<bool, 256> in{};
  const Starts starts = common_starts();
  for (size_t i = 0; i < in.size(); ++i) {
    in[i] = starts[i] == Start::kWord || starts[i] == Start::kDigit || starts[i] == Start::kDollar;
  }
  return in;
}();

inline bool in_word(char c) {
  return kInWord[static_cast<uint8_t>(c)];
}

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

inline char lower(char c) {
  return static_cast<char>(c | 0x20);
}

}  // namespace weft::sql
