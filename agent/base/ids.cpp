// SPDX-License-Identifier: Apache-2.0
#include "agent/base/ids.h"

#include <cstring>
#include <random>
#include <sys/random.h>

namespace weft {
namespace {

int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

uint64_t seed() {
  uint64_t value = 0;
  if (getrandom(&value, sizeof value, 0) != sizeof value) value = std::random_device{}();
  return value;
}

uint64_t next_random() {
  thread_local std::mt19937_64 generator(seed());
  return generator();
}

}  // namespace

template <size_t N>
std::string Id<N>::hex() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out(2 * N, '0');
  for (size_t i = 0; i < N; ++i) {
    out[2 * i] = kDigits[bytes[i] >> 4];
    out[2 * i + 1] = kDigits[bytes[i] & 15];
  }
  return out;
}

template <size_t N>
std::optional<Id<N>> Id<N>::parse(std::string_view hex) {
  if (hex.size() != 2 * N) return std::nullopt;
  Id id;
  for (size_t i = 0; i < N; ++i) {
    const int high = nibble(hex[2 * i]);
    const int low = nibble(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    id.bytes[i] = static_cast<uint8_t>(high << 4 | low);
  }
  if (!id.valid()) return std::nullopt;
  return id;
}

template <size_t N>
Id<N> Id<N>::random() {
  Id id;
  do {
    for (size_t i = 0; i < N; i += 8) {
      const uint64_t value = next_random();
      std::memcpy(id.bytes.data() + i, &value, 8);
    }
  } while (!id.valid());
  return id;
}

template struct Id<16>;
template struct Id<8>;

SpanId span_id_from(uint64_t value) {
  SpanId id;
  for (int i = 7; i >= 0; --i, value >>= 8) id.bytes[static_cast<size_t>(i)] = value & 0xff;
  return id;
}

uint64_t to_u64(const SpanId& id) {
  uint64_t value = 0;
  for (uint8_t b : id.bytes) value = value << 8 | b;
  return value;
}

}  // namespace weft
