// SPDX-License-Identifier: Apache-2.0
// What is known about each command: which arguments may be shown, which replies are possible.
// From the server's own COMMAND reply (7.0) and the commands since.
//
// Immutable; any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace weft::protocol::redis {

// Arguments that db.query.text shows; all others are "?", and their bytes are not read.
enum class Args : uint8_t {
  kHidden,     // none: AUTH ? ?
  kKey,        // SET key ? ?
  kKeyField,   // HGET key field
  kKeyFields,  // HMGET key field field
  kKeyPairs,   // HSET key field ? field ?
  kSub,        // CONFIG SET ? ?
  kSubKey,     // OBJECT ENCODING key
  kNumber,     // SELECT 3
  kClient,     // CLIENT REPLY OFF, CLIENT KILL ?
  kProcedure   // EVALSHA sha1 ? ?
};

// Commands that change the meaning of the connection's later bytes.
enum class Special : uint8_t {
  kNone,
  kSubscribe,  // and the reverse: answered once per channel
  kSelect,
  kMulti,
  kExec,
  kClient,  // CLIENT REPLY
  kReset,
  kPing,     // an array in a subscribed RESP2 connection
  kStream,   // no more commands after the reply's first line: MONITOR, PSYNC, SYNC
  kShutdown  // its reply is the end of the connection
};

struct Command {
  std::string_view name;  // upper case
  Args args;
  std::string_view replies = {};  // first bytes of its possible replies; empty: any
  Special special = Special::kNone;
};

// Longest name in use: RedisGears' RG.PYDROPREQUIREMENTS has 22 letters.
inline constexpr size_t kMaxName = 64;

// Null for an unknown command (a module's). `upper`: in upper case.
const Command* find_command(std::string_view upper);

// Only letters, digits and the characters that modules use; at most kMaxName bytes.
bool is_name(std::string_view text);

}  // namespace weft::protocol::redis
