// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "agent/config/load/node.h"

namespace weft {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

size_t name_length(std::string_view text) {
  size_t n = 0;
  while (n < text.size() && (is_letter(text[n]) || (n > 0 && is_digit(text[n])))) ++n;
  return n;
}

// The value of the text between "${" and "}"; none: not a valid reference.
std::optional<std::string> resolve(std::string_view inside, const Environment& environment) {
  constexpr std::string_view kPrefix = "env:";
  if (inside.starts_with(kPrefix)) inside.remove_prefix(kPrefix.size());
  const size_t length = name_length(inside);
  if (length == 0) return std::nullopt;
  const std::string_view value = lookup(environment, inside.substr(0, length));
  const std::string_view rest = inside.substr(length);
  if (rest.empty()) return std::string(value);
  if (!rest.starts_with(":-")) return std::nullopt;
  return std::string(value.empty() ? rest.substr(2) : value);
}

// Text without "$$": the specification looks for references between escapes only.
Status append_resolved(std::string_view text, const Environment& environment, std::string& out) {
  while (!text.empty()) {
    const size_t open = text.find("${");
    const size_t close = open == std::string_view::npos ? open : text.find('}', open);
    if (close == std::string_view::npos) break;
    out += text.substr(0, open);
    const auto value = resolve(text.substr(open + 2, close - open - 2), environment);
    if (!value) {
      return fail(ExitCode::kConfig,
                  "found the reference \"" + std::string(text.substr(open, close - open + 1)) +
                      "\", expected ${NAME}, ${env:NAME} or ${NAME:-default} ($$ for a plain $)");
    }
    out += *value;
    text.remove_prefix(close + 1);
  }
  out += text;
  return {};
}

}  // namespace

Result<std::string> substitute(std::string_view text, const Environment& environment) {
  std::string out;
  for (;;) {
    const size_t escape = text.find("$$");
    const std::string_view segment = text.substr(0, std::min(escape, text.size()));
    if (auto status = append_resolved(segment, environment, out); !status) {
      return std::unexpected(status.error());
    }
    if (escape == std::string_view::npos) return out;
    out += '$';
    text.remove_prefix(escape + 2);
  }
}

}  // namespace weft
