// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/protocol_knobs.h"

#include <algorithm>
#include <array>
#include <bit>

namespace weft::kernel {
namespace {

constexpr uint16_t kMaxTail = 1024;  // GATHER_MAX of bpf/lib/maps.bpf.h

// The last 8 bytes of a call are compared as one little-endian number: `end` is right-aligned.
void set_tail_end(std::string_view end, weft_protocol_knobs& out) {
  end.remove_prefix(end.size() - std::min<size_t>(end.size(), WEFT_TAIL_END));
  const size_t at = WEFT_TAIL_END - end.size();
  std::array<char, WEFT_TAIL_END> bytes{}, mask{};
  std::ranges::copy(end, bytes.begin() + at);
  std::fill(mask.begin() + at, mask.end(), '\xff');
  out.tail_end = std::bit_cast<uint64_t>(bytes);
  out.tail_end_mask = std::bit_cast<uint64_t>(mask);
}

}  // namespace

weft_protocol_knobs knobs_of(const Protocol& protocol) {
  weft_protocol_knobs out{};
  out.tail = std::min(protocol.tail, kMaxTail);
  out.frames = protocol.framing == Framing::kFrames;
  out.status_at = protocol.status_at;
  out.all = protocol.capture == CaptureMode::kAll;
  set_tail_end(protocol.tail_end, out);
  return out;
}

}  // namespace weft::kernel
