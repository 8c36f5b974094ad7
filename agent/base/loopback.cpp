// SPDX-License-Identifier: Apache-2.0
#include "agent/base/loopback.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <span>
#include <string>

namespace weft {
namespace {

bool is_loopback_v4(const std::string& text) {
  in_addr address{};
  return inet_pton(AF_INET, text.c_str(), &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

bool is_loopback_v6(const std::string& text) {
  constexpr std::array<uint8_t, 13> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127};
  in6_addr address{};
  if (inet_pton(AF_INET6, text.c_str(), &address) != 1) return false;
  return IN6_IS_ADDR_LOOPBACK(&address) ||
         std::ranges::equal(kMapped, std::span(address.s6_addr).first(13));
}

// "", ":" or ":4380".
bool is_port(std::string_view text) {
  return text.empty() || (text.front() == ':' && text.size() <= 6 &&
                          text.find_first_not_of("0123456789", 1) == std::string_view::npos);
}

std::string_view without_blanks(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// A name or an IPv4 address, which may end in a dot (the DNS root).
bool is_loopback_name(std::string_view host) {
  if (host.size() > 1 && host.back() == '.') host.remove_suffix(1);
  std::string lower(host);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return lower.find('\0') == std::string::npos && (lower == "localhost" || is_loopback_v4(lower));
}

}  // namespace

bool is_loopback(std::string_view host) {
  if (host.find(':') == std::string_view::npos) return is_loopback_name(host);
  return host.find('\0') == std::string_view::npos && is_loopback_v6(std::string(host));
}

bool is_loopback_authority(std::string_view authority) {
  authority = without_blanks(authority);
  if (authority.empty()) return false;
  if (authority.front() == '[') {
    const size_t end = authority.find(']');
    if (end == std::string_view::npos || !is_port(authority.substr(end + 1))) return false;
    const std::string_view address = authority.substr(1, end - 1);
    return address.find(':') != std::string_view::npos && is_loopback(address);
  }
  const std::string_view host = authority.substr(0, authority.find(':'));
  return is_port(authority.substr(host.size())) && is_loopback_name(host);
}

}  // namespace weft
