// SPDX-License-Identifier: Apache-2.0
// A bounded reader over borrowed bytes: no read ever leaves the view. A read past the
// end fails for good: ok() stays false and every later read gives zero or empty, so a
// parser may read a whole head and check once. Valid as long as the bytes viewed.
#pragma once

#include <algorithm>
#include <bit>
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
  uint8_t u8() { return number<uint8_t, std::endian::native>(); }
  uint16_t be16() { return number<uint16_t, std::endian::big>(); }
  uint32_t be32() { return number<uint32_t, std::endian::big>(); }
  uint64_t be64() { return number<uint64_t, std::endian::big>(); }
  uint16_t le16() { return number<uint16_t, std::endian::little>(); }
  uint32_t le32() { return number<uint32_t, std::endian::little>(); }
  uint64_t le64() { return number<uint64_t, std::endian::little>(); }

 private:
  template <class T, std::endian order>
  T number() {
    const std::string_view bytes = take(sizeof(T));
    if (bytes.empty()) return 0;
    T value;
    std::copy_n(bytes.begin(), sizeof value, reinterpret_cast<char*>(&value));
    return order == std::endian::native ? value : std::byteswap(value);
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace weft
