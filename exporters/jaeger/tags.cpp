// SPDX-License-Identifier: Apache-2.0
#include "exporters/jaeger/tags.h"

#include <bit>

#include "exporters/otlp/encode/plain_json.h"

namespace weft::jaeger {
namespace {

// Field ids of jaeger.thrift.
namespace field {
constexpr uint8_t kKey = 1, kType = 2, kText = 3, kDouble = 4, kBool = 5, kLong = 6;
}
namespace type {
constexpr uint32_t kText = 0, kDouble = 1, kBool = 2, kLong = 3;
}

// Key, type and the struct's end, without the value.
constexpr size_t frame_size(std::string_view key) {
  return size_of_text(key) + size_of_number<uint32_t>() + 1;
}

char* put_frame(char* to, std::string_view key, uint32_t tag_type) {
  return put_number(put_text(to, field::kKey, key), Wire::kI32, field::kType, tag_type);
}

}  // namespace

void Tags::add(const Attribute& attribute) {
  std::visit([&](const auto& value) { add(attribute.key.text(), value); }, attribute.value);
}

void Tags::add(std::string_view key, std::string_view value) {
  const otlp::Utf8 valid_key(key);
  const otlp::Utf8 valid_value(value);
  const std::string_view name = valid_key.view();
  const std::string_view text = valid_value.view();
  thrift_.append(frame_size(name) + size_of_text(text), [&](char* to) {
    *put_text(put_frame(to, name, type::kText), field::kText, text) = '\0';
  });
  ++count_;
}

template <class Unsigned>
void Tags::add_number(std::string_view key, uint32_t tag_type, Wire wire, uint8_t id,
                      Unsigned value) {
  const otlp::Utf8 valid_key(key);
  const std::string_view name = valid_key.view();
  thrift_.append(frame_size(name) + size_of_number<Unsigned>(), [&](char* to) {
    *put_number(put_frame(to, name, tag_type), wire, id, value) = '\0';
  });
  ++count_;
}

void Tags::add(std::string_view key, bool value) {
  add_number(key, type::kBool, Wire::kBool, field::kBool, uint8_t{value});
}

void Tags::add(std::string_view key, int64_t value) {
  add_number(key, type::kLong, Wire::kI64, field::kLong, static_cast<uint64_t>(value));
}

void Tags::add(std::string_view key, double value) {
  add_number(key, type::kDouble, Wire::kDouble, field::kDouble, std::bit_cast<uint64_t>(value));
}

void Tags::add(std::string_view key, const std::vector<std::string>& value) {
  std::string list;
  otlp::append_list_json(list, value);
  add(key, std::string_view(list));
}

}  // namespace weft::jaeger
