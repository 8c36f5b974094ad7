// SPDX-License-Identifier: Apache-2.0
// The request direction of RedisSession: arrays of bulks, or lines of words.
//
//   *3 CRLF  $3 CRLF SET CRLF  $3 CRLF key CRLF  $5 CRLF value CRLF
#include <algorithm>
#include <array>
#include <utility>

#include "probes/protocol/redis/session.h"

namespace weft::protocol::redis {
namespace {

const Command* look_up(std::string_view name) {
  if (name.size() > kMaxName) return nullptr;
  std::array<char, kMaxName> upper;  // NOLINT: written as far as it is read
  std::ranges::transform(name, upper.begin(), to_upper);
  return find_command({upper.data(), name.size()});
}

// Removes the next word from a line; quotes are dropped.
std::string_view next_word(std::string_view& line) {
  const size_t begin = std::min(line.find_first_not_of(" \t\r\n"), line.size());
  line.remove_prefix(begin);
  if (line.empty()) return {};
  const bool quoted = line[0] == '"' || line[0] == '\'';
  const size_t from = quoted ? 1 : 0;
  const size_t end =
      std::min(quoted ? line.find(line[0], 1) : line.find_first_of(" \t\r\n"), line.size());
  const std::string_view word = line.substr(from, end - from);
  line.remove_prefix(std::min(end + from, line.size()));
  return word;
}

}  // namespace

Progress RedisSession::request(const Chunk& chunk, size_t at, ExchangeSink& sink) {
  const std::string_view rest = chunk.bytes().substr(at);
  Progress step;
  if (!bulk_.done()) {
    step = bulk_.read(rest);
    if (step.status == ParseStatus::kOk && bulk_.done() && arguments_left_ == 0)
      step.status = complete(chunk.stamp(at + step.consumed - 1), sink);
  } else if (arguments_left_ > 0) {
    step = argument(rest);
  } else if (rest[0] == '\r' || rest[0] == '\n') {
    step.consumed = 1;  // an empty line is no command
  } else {
    step = rest[0] == '*' ? array(chunk, at, sink) : inline_command(chunk, at, sink);
  }
  if (step.status == ParseStatus::kLost)
    step.status = lose_requests(chunk.stamp(at).exchange_id, sink);
  return step;
}

Progress RedisSession::array(const Chunk& chunk, size_t at, ExchangeSink& sink) {
  const std::string_view rest = chunk.bytes().substr(at);
  const std::optional<Header> outer = read_header(rest);
  if (!outer || outer->streamed) return {0, ParseStatus::kLost};
  if (outer->size == 0) return {0, ParseStatus::kNeedMore};
  if (outer->count <= 0) return {outer->size, ParseStatus::kOk};  // ignored by the server
  const std::string_view inner = rest.substr(outer->size);
  if (inner.empty()) return {0, ParseStatus::kNeedMore};
  const std::optional<Header> name = inner[0] == '$' ? read_header(inner) : std::nullopt;
  if (!name || name->streamed) return {0, ParseStatus::kLost};
  if (name->size == 0) return {0, ParseStatus::kNeedMore};
  if (name->count < 1 || name->count > static_cast<int64_t>(kMaxName))
    return {0, ParseStatus::kLost};
  const std::string_view text =
      inner.substr(name->size).substr(0, static_cast<size_t>(name->count));
  if (text.size() < static_cast<size_t>(name->count)) return {0, ParseStatus::kNeedMore};
  begin(text, chunk, at, sink);
  arrays_ = true;
  arguments_left_ = static_cast<uint64_t>(outer->count) - 1;
  bulk_.begin(name->count);
  return {outer->size + name->size, ParseStatus::kOk};
}

Progress RedisSession::argument(std::string_view rest) {
  const std::optional<Header> header = rest[0] == '$' ? read_header(rest) : std::nullopt;
  if (!header || header->streamed) return {0, ParseStatus::kLost};
  if (header->size == 0) return {0, ParseStatus::kNeedMore};
  if (header->count < 0) return {0, ParseStatus::kLost};
  if (statement_.wants_next()) {
    const size_t needed =
        static_cast<size_t>(std::min<int64_t>(header->count, int64_t{Statement::kMaxArgument} + 1));
    const std::string_view text = rest.substr(header->size).substr(0, needed);
    if (text.size() < needed) return {0, ParseStatus::kNeedMore};
    statement_.shown(text);
  } else {
    statement_.hidden();
  }
  --arguments_left_;
  bulk_.begin(header->count);
  return {header->size, ParseStatus::kOk};
}

// Only known commands, and only where arrays came before, because any text is a line.
Progress RedisSession::inline_command(const Chunk& chunk, size_t at, ExchangeSink& sink) {
  if (!arrays_) return {0, ParseStatus::kLost};
  const std::string_view rest = chunk.bytes().substr(at);
  const size_t end = rest.substr(0, kMaxInline).find('\n');
  if (end == std::string_view::npos) {
    const std::string_view name = rest.substr(0, rest.find_first_of(" \r"));
    const bool hopeful = is_name(name) && rest.size() < kMaxInline;
    return {0, hopeful ? ParseStatus::kNeedMore : ParseStatus::kLost};
  }
  std::string_view line = rest.substr(0, end);
  const std::string_view name = next_word(line);
  if (!look_up(name)) return {0, ParseStatus::kLost};
  begin(name, chunk, at, sink);
  for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) {
    if (statement_.wants_next()) {
      statement_.shown(word);
    } else {
      statement_.hidden();
    }
  }
  return {end + 1, complete(chunk.stamp(at + end), sink)};
}

