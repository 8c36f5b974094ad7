// SPDX-License-Identifier: Apache-2.0
// The request direction of MemcachedSession: lines, and data behind some of them.
#include <algorithm>
#include <string>
#include <utility>

#include "probes/protocol/memcached/session.h"
#include "probes/protocol/memcached/statement.h"

namespace weft::protocol::memcached {
namespace {

bool is_printable(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != 0x7f; });
}

// May a command's line begin so? A session that lost its way starts again at the next direction
// change.
bool is_hopeful(std::string_view bytes, size_t most) {
  const std::string_view text = bytes.substr(0, bytes.find('\r'));
  return bytes.size() < most && text.size() + 1 >= bytes.size() && is_printable(text);
}

}  // namespace

Progress MemcachedSession::request(const Chunk& chunk, size_t at, ExchangeSink& sink) {
  Progress step;
  if (block_.done()) {
    step = line(chunk, at, sink);
  } else {
    step = block_.read(chunk.bytes().substr(at));
    if (step.status == ParseStatus::kOk && block_.done())
      complete(chunk.stamp(at + step.consumed - 1), sink);
  }
  if (step.status == ParseStatus::kLost)
    step.status = lose_requests(chunk.stamp(at).exchange_id, sink);
  return step;
}

// The server also accepts lines that end with LF alone. No client sends them; other protocols do.
Progress MemcachedSession::line(const Chunk& chunk, size_t at, ExchangeSink& sink) {
  const std::string_view rest = chunk.bytes().substr(at);
  const size_t size = line_size(rest, kMaxRequestLine);
  line_begun_ = size == 0;
  if (size == 0)
    return {0, is_hopeful(rest, kMaxRequestLine) ? ParseStatus::kNeedMore : ParseStatus::kLost};
  const std::string_view text = rest.substr(0, size - 1);
  if (!text.ends_with('\r') || !is_printable(text.substr(0, size - 2)))
    return {0, ParseStatus::kLost};
  if (!proven_ && !starts_message(Direction::kRequest, rest)) return {0, ParseStatus::kLost};
  const ParseStatus status = begin(text.substr(0, size - 2), chunk, at, size, sink);
  return {size, status};
}

ParseStatus MemcachedSession::begin(std::string_view line, const Chunk& chunk, size_t at,
                                    size_t size, ExchangeSink& sink) {
  const Request request = read_request(line);
  const bool has_data = request.block.has_value();
  Pending command;
  command.handle = sink.begin({chunk.stamp(at), chunk.pos() + at, batch_});
  sink.head(command.handle, std::nullopt);
  command.exchange_id = chunk.stamp(at).exchange_id;
  command.command = request.command;
  command.optional = request.silent || request.quiet;
  count_in_batch(command.optional);
  const bool is_noop = request.command && request.command->kind == Kind::kMetaNoop;
  if (!is_noop) command.answers = kErrors;
  if (request.command && !request.wrong && !request.silent)
    command.answers |= request.command->answers;
  command.opaque = request.opaque;
  command.key = request.key;
  if (request.command) command.text = statement(line, *request.command);
  const bool has_room = make_room(sink);
  if (!has_room) abandon(command, sink);
  if (!has_room) return ParseStatus::kLost;
  command.whole = !has_data;
  proven_ = proven_ || request.silent;
  pending_.push(std::move(command));
  reading_ = true;
  if (has_data) block_.begin(*request.block);
  if (!has_data) complete(chunk.stamp(at + size - 1), sink);
  return ParseStatus::kOk;
}

// Quiet commands followed by the one that the client waits for are not a pipeline.
void MemcachedSession::count_in_batch(bool optional) {
  const bool is_first = batch_ != last_batch_;
  if (!is_first) want_head(kFirstHead);  // a hole costs what follows it
  if (is_first) awaited_ = 0;
  last_batch_ = batch_;
  if (!optional && ++awaited_ > 1) pipelined_ = true;
}

// Commands without an answer stay until a later one is answered. If none ever is, the oldest is
// removed.
bool MemcachedSession::make_room(ExchangeSink& sink) {
  if (!pending_.full()) return true;
  if (!pending_.front().optional || asked_) return false;
  end(pending_.front(), pending_.front().time, "", true, sink);
  pending_.pop();
  return true;
}

// The last byte of the newest command was read, or of data that belongs to no command any more.
void MemcachedSession::complete(const Stamp& last, ExchangeSink& sink) {
  if (!std::exchange(reading_, false)) return;
  Pending& command = pending_.back();
  proven_ = proven_ || !command.whole;
  command.whole = true;
  command.exchange_id = last.exchange_id;
  command.time = last.time;
  end_unanswered(sink);
}

// The newest command, if it asked for no answer.
void MemcachedSession::end_unanswered(ExchangeSink& sink) {
  Pending& command = pending_.back();
  const bool quits = command.command && command.command->kind == Kind::kQuit;
  if (!quits && (command.answers & ~kErrors || !command.optional)) return;
  if (quits) command.optional = true;
  if (!proven_) return abandon(command, sink);
  end(command, command.time, "", false, sink);
}

Progress MemcachedSession::request_gap(uint64_t n, const Stamp& stamp, ExchangeSink& sink) {
  const uint64_t taken = block_.skip(n);
  if (taken > 0 && block_.done()) complete(stamp, sink);
  if (taken == n) return {n, ParseStatus::kOk};
  return {taken, lose_requests(stamp.exchange_id, sink)};
}

// Commands after this are not known. Those before it are still answered in order.
ParseStatus MemcachedSession::lose_requests(uint64_t exchange_id, ExchangeSink& sink) {
  doubt(exchange_id);
  forget_unfinished(sink);
  line_begun_ = false;
  return overlapped_ ? give_up(ParseStatus::kHopeless, sink) : ParseStatus::kLost;
}

}  // namespace weft::protocol::memcached
