// SPDX-License-Identifier: Apache-2.0
// What the tests of an HTTP/1 connection share.
#pragma once

#include <string>
#include <vector>

#include "agent/base/semconv.h"
#include "tests/support/session_driver.h"

namespace weft::protocol::http1 {

extern const Protocol kProtocol;

inline constexpr Direction kRequest = Direction::kRequest;
inline constexpr Direction kResponse = Direction::kResponse;

inline std::string get(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

inline std::string answer(int code, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(code) +
         " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

inline SessionOptions as(Role role) {
  SessionOptions options;
  options.role = role;
  options.remote_address = "10.0.0.1";
  return options;
}

inline std::string path(const Attributes& attributes) {
  const std::string_view url = attributes.text(semconv::kUrlFull);
  const std::string_view path = attributes.text(semconv::kUrlPath);
  if (!path.empty() || url.empty()) return std::string(path);
  const size_t begin = url.find('/', url.find("://") + 3);
  return std::string(url.substr(begin, url.find('?') - begin));
}

// "path status", by which a wrong pair is recognised.
inline std::string pair(const test::Told& told) {
  const Value* code = told.outcome.attributes.find(semconv::kHttpResponseStatusCode);
  return path(told.outcome.attributes) + " " +
         (code ? std::to_string(std::get<int64_t>(*code)) : "-");
}

inline std::vector<std::string> pairs(const test::SessionDriver& d) {
  std::vector<std::string> out;
  for (const test::Told& told : d.ended()) out.push_back(pair(told));
  return out;
}

}  // namespace weft::protocol::http1
