// SPDX-License-Identifier: Apache-2.0
#include "agent/http_semantics/side.h"

#include "agent/base/secret_name.h"
#include "agent/base/utf8.h"
#include "agent/http_semantics/url.h"

namespace weft::http_semantics {
namespace {

std::string shown_value(const std::string& name, std::string_view value,
                        const CaptureOptions& options) {
  if (may_be_secret(name)) return "REDACTED";
  return to_utf8(redact_url(value, &options.sensitive_query_keys));
}

}  // namespace

Side::Side(const SessionOptions& options)
    : role(options.role),
      encrypted(options.encrypted),
      local_port(options.local_port),
      remote_port(options.remote_port),
      remote_address(options.remote_address),
      capture(options.capture) {}

// Sizes first: most fields are not wanted.
void CapturedHeaders::keep(const Field& field, const std::vector<std::string>& wanted,
                           const CaptureOptions& options) {
  for (const std::string& name : wanted) {
    if (name.size() != field.name.size() || !same_name(field.name, name)) continue;
    return add(name, shown_value(name, field.value, options));
  }
}

void CapturedHeaders::add(const std::string& name, std::string value) {
  for (auto& [known, values] : headers_) {
    if (known == name) return values.push_back(std::move(value));
  }
  headers_.push_back({name, {std::move(value)}});
}

void CapturedHeaders::move_to(Attributes& attributes, std::string_view prefix) {
  for (auto& [name, values] : headers_) {
    attributes.set(Key::intern(std::string(prefix) + name), Value(std::move(values)));
  }
  headers_.clear();
}

}  // namespace weft::http_semantics
