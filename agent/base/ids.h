// SPDX-License-Identifier: Apache-2.0
// W3C trace and span ids: 16 and 8 bytes, all-zero is "none". Values, freely copied.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weft {

template <size_t N>
struct Id {
  std::array<uint8_t, N> bytes{};

  bool valid() const {
    for (uint8_t b : bytes) {
      if (b != 0) return true;
    }
    return false;
  }
  std::string hex() const;
  // Exactly 2·N lower-case hex digits (W3C: upper case is invalid); all-zero is refused.
  static std::optional<Id> parse(std::string_view hex);
  // From the process-wide generator (a 64-bit Mersenne twister per thread, seeded by getrandom);
  // never all-zero. Any thread.
  static Id random();

  auto operator<=>(const Id&) const = default;
};

using TraceId = Id<16>;
using SpanId = Id<8>;

// A kernel exchange id as a span id: big-endian, so that its hex reads like the number.
SpanId span_id_from(uint64_t value);
uint64_t to_u64(const SpanId& id);

}  // namespace weft
