// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/memcached/redact.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "probes/protocol/memcached/command.h"
#include "probes/protocol/memcached/reply.h"

namespace weft::protocol::memcached {
namespace {

constexpr size_t kMaxOpaque = 8;  // digits of a counter

std::string_view view(std::span<char> bytes) {
  return {bytes.data(), bytes.size()};
}

void fill(std::span<char> bytes) {
  std::ranges::fill(bytes, 'x');
}

// Line ends and blanks stay, for they may be framing.
void overwrite(std::span<char> bytes) {
  for (char& c : bytes) {
    if (c != '\r' && c != '\n' && c != ' ') c = 'x';
  }
}

void overwrite_number(std::span<char> digits) {
  for (char& c : digits) {
    if (c >= '1' && c <= '9') c = '1';
  }
}

void overwrite_word(std::span<char> word) {
  if (is_number(view(word))) return overwrite_number(word);
  if (view(word) != "noreply") fill(word);
}

void overwrite_flag(std::span<char> word) {
  const std::span<char> token = word.subspan(1);
  if (word[0] == 'O' && token.size() <= kMaxOpaque && is_number(view(token))) return;
  const bool is_letter = (word[0] | 0x20) >= 'a' && (word[0] | 0x20) <= 'z';
  if (!is_letter) return fill(word);
  if (is_number(view(token))) return overwrite_number(token);
  fill(token);
}

// The words of one line, to be overwritten where they stand.
class Words {
 public:
  explicit Words(std::span<char> line) : rest_(line) {}

  std::span<char> next() {
    std::string_view text = view(rest_);
    const std::string_view word = next_word(text);
    const std::span<char> out =
        rest_.subspan(static_cast<size_t>(word.data() - rest_.data()), word.size());
    rest_ = rest_.last(text.size());
    return out;
  }

 private:
  std::span<char> rest_;
};

// What stands at which place of a line: k key, n number, s size of data, f flags from here on.
std::string_view places(Kind kind) {
  switch (kind) {
    case Kind::kStore:
    case Kind::kCas:
      return "knns";
    case Kind::kMetaSet:
      return "ksf";
    case Kind::kMetaGet:
    case Kind::kMetaDelete:
    case Kind::kMetaCount:
    case Kind::kMetaDebug:
      return "kf";
    default:
      return "";
  }
}

std::string_view places(Answer answer) {
  if (answer == Answer::kValue) return "knsn";
  if (answer == Answer::kVa) return "sf";
  return answer >= Answer::kHd && answer <= Answer::kNf ? "f" : "";
}

void overwrite_words(Words words, std::string_view places) {
  for (std::span<char> word = words.next(); !word.empty(); word = words.next()) {
    const char place = places.empty() ? 'w' : places[0];
    if (place == 'f') {
      overwrite_flag(word);
    } else if (place == 'k' || (place == 's' && !read_size(view(word)))) {
      fill(word);
    } else if (place != 's') {
      overwrite_word(word);
    }
    if (!places.empty() && place != 'f') places.remove_prefix(1);
  }
}

bool is_kept(std::string_view word) {
  return word == "metadump" || word == "mgdump" || word == "hash";
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

  void line(std::span<char> whole) {
    const size_t size = std::min(view(whole).find_first_of("\r\n"), whole.size());
    const std::span<char> text = whole.first(size);
    std::string_view rest = view(text);
    const std::string_view first = next_word(rest);
    Words words(text.last(rest.size()));
    std::optional<uint64_t> block;
    if (const Command* command = find_command(first)) {
      block = read_request(view(text)).block;
      command_line(words, *command);
    } else if (const Reply reply = read(view(text)); reply.answer() != Answer::kNone) {
      block = reply.block();
      answer_line(text, words, reply);
    } else {
      overwrite(text);
    }
    if (block) fill(take(*block));
  }

  // As if it were a whole line: a record may end within it.
  static Reply read(std::string_view text) {
    Reply reply;
    reply.first_line(text);
    return reply;
  }

  static void command_line(Words words, const Command& command) {
    if (command.kind != Kind::kAdmin) return overwrite_words(words, places(command.kind));
    Words first = words;
    if (is_kept(view(first.next()))) words = first;
    overwrite_words(words, "");
  }

  static void answer_line(std::span<char> text, Words words, const Reply& reply) {
    static constexpr std::string_view kKey = "key=";
    if (reply.answer() == Answer::kNumber) return overwrite_number(text);
    if (view(text).starts_with(kKey)) return overwrite(text.subspan(kKey.size()));
    overwrite_words(words, places(reply.answer()));
  }

  std::span<char> rest_;
};

}  // namespace

void redact(std::span<char> payload) {
  Walk(payload).run();
}

}  // namespace weft::protocol::memcached
