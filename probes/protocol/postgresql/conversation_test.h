// SPDX-License-Identifier: Apache-2.0
// What the tests of a PostgreSQL connection share: its messages, and the reported exchanges.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/semconv.h"
#include "tests/support/session_driver.h"

namespace weft::protocol::postgresql {

extern const Protocol kProtocol;

inline constexpr Direction kRequest = Direction::kRequest;
inline constexpr Direction kResponse = Direction::kResponse;

inline std::string be(uint64_t value, int bytes) {
  std::string out;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out += static_cast<char>(value >> shift);
  return out;
}
inline std::string z(std::string_view text) {
  return std::string(text) + '\0';
}
inline std::string message(char type, const std::string& body) {
  return type + be(body.size() + 4, 4) + body;
}

// ---- frontend ----
inline std::string packet(uint32_t code, const std::string& body = "") {
  return be(body.size() + 8, 4) + be(code, 4) + body;
}
inline std::string startup() {
  return packet(196608, z("user") + z("alice") + z("database") + z("shop") + z(""));
}
inline std::string query(std::string_view text) {
  return message('Q', z(text));
}
inline std::string parse(std::string_view name, std::string_view text) {
  return message('P', z(name) + z(text) + be(0, 2));
}
inline std::string bind_portal(std::string_view portal, std::string_view name,
                               const std::string& parameter = "42") {
  return message('B', z(portal) + z(name) + be(0, 2) + be(1, 2) + be(parameter.size(), 4) +
                          parameter + be(0, 2));
}
inline std::string describe(char kind, std::string_view name) {
  return message('D', kind + z(name));
}
inline std::string execute(std::string_view portal = "", uint32_t rows = 0) {
  return message('E', z(portal) + be(rows, 4));
}
inline std::string close_name(char kind, std::string_view name) {
  return message('C', kind + z(name));
}
inline const std::string kSync = message('S', "");
inline const std::string kFlush = message('H', "");
inline const std::string kTerminate = message('X', "");

// ---- backend ----
inline const std::string kParsed = message('1', "");
inline const std::string kBound = message('2', "");
inline const std::string kClosed = message('3', "");
inline const std::string kNoData = message('n', "");
inline const std::string kSuspended = message('s', "");
inline const std::string kEmpty = message('I', "");
inline std::string ready(char state = 'I') {
  return message('Z', std::string(1, state));
}
inline std::string complete(std::string_view tag) {
  return message('C', z(tag));
}
inline std::string columns() {
  return message('T', be(1, 2) + z("a") + std::string(18, '\0'));
}
inline std::string row(const std::string& value = "1") {
  return message('D', be(1, 2) + be(value.size(), 4) + value);
}
inline std::string fields(std::string_view code, std::string_view severity = "ERROR") {
  return "S" + z(severity) + "V" + z(severity) + "C" + z(code) + "M" + z("secret (x)=(7)") + z("");
}
inline std::string error(std::string_view code, std::string_view severity = "ERROR") {
  return message('E', fields(code, severity));
}
inline std::string notice(std::string_view code) {
  return message('N', fields(code, "WARNING"));
}
inline std::string greeting() {
  return message('R', be(0, 4)) + message('S', z("server_version") + z("15.18")) +
         message('K', be(1234, 4) + be(5678, 4)) + ready();
}
inline std::string rows(std::string_view tag = "SELECT 1") {
  return columns() + row() + complete(tag);
}

inline SessionOptions as(Role role) {
  SessionOptions options;
  options.role = role;
  options.remote_address = "192.0.2.7";
  options.remote_port = 5432;
  return options;
}

// "name error|text", by which a wrong pair is recognised.
inline std::string shown(const test::Told& told) {
  const std::string_view text = told.outcome.attributes.text(semconv::kDbQueryText);
  return told.outcome.name + " " + told.outcome.error_type + "|" + std::string(text);
}

inline std::vector<std::string> shown(const test::SessionDriver& d) {
  std::vector<std::string> out;
  for (const test::Told& told : d.ended()) out.push_back(shown(told));
  return out;
}

}  // namespace weft::protocol::postgresql
