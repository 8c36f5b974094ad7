// SPDX-License-Identifier: Apache-2.0
// A list of Jaeger's tags, typed key-value pairs, counted as they come.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/base/attribute.h"
#include "exporters/jaeger/thrift_writer.h"

namespace weft::jaeger {

// Appends tags during its lifetime; its destructor completes the list.
class Tags {
 public:
  Tags(std::string& out, uint8_t field) : thrift_(out), at_(thrift_.list(field)) {}
  ~Tags() { thrift_.set_count(at_, count_); }
  Tags(const Tags&) = delete;
  Tags& operator=(const Tags&) = delete;

  void add(const Attribute& attribute);
  // Text may be any bytes; it is repaired to UTF-8.
  void add(std::string_view key, std::string_view value);
  void add(std::string_view key, bool value);
  void add(std::string_view key, int64_t value);
  void add(std::string_view key, double value);
  void add(std::string_view key, const std::vector<std::string>& value);  // as JSON
  // 0 is left out.
  void add_count(std::string_view key, uint32_t count) {
    if (count != 0) add(key, int64_t{count});
  }

 private:
  template <class Unsigned>
  void add_number(std::string_view key, uint32_t tag_type, Wire wire, uint8_t id, Unsigned value);

  ThriftWriter thrift_;
  const size_t at_;
  uint32_t count_ = 0;
};

}  // namespace weft::jaeger
