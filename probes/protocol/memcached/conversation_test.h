// SPDX-License-Identifier: Apache-2.0
// What the tests of a memcached connection share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/base/semconv.h"
#include "tests/support/session_driver.h"

namespace weft::protocol::memcached {

extern const Protocol kProtocol;

inline constexpr Direction kRequest = Direction::kRequest;
inline constexpr Direction kResponse = Direction::kResponse;

inline SessionOptions as(Role role) {
  SessionOptions options;
  options.role = role;
  return options;
}

inline std::string text(const test::Told& told) {
  return std::string(told.outcome.attributes.text(semconv::kDbQueryText));
}

// "query error": a wrong pair shows, when an answer is an error.
inline std::string pair(const test::Told& told) {
  return text(told) + (told.outcome.error ? " " + told.outcome.error_type : "") +
         (told.outcome.unseen ? " unseen" : "");
}

inline std::vector<std::string> pairs(const test::SessionDriver& d) {
  std::vector<std::string> out;
  for (const test::Told& told : d.ended()) out.push_back(pair(told));
  return out;
}

inline std::string value(std::string_view key, std::string_view data) {
  return "VALUE " + std::string(key) + " 0 " + std::to_string(data.size()) + "\r\n" +
         std::string(data) + "\r\n";
}

}  // namespace weft::protocol::memcached
