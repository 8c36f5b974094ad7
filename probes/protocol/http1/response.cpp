// SPDX-License-Identifier: Apache-2.0
// The response direction of Http1Session.
#include "probes/protocol/http1/session.h"

namespace weft::protocol::http1 {

Progress Http1Session::response_start(const Chunk& chunk, size_t at, ExchangeSink& sink) {
  const std::string_view rest = chunk.bytes().substr(at);
  if (is_line_end(rest[0])) return {1, Verdict::kOk};
  const Line line = next_line(rest);
  if (line.consumed == 0 && rest.size() <= kMaxHead && may_start(Direction::kResponse, rest)) {
    return {0, Verdict::kNeedMore};
  }
  const std::optional<StatusLine> parsed = parse_status_line(line.text);
  if (!parsed || line.consumed > kMaxHead) return {0, lose_responses(sink)};
  match(chunk.stamp(at), sink);
  answer_ = std::make_unique<ResponseFacts>();
  answer_->line = *parsed;
  answer_->unasked = pending_.empty();
  response_.stage = Stage::kFields;
  response_.head_size = static_cast<uint32_t>(line.consumed);
  return {line.consumed, Verdict::kOk};
}

// After something was missed, the oldest request may not be the one that is answered.
void Http1Session::match(const Stamp& stamp, ExchangeSink& sink) {
  while (strict_ && pending_.front() && pending_.front()->xid != stamp.xid) abandon_front(sink);
}

Progress Http1Session::response_fields(const Chunk& chunk, size_t start, ExchangeSink& sink) {
  const std::string_view bytes = chunk.bytes();
  size_t at = start;
  std::string unfolded;
  while (at < bytes.size()) {
    const Line line = next_field_line(bytes.substr(at), unfolded);
    const size_t size = line.consumed ? line.consumed : bytes.size() - at;
    if (response_.head_size + size > kMaxHead) return {at - start, lose_responses(sink)};
    if (line.consumed == 0) return {at - start, Verdict::kNeedMore};
    response_.head_size += static_cast<uint32_t>(size);
    at += line.consumed;
    if (line.text.empty()) {
      return {at - start, response_complete(chunk.stamp(at - 1).time, sink)};
    }
    if (const auto field = parse_field(line.text)) answer_->field(*field, side_);
  }
  return {at - start, Verdict::kOk};
}

Verdict Http1Session::response_complete(uint64_t time, ExchangeSink& sink) {
  const int code = answer_->line.code;
  if (code < 200 && code != 101) {
    answer_.reset();
    response_.stage = Stage::kStart;
    return Verdict::kOk;
  }
  if (answer_->unasked && !pending_.empty()) return lose_responses(sink);
  Pending* request = pending_.front();
  // A request cut short may be refused; any other answer is not to it.
  if (request && !request->head_complete && code < 400) {
    abandon_front(sink);
    answer_->unasked = true;
    request = nullptr;
  }
  if (code == 101 || (request && request->is_connect && code < 300)) {
    if (request) finish(time, "", sink);
    return give_up(Verdict::kDone, sink);
  }
  response_.body = response_framing(request);
  response_.stage = Stage::kBody;
  if (response_.body.done()) finish(time, "", sink);
  return Verdict::kOk;
}

// RFC 9112 §6.3. A response to a request that was not seen may be one to HEAD.
Body Http1Session::response_framing(const Pending* request) const {
  const int code = answer_->line.code;
  const Framing& framing = answer_->framing;
  if (answer_->unasked) return Body::unframed();
  if ((request && request->is_head) || code == 204 || code == 304) return Body::none();
  if (framing.coded()) return framing.chunked() ? Body::chunked() : Body::until_close();
  if (framing.sized() && !framing.broken()) return Body::sized(framing.length());
  return Body::until_close();
}

Progress Http1Session::response_body(const Chunk& chunk, size_t at, ExchangeSink& sink) {
  const size_t consumed = response_.body.read(chunk.bytes().substr(at));
  if (response_.body.done()) {
    finish(chunk.stamp(at + consumed - 1).time, "", sink);
  } else if (response_.body.is_unframed() && pending_.owed() > 1) {
    return {consumed, lose_responses(sink)};
  }
  return {consumed, Verdict::kOk};
}

// Whose response the bytes here are, or were, is no longer known.
Verdict Http1Session::lose_responses(ExchangeSink& sink) {
  strict_ = true;
  response_ = {};
  answer_.reset();
  if (pipelined_) return give_up(Verdict::kHopeless, sink);
  abandon_all(sink);
  return Verdict::kLost;
}

}  // namespace weft::protocol::http1
