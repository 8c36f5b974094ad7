// SPDX-License-Identifier: Apache-2.0
// The request direction of Http1Session.
#include "probes/protocol/http1/session.h"

namespace weft::protocol::http1 {

Progress Http1Session::request(const Chunk& chunk, size_t at, ExchangeSink& sink) {
  if (looking_) return look(chunk, at);
  switch (request_.stage) {
    case Stage::kStart:
      return request_start(chunk, at, sink);
    case Stage::kFields:
      return request_fields(chunk.bytes().substr(at), sink);
    case Stage::kBody:
      break;
  }
  return request_body(chunk.bytes().substr(at));
}

Progress Http1Session::request_start(const Chunk& chunk, size_t at, ExchangeSink& sink) {
  const std::string_view rest = chunk.bytes().substr(at);
  if (is_line_end(rest[0])) return {1, ParseStatus::kOk};  // RFC 9112 §2.2
  const Line line = next_line(rest);
  if (line.consumed == 0 && http1::may_start(Direction::kRequest, rest)) {
    open(chunk, at);
    if (rest.size() <= kMaxHead) return {0, ParseStatus::kNeedMore};
    return cut_line(sink) ? Progress() : Progress{0, lose_request(sink)};
  }
  const std::optional<RequestLine> parsed = parse_request_line(line.text);
  if (!parsed) return {0, malformed(chunk, at, sink)};
  begin(*parsed, {chunk.stamp(at), chunk.pos() + at}, sink);
  return {line.consumed, ParseStatus::kOk};
}

// Keeps the seen part of a line: if the rest is missed, it may be enough.
void Http1Session::open(const Chunk& chunk, size_t at) {
  const std::string_view text = chunk.bytes().substr(at);
  if (!opening_) {
    opening_ = std::make_unique<Opening>();
    opening_->start = {chunk.stamp(at), chunk.pos() + at};
  }
  opening_->text.append(text.substr(std::min(opening_->text.size(), text.size())));
}

Http1Session::Pending* Http1Session::begin(const RequestLine& line, const RequestStart& start,
                                           ExchangeSink& sink) {
  if (response_.stage == Stage::kBody && response_.body.is_unframed()) {
    finish(last_response_, "", sink);  // the client sends again, so that response has ended
  }
  if (const Pending* newest = pending_.back();
      newest && newest->exchange_id == start.stamp.exchange_id) {
    pipelined_ = true;
    want_head(kMaxHead);  // a hole would cost every exchange after it
  }
  spoke_ = true;
  head_ = std::make_unique<RequestHead>(side_, version_text(line.minor));
  head_->facts.line(line.method, line.target, line.cut);
  Pending request;
  request.handle = sink.begin(start);
  request.exchange_id = start.stamp.exchange_id;
  request.doubtful = doubt_ != nullptr;
  const ExchangeHandle handle = request.handle;
  current_ = pending_.push(std::move(request));
  if (current_ == 0) sink.abandon(handle);
  opening_.reset();
  request_.stage = Stage::kFields;
  request_.head_size = static_cast<uint32_t>(line.method.size() + line.target.size());
  return pending_.find(current_);
}

// These bytes are no request line, where one is expected. If the server refuses them, they count
// as a request.
ParseStatus Http1Session::malformed(const Chunk& chunk, size_t at, ExchangeSink& sink) {
  const bool is_http = spoke_ || http1::may_start(Direction::kRequest, chunk.bytes().substr(at));
  if (!is_http || strict_ || doubt_ || request_closed()) return lose_request(sink);
  if (Pending* request = begin({}, {chunk.stamp(at), chunk.pos() + at}, sink)) {
    request_complete(sink);
    request->malformed = true;
  }
  return lose_request(sink);
}

Progress Http1Session::request_fields(std::string_view rest, ExchangeSink& sink) {
  size_t at = 0;
  std::string unfolded;
  while (at < rest.size()) {
    const Line line = next_field_line(rest.substr(at), unfolded);
    const size_t size = line.consumed ? line.consumed : rest.size() - at;
    if (request_.head_size + size > kMaxHead) {
      cut_request(sink);
      break;
    }
    if (line.consumed == 0) return {at, ParseStatus::kNeedMore};
    request_.head_size += static_cast<uint32_t>(size);
    at += line.consumed;
    if (line.text.empty()) {
      request_complete(sink);
      break;
    }
    if (const auto field = parse_field(line.text)) {
      head_->framing.field(*field);
      head_->facts.field(*field);
    }
  }
  return {at, ParseStatus::kOk};
}

void Http1Session::request_complete(ExchangeSink& sink) {
  http_semantics::RequestFacts& facts = head_->facts;
  const BodyFraming& framing = head_->framing;
  if (Pending* request = pending_.find(current_)) {
    request->head_complete = true;
    request->is_head = facts.is_head();
    request->is_connect = facts.is_connect();
    request->carries_spans = facts.carries_spans();
    request->name = facts.span_name();
    request->attributes = facts.attributes();
    sink.head(request->handle, facts.context());
  }
  if (facts.is_connect() || (framing.coded() && !framing.chunked()) ||
      (framing.broken() && !framing.coded())) {
    request_.body = Body::unframed();
  } else if (framing.chunked()) {
    request_.body = Body::chunked();
  } else {
    request_.body = Body::sized(framing.length());
  }
  head_.reset();
  request_.stage = request_.body.done() ? Stage::kStart : Stage::kBody;
}

// Only the head's first lines are known, and so no framing: the next request begins at a direction
// change, and this one's response is the next one of its exchange.
void Http1Session::cut_request(ExchangeSink& sink) {
  strict_ = true;
  want_head(kMaxHead);
  head_->facts.cut();
  request_complete(sink);
  request_.body = Body::unframed();
  request_.stage = Stage::kBody;
}

// The same for a truncated line. False: it is not surely a request line.
bool Http1Session::cut_line(ExchangeSink& sink) {
  if (!opening_ || opening_->answered) return false;
  const std::unique_ptr<Opening> opening = std::move(opening_);  // the line points into it
  const std::optional<RequestLine> line = parse_cut_line(opening->text);
  if (!line) return false;
  begin(*line, opening->start, sink);
  cut_request(sink);
  return true;
}

Progress Http1Session::request_body(std::string_view rest) {
  const size_t consumed = request_.body.read(rest);
  if (request_.body.done()) request_.stage = Stage::kStart;
  return {consumed, ParseStatus::kOk};
}

Progress Http1Session::request_gap(uint64_t n, ExchangeSink& sink) {
  if (doubt_) {
    const bool framed = !doubt_->body.is_unframed();
    doubt_->pos += n;
    doubt_->end_unseen |= doubt_->body.skip(n) < n || (framed && doubt_->body.is_unframed());
  }
  if (looking_ || pipelined_) return {0, lose_request(sink)};
  switch (request_.stage) {
    case Stage::kStart:
      if (cut_line(sink)) return {n, ParseStatus::kOk};
      return {0, lose_request(sink)};
    case Stage::kFields:
      cut_request(sink);
      return {n, ParseStatus::kOk};
    case Stage::kBody:
      break;
  }
  const uint64_t consumed = request_.body.skip(n);
  if (request_.body.done()) request_.stage = Stage::kStart;
  return consumed == n ? Progress{n, ParseStatus::kOk} : Progress{consumed, lose_request(sink)};
}

// The bytes here are no request, or a part of one was not seen.
ParseStatus Http1Session::lose_request(ExchangeSink& sink) {
  strict_ = true;
  request_ = {};
  head_.reset();
  opening_.reset();
  looking_ = false;
  if (pipelined_) return give_up(ParseStatus::kHopeless, sink);
  Pending* request = pending_.find(current_);
  if (request && !request->head_complete && request->handle != 0) {
    sink.abandon(request->handle);
    request->handle = 0;
    request->head_complete = true;
  }
  if (doubt_) {  // the bytes cannot be read as requests
    pending_.each(
        [](Pending& begun) { begun.exchange_id = begun.doubtful ? 0 : begun.exchange_id; });
    pending_.each([](Pending& begun) { begun.missed |= begun.doubtful; });
    doubt_.reset();
  }
  current_ = 0;
  return ParseStatus::kLost;
}

}  // namespace weft::protocol::http1
