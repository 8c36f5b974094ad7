// SPDX-License-Identifier: Apache-2.0
#include "agent/stream/proxy_preamble.h"

#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstring>

namespace weft {
namespace {

constexpr std::string_view kSignature{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr size_t kHeader = 16;  // header size of version 2
constexpr uint8_t kProxied = 0x21;
constexpr uint8_t kTcp4 = 0x11;
constexpr uint8_t kTcp6 = 0x21;

uint8_t byte(std::string_view bytes, size_t at) {
  return static_cast<uint8_t>(bytes[at]);
}

uint16_t big_endian(std::string_view bytes, size_t at) {
  return static_cast<uint16_t>(byte(bytes, at) << 8 | byte(bytes, at + 1));
}

// Takes the word before the next space, or all that is left, and the space.
std::string_view word(std::string_view& rest) {
  const size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view found = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return found;
}

std::optional<uint16_t> port(std::string_view text) {
  uint16_t value = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), value);
  if (error != std::errc{} || end != text.end()) return std::nullopt;
  return value;
}

std::optional<Endpoint> endpoint(bool v6, std::string_view address, std::string_view port_text) {
  const std::optional<uint16_t> number = port(port_text);
  std::array<uint8_t, 16> bytes{};
  if (!number || inet_pton(v6 ? AF_INET6 : AF_INET, std::string(address).c_str(), &bytes) != 1) {
    return std::nullopt;
  }
  return v6 ? Endpoint::v6(bytes, *number) : Endpoint::v4(std::span(bytes).first<4>(), *number);
}

std::optional<Endpoint> version_1(std::string_view line) {
  if (!line.ends_with("\r\n")) return std::nullopt;
  line.remove_suffix(2);
  word(line);
  const std::string_view family = word(line);
  if (family != "TCP4" && family != "TCP6") return std::nullopt;
  const bool v6 = family == "TCP6";
  const std::string_view source = word(line);
  const std::string_view destination = word(line);
  const std::string_view source_port = word(line);
  if (!endpoint(v6, destination, line)) return std::nullopt;
  return endpoint(v6, source, source_port);
}

std::optional<Endpoint> version_2(std::string_view bytes) {
  if (bytes.size() < kHeader || byte(bytes, 12) != kProxied) return std::nullopt;
  const uint8_t family = byte(bytes, 13);
  const size_t size = family == kTcp6 ? 16 : 4;
  const std::string_view addresses = bytes.substr(kHeader, big_endian(bytes, 14));
  if ((family != kTcp4 && family != kTcp6) || addresses.size() < 2 * size + 4) return std::nullopt;
  std::array<uint8_t, 16> source{};
  std::memcpy(source.data(), addresses.data(), size);
  const uint16_t port = big_endian(addresses, 2 * size);
  return family == kTcp6 ? Endpoint::v6(source, port)
                         : Endpoint::v4(std::span(source).first<4>(), port);
}

}  // namespace

std::optional<Endpoint> proxied_client(std::string_view preamble) {
  return preamble.starts_with(kSignature) ? version_2(preamble)
         : preamble.starts_with("PROXY ") ? version_1(preamble)
                                          : std::nullopt;
}

}  // namespace weft
