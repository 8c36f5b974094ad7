// SPDX-License-Identifier: Apache-2.0
#include "exporters/xray/name.h"

#include <algorithm>
#include <array>
#include <clocale>
#include <cwctype>

#include "agent/base/semconv.h"
#include "agent/base/utf8.h"

namespace weft::xray {
namespace {

constexpr size_t kMaxCharacters = 200;

constexpr auto kAllowedAscii = [] {
  std::array<bool, 128> allowed{};
  for (unsigned char c = 0; c < 128; ++c) {
    allowed[c] = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                 std::string_view(" _.:/%&#=+\\-@").contains(static_cast<char>(c));
  }
  return allowed;
}();

bool is_plain(std::string_view text) {
  return !text.empty() && text.size() <= kMaxCharacters && std::ranges::all_of(text, [](char c) {
    return static_cast<unsigned char>(c) < 128 && kAllowedAscii[static_cast<unsigned char>(c)];
  });
}

// Uses the C library's character table; without it only ASCII is known to be allowed.
bool is_allowed(char32_t c) {
  static const locale_t kUnicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (c < 128) return kAllowedAscii[c] || (c >= '\t' && c <= '\r');
  return kUnicode && (iswalnum_l(static_cast<wint_t>(c), kUnicode) ||
                      iswspace_l(static_cast<wint_t>(c), kUnicode));
}

// Length of the character at the front of valid UTF-8, and its number.
std::pair<size_t, char32_t> decode(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const size_t length = byte(0) < 0x80 ? 1 : byte(0) < 0xe0 ? 2 : byte(0) < 0xf0 ? 3 : 4;
  char32_t c = length == 1 ? byte(0) : byte(0) & (0x7fu >> length);
  for (size_t i = 1; i < length; ++i) c = c << 6 | (byte(i) & 0x3f);
  return {length, c};
}

std::string_view host_of(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  url.remove_prefix(std::min(url.find('@') + 1, url.size()));
  const size_t port = url.rfind(':');
  return port == std::string_view::npos || url.ends_with(']') ? url : url.substr(0, port);
}

std::string database_name(const Fields& fields) {
  std::string name(fields.text(Field::kDbNamespace));
  if (fields.text(Field::kDbSystem).empty() || name.empty()) return {};
  if (const auto host = fields.text(Field::kServerAddress); !host.empty()) {
    name.append("@").append(host);
  }
  return name;
}

// Newer conventions have the service in the method: "shop.Cart/Add".
std::string_view rpc_service(const Fields& fields) {
  if (const auto service = fields.text(Field::kRpcService); !service.empty()) return service;
  const std::string_view method = fields.text(Field::kRpcMethod);
  const size_t slash = method.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : method.substr(0, slash);
}

std::string_view peer_host(const Fields& fields) {
  const bool is_http = !fields.text(Field::kMethod).empty();
  for (const std::string_view host :
       {fields.text(Field::kServerAddress), is_http ? host_of(fields.text(Field::kUrl)) : "",
        fields.text(Field::kPeerAddress)}) {
    if (!host.empty()) return host;
  }
  return {};
}

std::string remote_name(const Fields& fields) {
  if (const auto peer = fields.text(Field::kPeerService); !peer.empty()) return std::string(peer);
  if (std::string database = database_name(fields); !database.empty()) return database;
  const std::string_view service = rpc_service(fields);
  return std::string(service.empty() ? peer_host(fields) : service);
}

}  // namespace

std::string allowed_name(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  const std::string valid = to_utf8(text);
  std::string_view rest = valid;
  std::string out;
  for (size_t kept = 0; !rest.empty() && kept < kMaxCharacters;) {
    const auto [length, c] = decode(rest);
    if (is_allowed(c)) {
      out += rest.substr(0, length);
      ++kept;
    }
    rest.remove_prefix(length);
  }
  return out.empty() ? "span" : out;
}

std::string service_name(const Span& span) {
  return allowed_name(span.resource->attributes.text(semconv::kServiceName));
}

std::string segment_name(const Span& span, const Fields& fields) {
  if (is_remote_call(span)) {
    const std::string name = remote_name(fields);
    return allowed_name(name.empty() ? span.name : name);
  }
  return is_segment(span) ? service_name(span) : allowed_name(span.name);
}

}  // namespace weft::xray
