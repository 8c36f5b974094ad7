// SPDX-License-Identifier: Apache-2.0
// One request line of memcached's text protocol (doc/protocol.txt of memcached 1.6): classic
// commands and meta commands.
//
//   set KEY FLAGS EXPTIME BYTES [noreply]     and BYTES of data, CRLF
//   get KEY [KEY …]                           mg KEY [FLAG …]
//   ms KEY BYTES [FLAG …]                     and BYTES of data, CRLF
//
// Immutable tables and pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "probes/protocol/memcached/reply.h"

namespace weft::protocol::memcached {

enum class Kind : uint8_t {
  kGet,      // get KEY…
  kGat,      // gat EXPTIME KEY…
  kStore,    // set KEY FLAGS EXPTIME BYTES, and the data
  kCas,      // the same with the number the item must have
  kDelete,   // delete KEY
  kCount,    // incr KEY NUMBER
  kTouch,    // touch KEY EXPTIME
  kStats,    // answered by lines up to END
  kNumbers,  // flush_all, verbosity: OK
  kVersion,
  kAdmin,     // answered by one line
  kStream,    // after the answer's first line no more commands: watch, metadump
  kShutdown,  // answered by the end of the connection
  kQuit,      // not answered
  kMetaGet,
  kMetaSet,
  kMetaDelete,
  kMetaCount,
  kMetaDebug,
  kMetaNoop
};

struct Command {
  std::string_view name;  // lower case, as it is sent
  Kind kind;
  uint32_t answers;  // set of Answer it may have, beside errors
};

// Longest key the server takes.
inline constexpr size_t kMaxKey = 250;

// Null for one that is not known.
const Command* find_command(std::string_view name);

bool is_meta(Kind kind);

struct Request {
  const Command* command = nullptr;  // null: not known
  bool wrong = false;                // its arguments are: answered by an error, no data follows
  std::optional<uint64_t> block;     // bytes of data that follow, without their line end
  bool silent = false;               // noreply: no answer, except perhaps an error
  bool quiet = false;                // flag q: not every answer is sent
  uint64_t opaque = 0;               // of flag O, hashed; 0: none
  uint64_t key = 0;                  // hashed, if flag k asks for it; 0: not
};

// line: without its line end.
Request read_request(std::string_view line);

// Takes the next word off a line; empty: there is none.
std::string_view next_word(std::string_view& line);

// A number without sign; none: it is not one, or above 2^40.
std::optional<uint64_t> read_size(std::string_view word);

// "-1", "0", "3600"
bool is_number(std::string_view word);

// Never 0.
uint64_t hash_of(std::string_view text);

}  // namespace weft::protocol::memcached
