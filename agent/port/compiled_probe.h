// SPDX-License-Identifier: Apache-2.0
// A probe as the kernel side takes it: a place in a file, and what to do there.
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

// Puts probes in place, in every process that maps the file, until they are detached or the
// agent ends. One thread.
class ProbeHolder {
 public:
  virtual ~ProbeHolder() = default;
  // The number of the probe: what counts its hits.
  virtual Result<uint32_t> attach(const CompiledProbe& probe) = 0;
  // The number may be given to another probe then.
  virtual void detach(uint32_t probe) = 0;
  virtual uint64_t hits(uint32_t probe) const = 0;
};

}  // namespace weft
