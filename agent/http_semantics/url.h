// SPDX-License-Identifier: Apache-2.0
// Request targets, authorities and the Forwarded header (RFC 3986, 9112 §3.2, 7239), and their
// redaction. Views point into the argument.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weft::http_semantics {

//   origin     /path?query
//   absolute   scheme://authority/path?query
//   authority  host:port           (CONNECT)
//   asterisk   *
struct Target {
  std::string_view scheme;     // absolute only
  std::string_view authority;  // absolute and authority forms, credentials removed
  bool credentials = false;    // the authority had some
  std::string_view path;       // "*" for the asterisk; empty for an authority
  std::string_view query;      // without "?"
};
Target split_target(std::string_view target, bool connect);

struct Authority {
  std::string_view host;  // without brackets; empty: malformed
  std::optional<uint16_t> port;
};
Authority split_authority(std::string_view text);

// Values of the given keys become REDACTED. Keys match case-sensitively, after
// percent-decoding. null: the specification's list.
std::string redact_query(std::string_view query, const std::vector<std::string>* keys);

// The same for a whole URL, or for text that is no URL; user and password become
// REDACTED:REDACTED.
std::string redact_url(std::string_view url, const std::vector<std::string>* keys);

// Percent-encodes bytes beyond ASCII: a valid URL without loss.
std::string url_text(std::string_view raw);

// First element of a Forwarded header; parameters without quotes, empty when absent.
struct Forwarded {
  std::string_view client;  // for=
  std::string_view host;
  std::string_view proto;
};
Forwarded parse_forwarded(std::string_view value);
// First member of a comma-separated list.
std::string_view first_of_list(std::string_view list);
// The address of a for= or X-Forwarded-For node: no port, brackets or quotes. Empty when
// it is unknown or hidden behind a name (RFC 7239 §6).
std::string_view node_address(std::string_view node);

}  // namespace weft::http_semantics
