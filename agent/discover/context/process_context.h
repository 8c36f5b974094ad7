// SPDX-License-Identifier: Apache-2.0
// What a process publishes of itself for readers outside: OpenTelemetry's process context
// (OTEP 4719), a header in a mapping called OTEL_CTX and a protobuf somewhere in its memory.
//
//   0   8   "OTEL_CTX"
//   8   4   version, 2
//   12  4   bytes of the payload
//   16  8   when it was published; 0: it is being changed
//   24  8   address of the payload: ProcessContext{1 Resource{1 attributes}, 2 attributes}
//
// Nothing of it is trusted: any process can write anything there, and change it meanwhile.
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
  uint64_t address = 0;    // of its header
  uint64_t published = 0;  // the publisher's own clock: another value is another context
  Attributes attributes;   // of its resource
};
using ProcessContextPtr = std::shared_ptr<const ProcessContext>;

// Another process as a reader sees it. It may end at any moment.
class ProcessMemory {
 public:
  virtual ~ProcessMemory() = default;
  virtual std::string maps() = 0;  // the text of /proc/PID/maps
  // All of `out`; false when that cannot be.
  virtual bool read(uint64_t address, std::span<char> out) = 0;
};

// The context of the process. known: what was read before, or null. The same when nothing is
// new, the process is about to change it, or it cannot be read. Costs one small read where it
// is known and unchanged, else the maps as well.
ProcessContextPtr read_context(ProcessMemory& process, const ProcessContextPtr& known);

// The attributes of a payload's resource, 64 at most; a value of another type than a
// resource's usual ones is left out. None if it is no payload.
std::optional<Attributes> decode_context(std::string_view payload);

}  // namespace weft
