// SPDX-License-Identifier: Apache-2.0
// Removes from a record what a recording that is given to others must not contain.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "agent/port/protocol.h"

namespace weft::kernel {

// Payloads go through their protocol's redact(), command lines and environments through
// redacted_exec(). Removed: file contents, texts of calls, kernel addresses, and stale ring bytes
// after the end of a text. Kept: names of programs and files, and what a protocol's redact() keeps.
// One thread.
class Redaction {
 public:
  // Changes a well-formed record, which stays well-formed. False: it must not be recorded at all.
  bool apply(std::vector<char>& record);

 private:
  void data(std::vector<char>& record) const;

  std::unordered_map<uint64_t, const Protocol*> protocols_;  // by connection id, until it closes
};

}  // namespace weft::kernel
