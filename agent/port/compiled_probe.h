// SPDX-License-Identifier: Apache-2.0
// A probe as the kernel side takes it: an offset in a file, and what to read there.
#pragma once

#include <cstdint>
#include <string>

#include "agent/base/result.h"
#include "bpf/abi/weft_probe.h"

namespace weft {

struct CompiledProbe {
  std::string binary;      // path by which the agent can open the file now
  uint64_t offset = 0;     // in the file
  uint64_t semaphore = 0;  // offset of a USDT probe's counter; 0: none
  weft_probe spec{};
};

// Attaches probes. A probe is active in every process that maps the file, until it is detached or
// the agent ends. One thread.
class ProbeHolder {
 public:
  virtual ~ProbeHolder() = default;
  // Returns the probe's number, by which its hits are counted.
  virtual Result<uint32_t> attach(const CompiledProbe& probe) = 0;
  // Afterwards the number may be reused for another probe.
  virtual void detach(uint32_t probe) = 0;
  virtual uint64_t hits(uint32_t probe) const = 0;
};

}  // namespace weft
