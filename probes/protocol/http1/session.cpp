// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/http1/session.h"

#include <algorithm>

#include "agent/exchange/failure.h"
#include "probes/protocol/http1/redact.h"
#include "probes/protocol/http1/sniff.h"

namespace weft::protocol::http1 {
namespace {

std::unique_ptr<Session> make(const SessionOptions& options) {
  return std::make_unique<Http1Session>(options);
}

}  // namespace

extern const Protocol kProtocol;
const Protocol kProtocol{1, "http1", make, weft_sniff_http1, redact, "HTTP"};

bool may_start(Direction direction, std::string_view bytes) {
  const int verdict =
      weft_sniff_http1(reinterpret_cast<const unsigned char*>(bytes.data()),
                       static_cast<unsigned>(std::min<size_t>(bytes.size(), WEFT_SNIFF_LEN)));
  if (verdict == WEFT_SNIFF_MAYBE) return true;
  return verdict == (direction == Direction::kRequest ? WEFT_SNIFF_REQUEST : WEFT_SNIFF_RESPONSE);
}

Progress Http1Session::on_bytes(Direction direction, const Chunk& chunk, ExchangeSink& sink) {
  const std::string_view bytes = chunk.bytes();
  if (over_) return {bytes.size(), *over_};
  const bool turned = direction != last_;
  last_ = direction;
  const bool is_request = direction == Direction::kRequest;
  Reader& reader = is_request ? request_ : response_;
  if (!is_request && !bytes.empty()) last_response_ = chunk.stamp(bytes.size() - 1).time;
  if (is_request && turned && !bytes.empty()) {
    if (Pending* request = pending_.find(current_)) request->xid = chunk.stamp(0).xid;
  }
  size_t at = 0;
  while (at < bytes.size()) {
    Progress step;
    switch (reader.stage) {
      case Stage::kStart:
        step = is_request ? request_start(chunk, at, sink) : response_start(chunk, at, sink);
        break;
      case Stage::kFields:
        step =
            is_request ? request_fields(bytes.substr(at), sink) : response_fields(chunk, at, sink);
        break;
      case Stage::kBody:
        step = is_request ? request_body(bytes.substr(at), turned && at == 0)
                          : response_body(chunk, at, sink);
        break;
    }
    at += step.consumed;
    if (step.verdict != Verdict::kOk) return {at, step.verdict};
  }
  return {at, Verdict::kOk};
}

Progress Http1Session::request_start(const Chunk& chunk, size_t at, ExchangeSink& sink) {
  const std::string_view rest = chunk.bytes().substr(at);
  if (is_line_end(rest[0])) return {1, Verdict::kOk};  // RFC 9112 §2.2
  const Line line = next_line(rest);
  if (line.consumed == 0 && rest.size() <= kMaxHead) {
    if (may_start(Direction::kRequest, rest)) return {0, Verdict::kNeedMore};
    return {0, lose_request(sink)};
  }
  const std::optional<RequestLine> parsed = parse_request_line(line.text);
  if (parsed && line.consumed <= kMaxHead) {
    begin(*parsed, chunk, at, sink);
    return {line.consumed, Verdict::kOk};
  }
  if (may_start(Direction::kRequest, rest) && rest.size() > kMaxHead) {
    sink.abandon(sink.begin({chunk.stamp(at), chunk.pos() + at}));
  }
  return {0, lose_request(sink)};
}

void Http1Session::begin(const RequestLine& line, const Chunk& chunk, size_t at,
                         ExchangeSink& sink) {
  const Stamp& stamp = chunk.stamp(at);
  if (response_.stage == Stage::kBody && response_.body.is_unframed()) {
    // The client goes on, so that response was over.
    finish(last_response_, "", sink);
  }
  if (const Pending* newest = pending_.back(); newest && newest->xid == stamp.xid) {
    pipelined_ = true;
    wanted_head_ = kMaxHead;  // a hole would cost every exchange after it
  }
  facts_ = std::make_unique<RequestFacts>(line, side_);
  Pending request;
  request.handle = sink.begin({stamp, chunk.pos() + at});
  request.xid = stamp.xid;
  const ExchangeHandle handle = request.handle;
  current_ = pending_.push(std::move(request));
  if (current_ == 0) sink.abandon(handle);
  request_.stage = Stage::kFields;
  request_.head_size = static_cast<uint32_t>(line.method.size() + line.target.size());
}

Progress Http1Session::request_fields(std::string_view rest, ExchangeSink& sink) {
  size_t at = 0;
  std::string unfolded;
  while (at < rest.size()) {
    const Line line = next_field_line(rest.substr(at), unfolded);
    const size_t size = line.consumed ? line.consumed : rest.size() - at;
    if (request_.head_size + size > kMaxHead) return {at, lose_request(sink)};
    if (line.consumed == 0) return {at, Verdict::kNeedMore};
    request_.head_size += static_cast<uint32_t>(size);
    at += line.consumed;
    if (line.text.empty()) {
      request_complete(sink);
      break;
    }
    if (const auto field = parse_field(line.text)) facts_->field(*field);
  }
  return {at, Verdict::kOk};
}

void Http1Session::request_complete(ExchangeSink& sink) {
  const Framing& framing = facts_->framing();
  if (Pending* request = pending_.find(current_)) {
    request->head_complete = true;
    request->is_head = facts_->is_head();
    request->is_connect = facts_->is_connect();
    request->name = facts_->span_name();
    request->attributes = facts_->attributes();
    sink.head(request->handle, facts_->context());
  }
  if (facts_->is_connect() || (framing.coded() && !framing.chunked()) ||
      (framing.broken() && !framing.coded())) {
    request_.body = Body::unframed();
  } else if (framing.chunked()) {
    request_.body = Body::chunked();
  } else {
    request_.body = Body::sized(framing.length());
  }
  facts_.reset();
  request_.stage = request_.body.done() ? Stage::kStart : Stage::kBody;
}

Progress Http1Session::request_body(std::string_view rest, bool turned) {
  if (turned && request_.body.is_unframed() && may_start(Direction::kRequest, rest)) {
    request_.stage = Stage::kStart;
    return {0, Verdict::kOk};
  }
  const size_t consumed = request_.body.read(rest);
  if (request_.body.done()) request_.stage = Stage::kStart;
  return {consumed, Verdict::kOk};
}

// The bytes here are no request, or a part of one was not seen.
Verdict Http1Session::lose_request(ExchangeSink& sink) {
  strict_ = true;
  request_ = {};
  facts_.reset();
  if (pipelined_) return give_up(Verdict::kHopeless, sink);
  const Pending* request = pending_.find(current_);
  if (request && !request->head_complete) abandon_all(sink);
  current_ = 0;
  return Verdict::kLost;
}

// The oldest request's exchange is over. Without one the response is dropped.
void Http1Session::finish(uint64_t time, std::string_view error_type, ExchangeSink& sink) {
  const bool asked = !answer_ || !answer_->unasked;
  if (Pending* request = pending_.front(); request && asked) {
    Outcome outcome;
    outcome.end_time = time;
    outcome.name = request->head_complete ? std::move(request->name) : facts_->span_name();
    outcome.attributes =
        request->head_complete ? std::move(request->attributes) : facts_->attributes();
    if (answer_) add_response(outcome, *answer_, side_);
    set_failure(outcome, error_type);
    sink.end(request->handle, std::move(outcome));
  }
  if (asked) pending_.pop();
  if (asked && pending_.empty()) strict_ = false;
  answer_.reset();
  response_ = {};
  if (request_closed_) give_up(Verdict::kDone, sink);
}

void Http1Session::abandon_front(ExchangeSink& sink) {
  if (const Pending* request = pending_.front()) sink.abandon(request->handle);
  pending_.pop();
}

void Http1Session::abandon_all(ExchangeSink& sink) {
  while (!pending_.empty()) abandon_front(sink);
}

Verdict Http1Session::give_up(Verdict verdict, ExchangeSink& sink) {
  abandon_all(sink);
  answer_.reset();
  facts_.reset();
  over_ = verdict;
  return verdict;
}

Progress Http1Session::on_gap(Direction direction, uint64_t n, const Stamp& stamp,
                              ExchangeSink& sink) {
  if (over_) return {n, *over_};
  last_ = direction;
  const bool is_request = direction == Direction::kRequest;
  Reader& reader = is_request ? request_ : response_;
  if (!is_request) last_response_ = stamp.time;
  if (reader.stage == Stage::kFields) wanted_head_ = kMaxHead;
  if (is_request && reader.stage == Stage::kFields && !pipelined_) {
    cut_request(sink);
    return {n, Verdict::kOk};
  }
  uint64_t consumed = 0;
  if (reader.stage == Stage::kBody) {
    consumed = reader.body.skip(n);
    if (is_request && reader.body.done()) request_.stage = Stage::kStart;
    if (!is_request && reader.body.done()) finish(stamp.time, "", sink);
    const bool ambiguous = !is_request && reader.body.is_unframed() && pending_.owed() > 1;
    if (consumed == n && !ambiguous) return {consumed, Verdict::kOk};
  }
  return {consumed, is_request ? lose_request(sink) : lose_responses(sink)};
}

// The head's first lines are known, the rest is not: no framing, so the next request is
// one that begins at a turn; its own response is the next one of its exchange.
void Http1Session::cut_request(ExchangeSink& sink) {
  strict_ = true;
  request_complete(sink);
  request_.body = Body::unframed();
  request_.stage = Stage::kBody;
}

void Http1Session::on_close(Direction direction, CloseReason reason, uint64_t time,
                            ExchangeSink& sink) {
  if (direction == Direction::kRequest) {
    request_closed_ = true;
    if (response_closed_) give_up(Verdict::kDone, sink);
    return;
  }
  response_closed_ = true;
  const bool asked = answer_ && !answer_->unasked;
  bool head_cut = asked && response_.stage == Stage::kFields;
  bool answering = asked && response_.stage == Stage::kBody;
  if (answering && reason == CloseReason::kEnd &&
      (response_.body.is_until_close() || response_.body.is_unframed())) {
    finish(last_response_, "", sink);
    answering = false;
  }
  while (!pending_.empty()) {
    const Pending* request = pending_.front();
    if (!request || !request->head_complete || head_cut) {
      abandon_front(sink);
    } else {
      finish(time, failure(reason, side_.role, request_closed_, answering), sink);
    }
    head_cut = answering = false;
  }
  answer_.reset();
  response_ = {};
  if (request_closed_) give_up(Verdict::kDone, sink);
}

bool Http1Session::starts_message(Direction direction, std::string_view bytes) const {
  return !bytes.empty() && !over_ && may_start(direction, bytes);
}

}  // namespace weft::protocol::http1
