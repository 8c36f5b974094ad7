// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/protocol_knobs.h"

#include <algorithm>

namespace weft::kernel {
namespace {

constexpr uint16_t kMaxTail = 1024;  // GATHER_MAX of bpf/lib/maps.bpf.h

}  // namespace

weft_protocol_knobs knobs_of(const Protocol& protocol) {
  return {.tail = std::min(protocol.tail, kMaxTail),
          .frames = protocol.framing == Framing::kFrames,
          .all = protocol.capture == CaptureMode::kAll};
}

}  // namespace weft::kernel
