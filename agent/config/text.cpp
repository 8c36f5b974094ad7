// SPDX-License-Identifier: Apache-2.0
#include "agent/config/text.h"

#include <algorithm>
#include <cmath>

#include "agent/base/secret_name.h"
#include "agent/base/utf8.h"

namespace weft {
namespace {

char lower_char(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = lower_char(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return out;
}

void put(Pairs& pairs, std::string key, std::string value) {
  for (auto& [known, old] : pairs) {
    if (known == key) {
      old = std::move(value);
      return;
    }
  }
  pairs.emplace_back(std::move(key), std::move(value));
}

// Splits the list into decoded pairs; `check` returns what is wrong with a pair, or nothing.
template <class Check>
Result<Pairs> parse_pairs(std::string_view text, bool decode_key, Check check) {
  Pairs out;
  size_t position = 0;
  for (const std::string& member : split_list(text)) {
    ++position;
    const auto bad = [&](std::string_view why) {
      return fail(ExitCode::kConfig, "entry " + std::to_string(position) + " " + std::string(why));
    };
    const size_t equals = member.find('=');
    if (equals == std::string::npos) return bad("has no '='");
    const std::string_view raw_key = trim(std::string_view(member).substr(0, equals));
    if (raw_key.empty()) return bad("has no name before '='");
    auto key = decode_key ? percent_decode(raw_key) : std::string(raw_key);
    auto value = percent_decode(trim(std::string_view(member).substr(equals + 1)));
    if (!key || !value) return bad("has a '%' that is not followed by two hex digits");
    if (const std::string_view why = check(*key, *value); !why.empty()) return bad(why);
    put(out, std::move(*key), std::move(*value));
  }
  return out;
}

// Optimal string alignment distance: insertions, deletions, substitutions, swaps.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower_char(a[i - 1]) == lower_char(b[j - 1]);
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        now[j] = std::min(now[j], before[j - 2] + 1);
      }
    }
    std::swap(before, last);
    std::swap(last, now);
  }
  return last[b.size()];
}

}  // namespace

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower_char);
  return out;
}

std::vector<std::string> split_list(std::string_view text, char separator) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    if (const std::string_view part = trim(text.substr(0, end)); !part.empty()) {
      out.emplace_back(part);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

bool valid_utf8(std::string_view text) {
  return to_utf8(text) == text;
}

std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<uint8_t>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text;
}

std::string shown(std::string_view given) {
  constexpr size_t kMost = 80;
  const std::string text = without_credentials(std::string(given));
  size_t cut = std::min(text.size(), kMost);
  while (cut > 0 && cut < text.size() && (static_cast<uint8_t>(text[cut]) & 0xc0) == 0x80) --cut;
  const std::string out = one_line(to_utf8(std::string_view(text).substr(0, cut)));
  return "\"" + out + (cut < text.size() ? "…\"" : "\"");
}

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<double> parse_share(std::string_view text) {
  const bool percent = text.ends_with('%');
  if (percent) text.remove_suffix(1);
  auto value = parse_number(text);
  if (value && percent) *value /= 100;
  return value && *value >= 0 && *value <= 1 ? value : std::nullopt;
}

std::optional<std::pair<std::string, uint16_t>> parse_host_port(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_integer<uint16_t>(text.substr(colon + 1));
  std::string_view host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find_first_of(":[]") != std::string_view::npos) {
    return std::nullopt;
  }
  if (!port || *port == 0 || host.empty()) return std::nullopt;
  return std::pair{std::string(host), *port};
}

bool is_header_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (lower_char(c) >= 'a' && lower_char(c) <= 'z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool is_header_value(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char c) {
    return (static_cast<uint8_t>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
}

Result<Pairs> parse_resource_attributes(std::string_view text) {
  return parse_pairs(text, true, [](const std::string& key, const std::string& value) {
    return valid_utf8(key) && valid_utf8(value) ? "" : "is not UTF-8 after decoding";
  });
}

Result<Pairs> parse_headers(std::string_view text) {
  return parse_pairs(text, false, [](const std::string& key, const std::string& value) {
    if (!is_header_name(key)) return "has a name that is not an HTTP token";
    return is_header_value(value) ? "" : "has a control character in its value";
  });
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  constexpr size_t kLongest = 64;  // no key is longer; bounds the quadratic work
  if (word.size() > kLongest) return {};
  std::string_view best;
  size_t best_distance = 1 + std::clamp<size_t>(word.size() / 3, 1, 2);
  for (const std::string_view candidate : candidates) {
    const size_t d = distance(word, candidate);
    if (d < best_distance) {
      best_distance = d;
      best = candidate;
    }
  }
  return best;
}

std::string suggestion(std::string_view word, std::span<const std::string_view> candidates) {
  if (const auto near = nearest(word, candidates); !near.empty()) {
    return ", did you mean \"" + std::string(near) + "\"?";
  }
  std::string out;
  for (const std::string_view candidate : candidates) {
    out += (out.empty() ? ", expected one of " : ", ") + std::string(candidate);
  }
  return out;
}

}  // namespace weft