void RedisSession::begin(std::string_view name, const Chunk& chunk, size_t at, ExchangeSink& sink) {
  if (std::exchange(last_batch_, batch_) == batch_) {
    pipelined_ = true;
    want_head(kFirstHead);  // a hole would lose what follows it
  }
  current_.command = look_up(name);
  current_.handle = sink.begin({chunk.stamp(at), chunk.pos() + at, batch_});
  statement_.begin(current_.command, name);
}

ParseStatus RedisSession::complete(const Stamp& last, ExchangeSink& sink) {
  Pending command = std::exchange(current_, {});
  command.exchange_id = last.exchange_id;
  command.text = statement_.take();
  const Special special = command.special();
  command.confirmations = statement_.arguments();
  // Any reply within EXEC's may be an error.
  if (special == Special::kMulti) want_head(kFirstHead);
  const ExchangeHandle handle = command.handle;
  sink.head(handle, std::nullopt);
  if (!is_answered(command)) {
    if (special == Special::kSelect) database_.clear();
    end(command, last.time, nullptr, "", sink);
    return ParseStatus::kOk;
  }
  if (pending_.push(std::move(command)) != 0) return ParseStatus::kOk;
  sink.abandon(handle);
  const bool regular =
      special == Special::kNone || special == Special::kPing || special == Special::kMulti;
  return regular ? ParseStatus::kOk : give_up(ParseStatus::kHopeless, sink);
}

bool RedisSession::is_answered(const Pending& command) {
  const bool is_client = command.special() == Special::kClient;
  if (command.special() == Special::kReset) mute_ = Mute::kNone;
  if (is_client && command.text == "CLIENT REPLY ON") mute_ = Mute::kNone;
  if (is_client && command.text == "CLIENT REPLY OFF") mute_ = Mute::kAll;
  if (mute_ == Mute::kAll) return false;
  if (is_client && command.text == "CLIENT REPLY SKIP") {
    mute_ = Mute::kNext;
    return false;
  }
  return std::exchange(mute_, Mute::kNone) == Mute::kNone;
}

Progress RedisSession::request_gap(uint64_t n, const Stamp& stamp, ExchangeSink& sink) {
  const uint64_t taken = bulk_.skip(n);
  if (taken > 0 && bulk_.done() && arguments_left_ == 0) {
    const ParseStatus status = complete(stamp, sink);
    if (status != ParseStatus::kOk) return {taken, status};
  }
  if (taken == n) return {n, ParseStatus::kOk};
  return {taken, lose_requests(stamp.exchange_id, sink)};
}

// Commands after this are not known. Replies to those before it still come in order.
ParseStatus RedisSession::lose_requests(uint64_t exchange_id, ExchangeSink& sink) {
  doubt(exchange_id);
  forget_unfinished(sink);
  return overlapped_ ? give_up(ParseStatus::kHopeless, sink) : ParseStatus::kLost;
}

}  // namespace weft::protocol::redis
