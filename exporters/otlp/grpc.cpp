// SPDX-License-Identifier: Apache-2.0
#include "exporters/otlp/grpc.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <protozero/pbf_reader.hpp>

namespace weft::otlp {
namespace {

using std::chrono::milliseconds;

constexpr size_t kFrameHead = 5;
constexpr std::string_view kRetryInfo = "google.rpc.RetryInfo";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

// google.protobuf.Duration
milliseconds read_duration(protozero::pbf_reader duration) {
  int64_t ms = 0;
  while (duration.next()) {
    if (duration.tag() == 1) {
      ms += duration.get_int64() * 1000;
    } else if (duration.tag() == 2) {
      ms += duration.get_int32() / 1'000'000;
    } else {
      duration.skip();
    }
  }
  return milliseconds(std::max<int64_t>(0, ms));
}

// google.protobuf.Any{1 type_url, 2 value}
std::optional<milliseconds> read_retry_info(protozero::pbf_reader any) {
  bool is_retry_info = false;
  protozero::data_view value;
  while (any.next()) {
    if (any.tag() == 1) {
      is_retry_info = any.get_string().ends_with(kRetryInfo);
    } else if (any.tag() == 2) {
      value = any.get_view();
    } else {
      any.skip();
    }
  }
  if (!is_retry_info) return std::nullopt;
  protozero::pbf_reader info(value);
  while (info.next(1)) return read_duration(info.get_message());
  return milliseconds(0);
}

}  // namespace

std::string grpc_frame(std::string_view message, bool compressed) {
  const auto n = static_cast<uint32_t>(message.size());
  std::string frame;
  frame.reserve(kFrameHead + message.size());
  frame += compressed ? '\1' : '\0';
  for (const unsigned shift : {24u, 16u, 8u, 0u}) frame += static_cast<char>(n >> shift & 0xff);
  return frame.append(message);
}

std::optional<std::string_view> grpc_unframe(std::string_view body) {
  if (body.size() < kFrameHead || body[0] != 0) return std::nullopt;
  size_t n = 0;
  for (size_t i = 1; i < kFrameHead; ++i) n = n << 8 | static_cast<uint8_t>(body[i]);
  if (body.size() - kFrameHead < n) return std::nullopt;
  return body.substr(kFrameHead, n);
}

std::string grpc_timeout(milliseconds timeout) {
  constexpr int64_t kMost = 99'999'999;
  const int64_t ms = timeout.count();
  if (ms <= kMost) return std::to_string(ms) + "m";
  return std::to_string(std::min(ms / 1000, kMost)) + "S";
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const bool escape =
        text[0] == '%' && text.size() >= 3 && hex_digit(text[1]) >= 0 && hex_digit(text[2]) >= 0;
    out += escape ? static_cast<char>(hex_digit(text[1]) << 4 | hex_digit(text[2])) : text[0];
    text.remove_prefix(escape ? 3 : 1);
  }
  return out;
}

std::optional<std::string> base64_decoded(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::string out;
  uint32_t bits = 0;
  int have = 0;
  for (const char c : text) {
    const int digit = base64_digit(c);
    if (digit < 0) return std::nullopt;
    bits = bits << 6 | static_cast<uint32_t>(digit);
    have += 6;
    if (have < 8) continue;
    have -= 8;
    out += static_cast<char>(bits >> have & 0xff);
  }
  return out;
}

std::optional<milliseconds> retry_delay(std::string_view status_details) try {
  protozero::pbf_reader status(status_details.data(), status_details.size());
  while (status.next(3)) {
    if (const auto delay = read_retry_info(status.get_message())) return delay;
  }
  return std::nullopt;
} catch (const protozero::exception&) {
  return std::nullopt;
}

std::string status_message(std::string_view status) try {
  protozero::pbf_reader reader(status.data(), status.size());
  return reader.next(2) ? reader.get_string() : std::string();
} catch (const protozero::exception&) {
  return {};
}

std::string grpc_status_name(int code) {
  static constexpr std::array<const char*, 17> kNames = {"OK",
                                                         "CANCELLED",
                                                         "UNKNOWN",
                                                         "INVALID_ARGUMENT",
                                                         "DEADLINE_EXCEEDED",
                                                         "NOT_FOUND",
                                                         "ALREADY_EXISTS",
                                                         "PERMISSION_DENIED",
                                                         "RESOURCE_EXHAUSTED",
                                                         "FAILED_PRECONDITION",
                                                         "ABORTED",
                                                         "OUT_OF_RANGE",
                                                         "UNIMPLEMENTED",
                                                         "INTERNAL",
                                                         "UNAVAILABLE",
                                                         "DATA_LOSS",
                                                         "UNAUTHENTICATED"};
  if (code < 0 || static_cast<size_t>(code) >= kNames.size()) return std::to_string(code);
  return kNames[static_cast<size_t>(code)];
}

}  // namespace weft::otlp
