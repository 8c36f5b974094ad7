// SPDX-License-Identifier: Apache-2.0
#include "agent/base/secret_name.h"

#include <algorithm>
#include <array>
#include <string>

namespace weft {
namespace {

constexpr std::array<std::string_view, 11> kWords{"auth",       "cookie",  "token",    "secret",
                                                  "passw",      "key",     "cert",     "jwt",
                                                  "credential", "session", "signature"};
// An id that a client gives an operation in order to find it again; not a secret.
constexpr std::string_view kHarmless = "idempotency-key";

}  // namespace

bool may_be_secret(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return lower != kHarmless && std::ranges::any_of(kWords, [&](std::string_view word) {
           return lower.find(word) != std::string::npos;
         });
}

std::string without_credentials(const std::string& url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  const size_t start = scheme + 3;
  const size_t at = url.rfind('@', url.find('/', start));
  return at == std::string::npos || at < start ? url
                                               : url.substr(0, start) + "***" + url.substr(at);
}

}  // namespace weft
