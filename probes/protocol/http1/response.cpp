// SPDX-License-Identifier: Apache-2.0
// The response direction of Http1Session.
#include "probes/protocol/http1/session.h"

namespace weft::protocol::http1 {

Progress Http1Session::response(const Chunk& chunk, size_t at, ExchangeSink& sink) {
  switch (response_.stage) {
    case Stage::kStart:
      return response_start(chunk, at, sink);
    case Stage::kFields:
      return response_fields(chunk, at, sink);
    case Stage::kBody:
      break;
  }
  return response_body(chunk, at, sink);
}

Progress Http1Session::response_start(const Chunk& chunk, size_t at, ExchangeSink& sink) {
  const std::string_view rest = chunk.bytes().substr(at);
  if (is_line_end(rest[0])) return {1, ParseStatus::kOk};
  const Line line = next_line(rest);
  if (line.consumed == 0 && rest.size() <= kMaxHead && may_start(Direction::kResponse, rest)) {
    return {0, ParseStatus::kNeedMore};
  }
  const std::optional<StatusLine> parsed = parse_status_line(line.text);
  if (!parsed || line.consumed > kMaxHead) return {0, lose_responses(0, sink)};
  settle_doubt(sink);
  match(chunk.stamp(at), sink);
  spoke_ = true;
  answer_ = std::make_unique<Answer>(*parsed);
  answer_->unasked = pending_.empty();
  response_.stage = Stage::kFields;
  response_.head_size = static_cast<uint32_t>(line.consumed);
  return {line.consumed, ParseStatus::kOk};
}

// After a loss, the oldest request may not be the one that is answered.
void Http1Session::match(const Stamp& stamp, ExchangeSink& sink) {
  while (strict_ && pending_.front() && pending_.front()->exchange_id != stamp.exchange_id)
    abandon_front(sink);
  if (const Pending* request = pending_.front();
      request && request->exchange_id != stamp.exchange_id) {
    pipelined_ = true;
  }
}

Progress Http1Session::response_fields(const Chunk& chunk, size_t start, ExchangeSink& sink) {
  const std::string_view bytes = chunk.bytes();
  size_t at = start;
  std::string unfolded;
  while (at < bytes.size()) {
    const Line line = next_field_line(bytes.substr(at), unfolded);
    const size_t size = line.consumed ? line.consumed : bytes.size() - at;
    const bool beyond = response_.head_size + size > kMaxHead;
    if (line.consumed == 0 && !beyond) return {at - start, ParseStatus::kNeedMore};
    if (!beyond) at += line.consumed;
    response_.head_size += static_cast<uint32_t>(size);
    if (beyond || line.text.empty()) {
      const size_t last = at == 0 ? 0 : at - 1;
      return {at - start, response_complete(chunk.stamp(last), beyond, sink)};
    }
    if (const auto field = parse_field(line.text)) {
      answer_->framing.field(*field);
      answer_->facts.field(*field, side_);
    }
  }
  return {at - start, ParseStatus::kOk};
}

// cut: the head is truncated, so the end of its body is not known.
ParseStatus Http1Session::response_complete(const Stamp& stamp, bool cut, ExchangeSink& sink) {
  const int code = answer_->line.code;
  if (code < 200 && code != 101) {
    if (cut) return lose_responses(stamp.exchange_id, sink);
    answer_.reset();
    response_.stage = Stage::kStart;
    return ParseStatus::kOk;
  }
  if (answer_->unasked && !pending_.empty()) return lose_responses(stamp.exchange_id, sink);
  if (answer_->unasked && opening_) refuse_opening(sink);
  Pending* request = pending_.front();
  // An incomplete request may be refused; any other response is not for it.
  if (request && (!request->head_complete || request->malformed) && code < 400) {
    abandon_front(sink);
    answer_->unasked = true;
    request = nullptr;
  }
  if (code == 101 || (request && request->is_connect && code < 300)) {
    if (request) finish(stamp.time, "", sink);
    return give_up(ParseStatus::kDone, sink);
  }
  response_.body = cut ? Body::unframed() : response_framing(request);
  response_.stage = Stage::kBody;
  if (response_.body.done()) finish(stamp.time, "", sink);
  if (cut && pending_.owed() > 1) return lose_responses(0, sink);
  return ParseStatus::kOk;
}

// A response to an incomplete request line. If it refuses the request, that is its end.
void Http1Session::refuse_opening(ExchangeSink& sink) {
  opening_->answered = true;
  if (answer_->line.code < 400 || strict_) return;
  const std::unique_ptr<Opening> opening = std::move(opening_);  // the line points into it
  begin(parse_cut_line(opening->text).value_or(RequestLine()), opening->start, sink);
  cut_request(sink);
  answer_->unasked = false;
}

// RFC 9112 §6.3. The response to an unseen request may be one to HEAD.
Body Http1Session::response_framing(const Pending* request) const {
  const int code = answer_->line.code;
  const BodyFraming& framing = answer_->framing;
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
    return {consumed, lose_responses(0, sink)};
  }
  return {consumed, ParseStatus::kOk};
}

Progress Http1Session::response_gap(uint64_t n, const Stamp& stamp, ExchangeSink& sink) {
  if (response_.stage == Stage::kFields) {
    want_head(kMaxHead);
    return {n, response_complete(stamp, true, sink)};
  }
  if (response_.stage == Stage::kStart) return {0, lose_responses(stamp.exchange_id, sink)};
  const uint64_t consumed = response_.body.skip(n);
  if (response_.body.done()) {
    finish(stamp.time, "", sink);
  } else if (!response_.body.is_unframed() || pending_.owed() <= 1) {
    return {n, ParseStatus::kOk};
  }
  return consumed == n && response_.stage == Stage::kStart
             ? Progress{n, ParseStatus::kOk}
             : Progress{consumed, lose_responses(stamp.exchange_id, sink)};
}

// It is no longer known which request these bytes answer. The status of the response in progress
// is known, so its exchange is reported. exchange_id: the exchange in which the loss shows; its
// response may come next. 0: it does not.
ParseStatus Http1Session::lose_responses(uint64_t exchange_id, ExchangeSink& sink) {
  if (answer_ && response_.stage == Stage::kBody) finish(last_response_, "", sink);
  strict_ = true;
  response_ = {};
  answer_.reset();
  if (pipelined_) return give_up(ParseStatus::kHopeless, sink);
  while (!pending_.empty() && !(pending_.front() && pending_.front()->exchange_id == exchange_id)) {
    abandon_front(sink);
  }
  pending_.each([](Pending& request) { request.missed = true; });
  return ParseStatus::kLost;
}

}  // namespace weft::protocol::http1
