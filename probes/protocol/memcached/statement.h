// SPDX-License-Identifier: Apache-2.0
// db.query.text of one command: its line, with what is a value hidden.
//
//   set user:1 ? ? ?        cas user:1 ? ? ? ?        incr hits ?
//   ms user:1 ? T? O? q     get a b c                 flush_all ? noreply
//
// Shown are the name, keys, "noreply", the letters of meta flags and words of `stats` and the
// like; everything else is "?". The data of a storage command is no part of its line. A key
// that is not plain text is "?" too. The longest is cut at kMaxArgument, the whole at kMaxText or
// kMaxArguments: "…".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "probes/protocol/memcached/command.h"

namespace weft::protocol::memcached {

inline constexpr size_t kMaxArgument = 128;  // bytes
inline constexpr size_t kMaxText = 512;      // bytes
inline constexpr size_t kMaxArguments = 32;

// line: without its line end; its first word is the command's.
std::string statement(std::string_view line, const Command& command);

}  // namespace weft::protocol::memcached
