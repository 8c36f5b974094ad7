// SPDX-License-Identifier: Apache-2.0
// A bounded reader over borrowed bytes: no read ever leaves the view. A read past the
// end fails for good: ok() stays false and every later read gives zero or empty, so a
// parser may read a whole head and check once. Valid as long as the bytes viewed.
#pragma once

#include <cstdint>
#include <string_view>

namespace weft {

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  size_t left() const { return rest_.size(); }
  std::string_view rest() const { return rest_; }

  std::string_view take(size_t n) {
    if (n > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view out = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return out;
  }
  uint8_t u8() { return static_cast<uint8_t>(big_endian(1)); }
  uint16_t be16() { return static_cast<uint16_t>(big_endian(2)); }
  uint32_t be32() { return static_cast<uint32_t>(big_endian(4)); }
  uint64_t be64() { return big_endian(8); }
  uint16_t le16() { return static_cast<uint16_t>(little_endian(2)); }
  uint32_t le32() { return static_cast<uint32_t>(little_endian(4)); }
  uint64_t le64() { return little_endian(8); }

 private:
  uint64_t big_endian(size_t n) {
    uint64_t value = 0;
    for (const char c : take(n)) value = value << 8 | static_cast<uint8_t>(c);
    return value;
  }
  uint64_t little_endian(size_t n) {
    uint64_t value = 0;
    unsigned shift = 0;
    for (const char c : take(n)) {
      value |= static_cast<uint64_t>(static_cast<uint8_t>(c)) << shift;
      shift += 8;
    }
    return value;
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace weft
