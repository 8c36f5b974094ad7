// SPDX-License-Identifier: Apache-2.0
// Makes one record's payload fit for a recording (Protocol::redact): keys, data, texts and numbers
// are overwritten, framing stays. Kept are names of commands, words of the protocol, lengths of
// data, letters of meta flags, and opaque tokens of a few digits. Each record is read alone: what
// begins within data is overwritten up to the first line that looks like framing.
//
// In a replay, quiet commands that only the repeated key told apart (flag k) may be abandoned, for
// keys of the same length look the same.
#pragma once

#include <span>

namespace weft::protocol::memcached {

void redact(std::span<char> payload);

}  // namespace weft::protocol::memcached
