// SPDX-License-Identifier: Apache-2.0
// What the tests of a Redis connection share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/base/semconv.h"
#include "tests/support/session_driver.h"

namespace weft::protocol::redis {

extern const Protocol kProtocol;

inline constexpr Direction kRequest = Direction::kRequest;
inline constexpr Direction kResponse = Direction::kResponse;

inline std::string bulk(std::string_view text) {
  return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}

inline std::string array(const std::vector<std::string_view>& words, char type = '*') {
  std::string out = type + std::to_string(words.size()) + "\r\n";
  for (const std::string_view word : words) out += bulk(word);
  return out;
}

// A command as clients send it.
inline std::string ask(const std::vector<std::string_view>& words) {
  return array(words);
}

inline SessionOptions as(Role role) {
  SessionOptions options;
  options.role = role;
  return options;
}

inline std::string text(const test::Told& told) {
  return std::string(told.outcome.attributes.text(semconv::kDbQueryText));
}

// "query error", by which a wrong pair is recognised if each reply is an error with its command's
// number.
inline std::string pair(const test::Told& told) {
  return text(told) + (told.outcome.error ? " " + told.outcome.error_type : "");
}

inline std::vector<std::string> pairs(const test::SessionDriver& d) {
  std::vector<std::string> out;
  for (const test::Told& told : d.ended()) out.push_back(pair(told));
  return out;
}

}  // namespace weft::protocol::redis
