// SPDX-License-Identifier: Apache-2.0
// Reads what a process publishes about itself: OpenTelemetry's process context (OTEP 4719), a
// header in a mapping named OTEL_CTX and a protobuf elsewhere in its memory.
//
//   0   8   "OTEL_CTX"
//   8   4   version, 2
//   12  4   size of the payload in bytes
//   16  8   when it was published; 0: it is being changed
//   24  8   address of the payload: ProcessContext{1 Resource{1 attributes}, 2 attributes}
//
// None of it is trusted: any process can write anything there, and change it while it is read.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "agent/base/attribute.h"

namespace weft {

// Immutable; a change makes a new one.
struct ProcessContext {
  uint64_t address = 0;    // address of its header
  uint64_t published = 0;  // the publisher's clock; a different value means a different context
  Attributes attributes;   // its resource's attributes
};
using ProcessContextPtr = std::shared_ptr<const ProcessContext>;

// Another process's memory. The process may end at any moment.
class ProcessMemory {
 public:
  virtual ~ProcessMemory() = default;
  virtual std::string maps() = 0;  // the text of /proc/PID/maps
  // Fills all of `out`; false if not possible.
  virtual bool read(uint64_t address, std::span<char> out) = 0;
};

// Reads the process's context. known: the last one read, or null. Returns `known` if nothing is
// new, the process is changing it, or it cannot be read. Costs one small read if known and
// unchanged, else a read of the maps as well.
ProcessContextPtr read_context(ProcessMemory& process, const ProcessContextPtr& known);

// The attributes of a payload's resource, at most 64; a value of a type unusual in resources is
// left out. None: not a valid payload.
std::optional<Attributes> decode_context(std::string_view payload);

}  // namespace weft
