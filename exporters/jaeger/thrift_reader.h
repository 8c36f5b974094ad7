// SPDX-License-Identifier: Apache-2.0
// For tests: reads any struct of TBinaryProtocol, without knowing Jaeger's.
#pragma once

#include <bit>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace weft::jaeger {

// A value of any type; the unused members are empty.
struct ThriftValue {
  int type = 0;  // the type on the wire
  int64_t number = 0;
  double real = 0;
  std::string text;
  std::vector<ThriftValue> items;
  std::map<int, ThriftValue> fields;

  const ThriftValue& operator[](int id) const { return fields.at(id); }
};

class ThriftReader {
 public:
  // Reads all of the bytes as one struct; throws std::runtime_error if they are not one.
  static ThriftValue read(std::string_view bytes) {
    ThriftReader reader(bytes);
    ThriftValue value = reader.value(12);
    if (!reader.rest_.empty()) throw std::runtime_error("bytes after the struct");
    return value;
  }

 private:
  explicit ThriftReader(std::string_view bytes) : rest_(bytes) {}

  std::string_view take(size_t n) {
    if (n > rest_.size()) throw std::runtime_error("too short");
    const std::string_view taken = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return taken;
  }
  int64_t integer(size_t bytes) {
    uint64_t value = 0;
    for (const char c : take(bytes)) value = value << 8 | static_cast<uint8_t>(c);
    const auto unused = static_cast<int>(64 - 8 * bytes);
    return static_cast<int64_t>(value << unused) >> unused;
  }
  ThriftValue value(int type) {
    ThriftValue out;
    out.type = type;
    switch (type) {
      case 2:
        out.number = integer(1);
        if (out.number != 0 && out.number != 1) throw std::runtime_error("no boolean");
        break;
      case 4:
        out.real = std::bit_cast<double>(integer(8));
        break;
      case 8:
        out.number = integer(4);
        break;
      case 10:
        out.number = integer(8);
        break;
      case 11:
        out.text = take(static_cast<uint32_t>(integer(4)));
        break;
      case 12:
        fields(out);
        break;
      case 15:
        items(out);
        break;
      default:
        throw std::runtime_error("type " + std::to_string(type));
    }
    return out;
  }
  void fields(ThriftValue& out) {
    while (const auto type = static_cast<int>(integer(1))) {
      const auto id = static_cast<int>(integer(2));
      if (!out.fields.emplace(id, value(type)).second) throw std::runtime_error("field twice");
    }
  }
  void items(ThriftValue& out) {
    const auto type = static_cast<int>(integer(1));
    for (int64_t n = integer(4); n > 0; --n) out.items.push_back(value(type));
  }

  std::string_view rest_;
};

}  // namespace weft::jaeger
