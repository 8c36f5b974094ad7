// SPDX-License-Identifier: Apache-2.0
// db.query.text of one command: CLI syntax, arguments hidden.
//
//   HMSET myhash field1 ? field2 ?
//
// Shown are the name, keys, names of hash fields, subcommands and numbers of databases, as in
// the command's table row (command.h); everything else is "?", and not read. An argument that
// would need quoting (blanks, quotes, control characters) is "?" too. An argument is truncated
// at kMaxArgument, the text at kMaxText or kMaxArguments: "…".
#pragma once

#include <string>
#include <string_view>

#include "probes/protocol/redis/command.h"

namespace weft::protocol::redis {

class Statement {
 public:
  static constexpr size_t kMaxArgument = 128;  // bytes
  static constexpr size_t kMaxText = 512;      // bytes
  static constexpr uint32_t kMaxArguments = 32;

  // `command` may be null; `name` is as sent.
  void begin(const Command* command, std::string_view name);
  // Is the next argument shown? Then shown() must get all of it, or more than kMaxArgument
  // bytes of a longer one.
  bool wants_next() const;
  void shown(std::string_view argument);
  void hidden() { append("?"); }
  uint32_t arguments() const { return arguments_; }
  // Leaves it empty.
  std::string take() { return std::move(text_); }

 private:
  void append(std::string_view argument);

  std::string text_;
  Args args_ = Args::kHidden;
  uint32_t arguments_ = 0;
  bool full_ = false;
};

// Upper case, ASCII.
inline char to_upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}
std::string upper(std::string_view text);

}  // namespace weft::protocol::redis
