// SPDX-License-Identifier: Apache-2.0
// Makes one record's payload fit for a recording (Protocol::redact): what is in bulks,
// statuses, errors and numbers is overwritten, framing stays. Kept are names of commands,
// words of the protocol, numbers of databases and prefixes of errors. Each record is
// Each record is read by itself: what begins within a bulk is overwritten up to the first line that
// looks like framing.
#pragma once

#include <span>

namespace weft::protocol::redis {

void redact(std::span<char> payload);

}  // namespace weft::protocol::redis
