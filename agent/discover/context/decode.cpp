// SPDX-License-Identifier: Apache-2.0
// The payload's protobuf.
#include <algorithm>
#include <protozero/pbf_reader.hpp>
#include <utility>

#include "agent/base/utf8.h"
#include "agent/discover/context/process_context.h"

namespace weft {
namespace {

constexpr size_t kMostAttributes = 64;
constexpr size_t kLongestKey = 128;
constexpr size_t kLongestText = 4096;
constexpr size_t kMostItems = 64;  // per array

using protozero::pbf_reader;
using protozero::pbf_wire_type;
using protozero::tag_and_type;

// A field with the right number may have any wire type.
bool is_block(const pbf_reader& reader, uint32_t tag) {
  return reader.tag_and_type() == tag_and_type(tag, pbf_wire_type::length_delimited);
}

std::string text_of(pbf_reader& reader) {
  const protozero::data_view view = reader.get_view();
  return to_utf8({view.data(), std::min(view.size(), kLongestText)});
}

// ArrayValue{1 AnyValue…}, strings only.
std::optional<Value> read_array(pbf_reader array) {
  std::vector<std::string> items;
  while (array.next() && items.size() < kMostItems) {
    if (!is_block(array, 1)) return {};
    pbf_reader item = array.get_message();
    if (!item.next() || !is_block(item, 1)) return {};
    items.push_back(text_of(item));
  }
  return Value(std::move(items));
}

// AnyValue{1 string, 2 bool, 3 int, 4 double, 5 array}: the last that is set.
std::optional<Value> read_value(pbf_reader any) {
  std::optional<Value> value;
  while (any.next()) {
    switch (any.tag_and_type()) {
      case tag_and_type(1, pbf_wire_type::length_delimited):
        value = Value(text_of(any));
        break;
      case tag_and_type(2, pbf_wire_type::varint):
        value = Value(any.get_bool());
        break;
      case tag_and_type(3, pbf_wire_type::varint):
        value = Value(any.get_int64());
        break;
      case tag_and_type(4, pbf_wire_type::fixed64):
        value = Value(any.get_double());
        break;
      case tag_and_type(5, pbf_wire_type::length_delimited):
        value = read_array(any.get_message());
        break;
      default:
        any.skip();
    }
  }
  return value;
}

// KeyValue{1 key, 2 value}
void read_attribute(pbf_reader pair, Attributes& out) {
  std::string key;
  std::optional<Value> value;
  while (pair.next()) {
    if (is_block(pair, 1)) {
      key = text_of(pair);
    } else if (is_block(pair, 2)) {
      value = read_value(pair.get_message());
    } else {
      pair.skip();
    }
  }
  if (!key.empty() && key.size() <= kLongestKey && value) {
    out.set(Key::intern(key), std::move(*value));
  }
}

// Resource{1 attributes…}
void read_resource(pbf_reader resource, Attributes& out) {
  while (resource.next()) {
    if (is_block(resource, 1) && out.size() < kMostAttributes) {
      read_attribute(resource.get_message(), out);
    } else {
      resource.skip();
    }
  }
}

}  // namespace

std::optional<Attributes> decode_context(std::string_view payload) {
  Attributes out;
  try {
    pbf_reader context(payload.data(), payload.size());
    while (context.next()) {
      if (is_block(context, 1)) {
        read_resource(context.get_message(), out);
      } else {
        context.skip();
      }
    }
  } catch (const protozero::exception&) {
    return {};
  }
  return out;
}

}  // namespace weft
