// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/redis/redact.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "probes/protocol/redis/command.h"
#include "probes/protocol/redis/resp.h"
#include "probes/protocol/redis/statement.h"

namespace weft::protocol::redis {
namespace {

// Words that a session needs in addition to the names of commands.
constexpr std::array<std::string_view, 12> kWords = {
    "OK",       "QUEUED",       "PONG",         "MESSAGE", "PMESSAGE", "SMESSAGE",
    "CONTINUE", "SUNSUBSCRIBE", "PUNSUBSCRIBE", "REPLY",   "SKIP",     "INVALIDATE"};
constexpr std::array<std::string_view, 16> kErrors = {
    "ERR",  "WRONGTYPE", "MOVED",    "ASK",      "NOAUTH",    "WRONGPASS",   "NOPERM",   "LOADING",
    "BUSY", "OOM",       "NOSCRIPT", "READONLY", "EXECABORT", "CLUSTERDOWN", "TRYAGAIN", "MISCONF"};

void overwrite(std::span<char> bytes) {
  for (char& c : bytes) {
    if (c != '\r' && c != '\n') c = 'x';
  }
}

// Zero stays zero: a count of channels ends a subscription.
void overwrite_number(std::span<char> digits) {
  for (char& c : digits) {
    if (c >= '1' && c <= '9') c = '1';
  }
}

std::string_view view(std::span<char> bytes) {
  return {bytes.data(), bytes.size()};
}

bool is_kept(std::string_view text) {
  if (!is_name(text)) return false;
  const std::string word = upper(text);
  return find_command(word) || std::ranges::find(kWords, word) != kWords.end();
}

// Words and small numbers with a meaning in the protocol.
bool is_kept_after(std::string_view command, std::string_view text) {
  if (command == "SELECT" || command == "HELLO")
    return text.size() <= 2 && text.find_first_not_of("0123456789") == std::string_view::npos;
  if (command != "CLIENT" || text.size() > kMaxName) return false;
  const std::string word = upper(text);
  return word == "REPLY" || word == "ON" || word == "OFF" || word == "SKIP";
}

// Bytes of an error line that are kept: a session recognises names that the server does not know.
size_t shown_error(std::string_view line, std::string_view word) {
  static constexpr std::string_view kUnknown = "-ERR unknown command";
  return line.starts_with(kUnknown) ? kUnknown.size() : word.size() + 2;
}

// Walks the payload line by line.
class Walk {
 public:
  explicit Walk(std::span<char> payload) : rest_(payload) {}

  void run() {
    while (!rest_.empty()) {
      const size_t end = view(rest_).find('\n');
      line(take(end == std::string_view::npos ? rest_.size() : end + 1));
    }
  }

 private:
  std::span<char> take(size_t n) {
    const std::span<char> front = rest_.first(std::min(n, rest_.size()));
    rest_ = rest_.subspan(front.size());
    return front;
  }

  void line(std::span<char> line) {
    const std::string_view text = view(line);
    static constexpr std::string_view kCounted = "*~>%|$=!;";
    if (kCounted.find(text[0]) != std::string_view::npos) {
      const std::optional<Header> header = read_header(text);
      if (header && header->size > 0) return counted(*header);
      // The record's end may truncate a header.
      if (header && rest_.empty()) return;
    }
    const std::string_view word = text.substr(1, text.find_first_of(" \r\n") - 1);
    switch (text[0]) {
      case '_':
      case '#':
        if (text.size() > 4) overwrite(line);
        return;
      case ',':
      case '(':
        return overwrite(line.subspan(1));
      case ':':
        if (text.find_first_not_of("-0123456789\r\n", 1) != std::string_view::npos) break;
        return overwrite_number(line.subspan(1));
      case '-':
        if (std::ranges::find(kErrors, word) == kErrors.end()) return overwrite(line.subspan(1));
        return overwrite(line.subspan(std::min(shown_error(text, word), line.size())));
      case '+':
        if (!is_kept(word)) return overwrite(line.subspan(1));
        return overwrite(line.subspan(std::min(word.size() + 2, line.size())));
      default:
        break;
    }
    plain(line);
  }

  // An inline command, or the rest of a header or of a bulk.
  void plain(std::span<char> line) {
    const std::string_view text = view(line);
    if (cut_header(text)) return;
    size_t at = text.find_first_of(" \r\n");
    const std::string_view name = text.substr(0, at);
    if (!is_kept(name)) return overwrite(line);
    command_ = upper(name);
    while (at < text.size()) {
      const size_t begin = std::min(at + 1, text.size());
      at = std::min(text.find_first_of(" \r\n", begin), text.size());
      const std::string_view word = text.substr(begin, at - begin);
      if (!is_kept_after(command_, word)) overwrite(line.subspan(begin, word.size()));
    }
  }

  // The rest of a header truncated after its "$": as many bytes follow, and a line end.
  bool cut_header(std::string_view digits) {
    size_t length = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
    if (error != std::errc() || digits.substr(static_cast<size_t>(end - digits.data())) != "\r\n")
      return false;
    if (length >= rest_.size() || view(rest_).substr(length, 2) != "\r\n") return false;
    fill(take(length));
    return true;
  }

  void counted(const Header& header) {
    static constexpr std::string_view kAggregates = "*~>%|";
    if (kAggregates.find(header.type) != std::string_view::npos) {
      first_ = true;
      command_.clear();
      return;
    }
    if (header.count < 0 || header.streamed) return;
    const std::span<char> body = take(static_cast<size_t>(header.count));
    bulk(header.type, body);
    first_ = false;
  }

  void bulk(char type, std::span<char> body) {
    const std::string_view text = view(body);
    if (type == '!') {
      const std::string_view word = text.substr(0, text.find(' '));
      const bool known = std::ranges::find(kErrors, word) != kErrors.end();
      return fill(known ? body.subspan(std::min(word.size() + 1, body.size())) : body);
    }
    if (first_ && is_kept(text)) {
      command_ = upper(text);
      return;
    }
    if (!is_kept_after(command_, text)) fill(body);
  }

  // Its length is known, so line ends within it are data.
  static void fill(std::span<char> body) { std::ranges::fill(body, 'x'); }

  std::span<char> rest_;
  std::string command_;  // whose arguments these are
  bool first_ = false;   // the next bulk is the first of an array
};

}  // namespace

void redact(std::span<char> payload) {
  Walk(payload).run();
}

}  // namespace weft::protocol::redis
