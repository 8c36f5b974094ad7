// SPDX-License-Identifier: Apache-2.0
// What a recording that is given away must not hold is taken out of its records.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "agent/port/protocol.h"

namespace weft::kernel {

// Payloads go through their protocol's redact(), command lines and environments through
// redacted_exec(); what was written to files and the texts of calls are left out; kernel
// addresses are zero, and so is what a ring held behind the end of a text. What stays: the
// names of programs and files, and what a protocol keeps. One thread.
class Redaction {
 public:
  // A well-formed record, from here on another one. False: it may not be recorded at all.
  bool apply(std::vector<char>& record);

 private:
  void data(std::vector<char>& record) const;

  std::unordered_map<uint64_t, const Protocol*> protocols_;  // by connection, until it is gone
};

}  // namespace weft::kernel
