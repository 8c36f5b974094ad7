// SPDX-License-Identifier: Apache-2.0
// What is known of each command before it is asked: which arguments may be shown, what an
// answer can be. From the server's own COMMAND reply (7.0) and the commands since.
//
// Immutable; any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace weft::protocol::redis {

// Arguments that db.query.text shows; every other is "?", and its bytes are not read.
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

// Commands that change what the connection's bytes mean.
enum class Special : uint8_t {
  kNone,
  kSubscribe,  // and the reverse: answered once per channel
  kSelect,
  kMulti,
  kExec,
  kClient,  // CLIENT REPLY
  kReset,
  kPing,     // an array in a subscribed RESP2 connection
  kStream,   // after the answer's first line no more commands: MONITOR, PSYNC, SYNC
  kShutdown  // answered by the end of the connection
};

struct Command {
  std::string_view name;  // upper case
  Args args;
  std::string_view replies = {};  // first bytes of the answers it may have; empty: any
  Special special = Special::kNone;
};

// Longest name in use: RedisGears' RG.PYDROPREQUIREMENTS has 22 letters.
inline constexpr size_t kMaxName = 64;

// Null for one that is not known (a module's). `upper`: in upper case.
const Command* find_command(std::string_view upper);

// Letters, digits, and what modules use; at most kMaxName.
bool is_name(std::string_view text);

}  // namespace weft::protocol::redis
