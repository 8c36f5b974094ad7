// SPDX-License-Identifier: Apache-2.0
#include "agent/http/answer.h"

#include <algorithm>
#include <ctime>

namespace weft::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr size_t kMaxMessage = 200;  // longest server text in our log

// One short printable line.
std::string for_log(std::string text) {
  if (text.size() > kMaxMessage) text.resize(kMaxMessage);
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return text;
}

std::optional<milliseconds> parse_date(std::string_view value, int64_t now) {
  const std::string text(value);
  for (const char* format :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"}) {
    std::tm tm{};
    const char* end = strptime(text.c_str(), format, &tm);
    if (end && *end == '\0') return seconds(std::max<int64_t>(0, timegm(&tm) - now));
  }
  return std::nullopt;
}

// Statuses with which no backend answers at its own path.
bool is_no_backends(long status) {
  return status == 404 || status == 405 || status == 415 || status == 501 || status / 100 == 3;
}

}  // namespace

std::string with_text(const std::string& what, std::string text) {
  text = for_log(std::move(text));
  return text.empty() ? what : what + ": " + text;
}

std::optional<milliseconds> parse_retry_after(std::string_view value, int64_t now) {
  if (const auto number = whole_number<uint32_t>(value)) return seconds(*number);
  return parse_date(value, now);
}

std::string stranger(const HttpResponse& response, std::string_view expects) {
  const std::string name(response.header("server"));
  const std::string who = name.empty() ? "" : " (it calls itself " + for_log(name) + ")";
  return who + "; expected " + std::string(expects) + " there";
}

Delivery classify(const HttpResponse& response, std::string reason, int64_t now,
                  std::string_view expects) {
  const long status = response.status;
  const bool page = response.header("content-type").starts_with("text/html");
  if (status >= 200 && status < 300 && !page) return {};
  const bool passing = status == 429 || status == 502 || status == 503 || status == 504;
  Delivery delivery{.kind = passing ? Delivery::Kind::kRetry : Delivery::Kind::kRefused};
  if (passing) delivery.retry_after = parse_retry_after(response.header("retry-after"), now);
  const std::string what = "server answered HTTP " + std::to_string(status);
  delivery.message = page ? what + " with a web page" : with_text(what, std::move(reason));
  if (status == 401 || status == 403) delivery.message += "; expected credentials it accepts";
  if (!passing && (page || is_no_backends(status))) delivery.message += stranger(response, expects);
  return delivery;
}

}  // namespace weft::http
