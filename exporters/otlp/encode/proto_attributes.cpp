// SPDX-License-Identifier: Apache-2.0
#include "exporters/otlp/encode/proto_attributes.h"

#include <bit>

#include "exporters/otlp/encode/text.h"

namespace weft::otlp {
namespace {

// opentelemetry/proto/common/v1/common.proto: number << 3 | wire type.
enum Tag : uint8_t {
  kKey = 1 << 3 | 2,    // of KeyValue
  kValue = 2 << 3 | 2,  // of KeyValue
  kString = 1 << 3 | 2,
  kBool = 2 << 3 | 0,
  kInt = 3 << 3 | 0,
  kDouble = 4 << 3 | 1,
  kArray = 5 << 3 | 2,
  kItem = 1 << 3 | 2,  // of ArrayValue
};

constexpr size_t varint_size(uint64_t value) {
  return (static_cast<size_t>(std::bit_width(value | 1)) + 6) / 7;
}

char* put_varint(char* to, uint64_t value) {
  for (; value >= 0x80; value >>= 7) *to++ = static_cast<char>(value | 0x80);
  *to++ = static_cast<char>(value);
  return to;
}

char* put_head(char* to, uint8_t tag, size_t size) {
  *to = static_cast<char>(tag);
  return put_varint(to + 1, size);
}

// Encoded size of a field with `size` bytes of content.
constexpr size_t framed(size_t size) {
  return 1 + varint_size(size) + size;
}

char* put_text(char* to, uint8_t tag, std::string_view text) {
  to = put_head(to, tag, text.size());
  return to + text.copy(to, text.size());
}

struct AttributeWriter {
  std::string& message;
  uint8_t field;
  std::string_view key;

  // Appends an AnyValue of value_size bytes, which write(to) writes.
  template <class Write>
  void append(size_t value_size, const Write& write) const {
    const size_t pair_size = framed(key.size()) + framed(value_size);
    const size_t begin = message.size();
    const size_t end = begin + framed(pair_size);
    message.resize_and_overwrite(end, [&](char* data, size_t) {
      char* to = put_head(data + begin, static_cast<uint8_t>(field << 3 | 2), pair_size);
      to = put_head(put_text(to, kKey, key), kValue, value_size);
      write(to);
      return end;
    });
  }

  void operator()(const std::string& v) const {
    const Utf8 valid(v);
    const std::string_view text = valid.view();
    append(framed(text.size()), [&](char* to) { put_text(to, kString, text); });
  }
  void operator()(bool v) const {
    append(2, [&](char* to) { put_head(to, kBool, v); });
  }
  void operator()(int64_t v) const {
    const auto bits = static_cast<uint64_t>(v);
    append(1 + varint_size(bits), [&](char* to) { put_head(to, kInt, bits); });
  }
  void operator()(double v) const {
    append(1 + sizeof v, [&](char* to) {
      *to = kDouble;
      const auto bits = std::bit_cast<uint64_t>(v);
      for (size_t i = 0; i < sizeof bits; ++i) to[1 + i] = static_cast<char>(bits >> 8 * i);
    });
  }
  void operator()(const std::vector<std::string>& v) const {
    std::string items;
    for (const std::string& item : v) append_item(items, Utf8(item).view());
    append(framed(items.size()), [&](char* to) { put_text(to, kArray, items); });
  }

 private:
  static void append_item(std::string& to, std::string_view text) {
    std::string value(framed(text.size()), '\0');
    put_text(value.data(), kString, text);
    std::string item(framed(value.size()), '\0');
    put_text(item.data(), kItem, value);
    to += item;
  }
};

}  // namespace

void append_attributes(std::string& message, uint8_t field, const Attributes& attributes) {
  for (const Attribute& attribute : attributes) {
    const Utf8 key(attribute.key.text());
    std::visit(AttributeWriter{message, field, key.view()}, attribute.value);
  }
}

}  // namespace weft::otlp
