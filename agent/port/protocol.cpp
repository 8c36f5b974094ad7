// SPDX-License-Identifier: Apache-2.0
#include "agent/port/protocol.h"

namespace weft {

uint64_t statement_hash(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text.substr(0, kStatementPrefix)) {
    hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  }
  return hash == 0 ? 1 : hash;
}

const Stamp& Chunk::find_stamp(size_t offset) const {
  static constexpr Stamp kNone;
  if (marks_.empty()) return kNone;
  // Backwards: the end of a chunk is looked up most often.
  for (size_t i = marks_.size(); i-- > 1;) {
    if (marks_[i].pos <= pos_ + offset) return marks_[i].stamp;
  }
  return marks_.front().stamp;
}

// Each byte is asked about once with all that may be needed, and before that each time that more
// bytes come.
Resync find_message(const Session& session, Direction direction, std::string_view bytes) {
  size_t settled = 0;
  for (size_t at = 0; at < bytes.size(); ++at) {
    const std::string_view rest = bytes.substr(at);
    if (session.starts_message(direction, rest)) return {at, true};
    if (rest.size() >= kMostLookAhead) settled = at + 1;
  }
  return {settled, false};
}

}  // namespace weft
