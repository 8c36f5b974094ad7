// SPDX-License-Identifier: Apache-2.0
// Apache Thrift's TBinaryProtocol, as much of it as jaeger.thrift needs: fields of structs,
// appended to a string.
//
//   a field    type (1 byte)  id (2)  value          a struct ends with a 0 byte
//   a string   size (4)  bytes                       a list: element type (1)  count (4)  elements
// All numbers are big-endian.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "exporters/otlp/encode/text.h"

namespace weft::jaeger {

enum class Wire : uint8_t {
  kBool = 2,
  kDouble = 4,
  kI32 = 8,
  kI64 = 10,
  kText = 11,
  kStruct = 12,
  kList = 15
};

// Each writes at `to`, where there must be room, and returns the end.
template <class Unsigned>
char* put_number(char* to, Unsigned value) {
  if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
  std::memcpy(to, &value, sizeof value);
  return to + sizeof value;
}
inline char* put_head(char* to, Wire type, uint8_t id) {
  *to = static_cast<char>(type);
  return put_number(to + 1, uint16_t{id});
}
template <class Unsigned>
char* put_number(char* to, Wire type, uint8_t id, Unsigned value) {
  return put_number(put_head(to, type, id), value);
}
inline char* put_text(char* to, uint8_t id, std::string_view text) {
  to = put_number(to, Wire::kText, id, static_cast<uint32_t>(text.size()));
  return to + text.copy(to, text.size());
}
template <class Unsigned>
constexpr size_t size_of_number() {
  return 3 + sizeof(Unsigned);
}
constexpr size_t size_of_text(std::string_view text) {
  return 7 + text.size();
}

class ThriftWriter {
 public:
  explicit ThriftWriter(std::string& out) : out_(out) {}

  void i32(uint8_t id, int32_t value) { number(Wire::kI32, id, static_cast<uint32_t>(value)); }
  void i64(uint8_t id, uint64_t value) { number(Wire::kI64, id, value); }
  // Any bytes; repaired to UTF-8.
  void text(uint8_t id, std::string_view bytes) {
    const otlp::Utf8 valid(bytes);
    const std::string_view text = valid.view();
    append(size_of_text(text), [&](char* to) { put_text(to, id, text); });
  }

  // Begins a struct field: its value is the fields that follow, up to end().
  void begin(uint8_t id) {
    append(3, [&](char* to) { put_head(to, Wire::kStruct, id); });
  }
  void end() { out_ += '\0'; }

  // Begins a list of structs, each of which ends with end(). Returns the position of the count, for
  // set_count() later.
  size_t list(uint8_t id) {
    append(8, [&](char* to) {
      to = put_head(to, Wire::kList, id);
      *to = static_cast<char>(Wire::kStruct);
      put_number(to + 1, uint32_t{0});
    });
    return out_.size() - 4;
  }
  void set_count(size_t at, uint32_t count) { put_number(out_.data() + at, count); }

  // `write` writes exactly `size` bytes at its argument.
  template <class Write>
  void append(size_t size, const Write& write) {
    const size_t begin = out_.size();
    out_.resize_and_overwrite(begin + size, [&](char* data, size_t) {
      write(data + begin);
      return begin + size;
    });
  }

 private:
  template <class Unsigned>
  void number(Wire type, uint8_t id, Unsigned value) {
    append(size_of_number<Unsigned>(), [&](char* to) { put_number(to, type, id, value); });
  }

  std::string& out_;
};

}  // namespace weft::jaeger
