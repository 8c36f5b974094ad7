// SPDX-License-Identifier: Apache-2.0
#include "agent/http_semantics/url.h"

#include <array>
#include <charconv>

#include "agent/base/utf8.h"
#include "agent/http_semantics/field.h"

namespace weft::http_semantics {
namespace {

// Semantic conventions 1.44.0, url.query.
constexpr std::array<std::string_view, 5> kSensitive = {
    "X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token", "sig", "X-Goog-Signature"};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string percent_decode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high < 0 ? -1 : hex_digit(text[i + 2]);
    out += low < 0 ? text[i] : static_cast<char>(high << 4 | low);
    if (low >= 0) i += 2;
  }
  return out;
}

template <class List>
bool contains(const List& list, std::string_view key) {
  for (const std::string_view item : list) {
    if (item == key) return true;
  }
  return false;
}

bool is_sensitive(std::string_view key, const std::vector<std::string>* keys) {
  std::string decoded;
  if (key.find('%') != std::string_view::npos) {
    decoded = percent_decode(key);
    key = decoded;
  }
  return keys ? contains(*keys, key) : contains(kSensitive, key);
}

std::string_view unquote(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    return text.substr(1, text.size() - 2);
  return text;
}

// Up to `separator` outside a quoted string; removes it from `rest` as well.
std::string_view take_until(std::string_view& rest, char separator) {
  bool quoted = false;
  size_t i = 0;
  for (; i < rest.size() && (quoted || rest[i] != separator); ++i) {
    if (rest[i] == '"') quoted = !quoted;
    if (rest[i] == '\\' && quoted) ++i;
  }
  const size_t end = std::min(i, rest.size());
  const std::string_view taken = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return taken;
}

void drop_credentials(Target& target) {
  const size_t at = target.authority.rfind('@');
  if (at == std::string_view::npos) return;
  target.credentials = true;
  target.authority.remove_prefix(at + 1);
}

}  // namespace

Target split_target(std::string_view text, bool connect) {
  Target target;
  if (connect) {
    target.authority = text;
    drop_credentials(target);
    return target;
  }
  const size_t colon = text.front() == '/' ? std::string_view::npos : text.find("://");
  if (colon != std::string_view::npos) {
    target.scheme = text.substr(0, colon);
    text.remove_prefix(colon + 3);
    target.authority = text.substr(0, text.find_first_of("/?#"));
    text.remove_prefix(target.authority.size());
    drop_credentials(target);
  }
  const size_t question = text.find('?');
  target.path = text.substr(0, question);
  if (question != std::string_view::npos) target.query = text.substr(question + 1);
  if (target.path.empty()) target.path = "/";
  return target;
}

Authority split_authority(std::string_view text) {
  if (text.find('@') != std::string_view::npos) return {};  // a user name is no host
  Authority out;
  std::string_view port;
  if (text.starts_with('[')) {
    const size_t close = text.find(']');
    if (close == std::string_view::npos) return {};
    out.host = text.substr(1, close - 1);
    port = text.substr(close + 1);
    if (!port.empty() && port.front() != ':') return {};
  } else {
    const size_t colon = text.find(':');
    out.host = text.substr(0, colon);
    if (colon != std::string_view::npos) port = text.substr(colon);
  }
  if (port.size() > 1) {
    uint16_t number = 0;
    const auto [end, error] = std::from_chars(port.data() + 1, port.data() + port.size(), number);
    if (error != std::errc() || end != port.data() + port.size()) return {};
    out.port = number;
  }
  return out;
}

std::string redact_query(std::string_view query, const std::vector<std::string>* keys) {
  std::string out;
  out.reserve(query.size());
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    const size_t equals = pair.find('=');
    const bool hide =
        equals != std::string_view::npos && is_sensitive(pair.substr(0, equals), keys);
    out += hide ? pair.substr(0, equals + 1) : pair;
    if (hide) out += "REDACTED";
    if (end < query.size()) out += '&';
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return out;
}

std::string redact_url(std::string_view url, const std::vector<std::string>* keys) {
  const size_t scheme = url.find("://");
  const size_t begin = scheme == std::string_view::npos ? url.size() : scheme + 3;
  const std::string_view rest = url.substr(begin);
  const size_t at = rest.substr(0, rest.find_first_of("/?#")).rfind('@');
  std::string out;
  if (at != std::string_view::npos) {
    (out += url.substr(0, begin)) += "REDACTED:REDACTED@";
    url = rest.substr(at + 1);
  }
  const size_t mark = url.find('?');
  const size_t question = mark == std::string_view::npos ? url.size() : mark + 1;
  const size_t hash = std::min(url.find('#', question), url.size());
  out += url.substr(0, question);
  out += redact_query(url.substr(question, hash - question), keys);
  return out += url.substr(hash);
}

std::string url_text(std::string_view raw) {
  if (is_ascii(raw)) return std::string(raw);
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : raw) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return out;
}

Forwarded parse_forwarded(std::string_view value) {
  Forwarded out;
  std::string_view element = take_until(value, ',');
  while (!element.empty()) {
    const std::string_view pair = take_until(element, ';');
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = strip_blanks(pair.substr(0, equals));
    const std::string_view text = unquote(strip_blanks(pair.substr(equals + 1)));
    if (same_name(name, "for")) out.client = text;
    if (same_name(name, "host")) out.host = text;
    if (same_name(name, "proto")) out.proto = text;
  }
  return out;
}

std::string_view first_of_list(std::string_view list) {
  return strip_blanks(list.substr(0, list.find(',')));
}

std::string_view node_address(std::string_view node) {
  node = unquote(node);
  if (node.starts_with('_') || same_name(node, "unknown")) return {};
  const size_t colon = node.find(':');
  const bool bare_v6 = !node.starts_with('[') && colon != std::string_view::npos &&
                       node.find(':', colon + 1) != std::string_view::npos;
  return bare_v6 ? node : split_authority(node).host;
}

}  // namespace weft::http_semantics
