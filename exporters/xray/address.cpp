// SPDX-License-Identifier: Apache-2.0
#include "exporters/xray/address.h"

#include <charconv>
#include <optional>

namespace weft::xray {
namespace {

bool is_port(std::string_view text) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port != 0;
}

std::optional<DaemonAddress> host_and_port(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || !is_port(text.substr(colon + 1))) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const bool brackets = host.starts_with('[') && host.ends_with(']');
  if (!brackets && host.find_first_of(":[]") != std::string_view::npos) return std::nullopt;
  if (brackets) host = host.substr(1, host.size() - 2);
  if (host.empty()) return std::nullopt;
  return DaemonAddress{std::string(host), std::string(text.substr(colon + 1))};
}

// The part that names the UDP address.
std::string_view udp_part(std::string_view text) {
  const size_t space = text.find(' ');
  if (space == std::string_view::npos) return text;
  const std::string_view first = text.substr(0, space);
  const std::string_view second = text.substr(text.find_last_of(' ') + 1);
  const bool udp_first = first.starts_with("udp:");
  if (!(udp_first ? second : first).starts_with("tcp:")) return {};
  return (udp_first ? first : second).starts_with("udp:") ? (udp_first ? first : second).substr(4)
                                                          : std::string_view();
}

}  // namespace

Result<DaemonAddress> parse_daemon_address(std::string_view text) {
  if (const auto address = host_and_port(udp_part(text))) return *address;
  return fail(ExitCode::kConfig, "xray: endpoint: found \"" + std::string(text) +
                                     "\", expected host:port, or tcp:host:port udp:host:port");
}

}  // namespace weft::xray
