// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/http1/session.h"

#include <algorithm>

#include "bpf/abi/weft_event.h"
#include "probes/protocol/http1/redact.h"
#include "probes/protocol/http1/sniff.h"

namespace weft::protocol::http1 {
namespace {

// Behind the last bytes of a chunked body without trailers, which may be longer than is copied.
constexpr std::string_view kLastChunk = "\r\n0\r\n\r\n";

std::unique_ptr<Session> make(const SessionOptions& options) {
  return std::make_unique<Http1Session>(options);
}

}  // namespace

extern const Protocol kProtocol;
const Protocol kProtocol{.id = 1,
                         .name = "http1",
                         .make = make,
                         .sniff = weft_sniff_http1,
                         .redact = redact,
                         .span_name = "HTTP",
                         .tail = kLastChunk.size(),
                         .tail_end = kLastChunk,
                         .status_at = sizeof "HTTP/1.1 " - 1};

bool may_start(Direction direction, std::string_view bytes) {
  if (direction == Direction::kResponse) return may_be_status_line(bytes);
  const int result =
      weft_sniff_http1(reinterpret_cast<const unsigned char*>(bytes.data()),
                       static_cast<unsigned>(std::min<size_t>(bytes.size(), WEFT_SNIFF_LEN)));
  return result == WEFT_SNIFF_REQUEST || result == WEFT_SNIFF_MAYBE;
}

Progress Http1Session::read(Direction direction, const Chunk& chunk, ExchangeSink& sink) {
  const size_t size = chunk.bytes().size();
  size_t at = observe(direction, chunk, sink);
  while (at < size && !is_over()) {
    const Progress step =
        direction == Direction::kRequest ? request(chunk, at, sink) : response(chunk, at, sink);
    at += step.consumed;
    if (step.status != ParseStatus::kOk) return {at, step.status};
  }
  return {at, ParseStatus::kOk};
}

Progress Http1Session::skip(Direction direction, uint64_t n, const Stamp& stamp,
                            ExchangeSink& sink) {
  if (stamp.flags & WEFT_DATA_DIR_CHANGE) observe(direction, stamp, sink);
  const bool is_request = direction == Direction::kRequest;
  if (!is_request) last_response_ = std::max(last_response_, stamp.time);
  return is_request ? request_gap(n, sink) : response_gap(n, stamp, sink);
}

// Notes what the arrival of a record means. Returns the offset to read from: held-back bytes of an
// earlier message that is answered are left out.
size_t Http1Session::observe(Direction direction, const Chunk& chunk, ExchangeSink& sink) {
  const size_t size = chunk.bytes().size();
  uint64_t& seen = seen_[static_cast<size_t>(direction)];
  const size_t held = seen > chunk.pos() ? std::min<uint64_t>(size, seen - chunk.pos()) : 0;
  if (held == size) return 0;
  seen = chunk.pos() + size;
  const Stamp& stamp = chunk.stamp(size - 1);
  if (direction == Direction::kResponse) last_response_ = stamp.time;
  const bool was_looking = looking_;
  observe(direction, stamp, sink);
  if (direction == Direction::kResponse) return 0;
  if (doubt_) read_doubt(chunk);
  const bool stale = (looking_ && !was_looking) || (opening_ && opening_->answered);
  if (stale) opening_.reset();
  return stale ? held : 0;
}

void Http1Session::observe(Direction direction, const Stamp& stamp, ExchangeSink& sink) {
  const Arrival arrival = arrive(direction, stamp);
  const bool missed = arrival.repeated && begun_;
  begun_ = true;
  if (missed) miss(direction, sink);
  if (direction == Direction::kRequest && arrival.changed) request_direction_changed(stamp);
}

// Two direction changes in the same direction: the other direction's bytes between them are lost.
void Http1Session::miss(Direction direction, ExchangeSink& sink) {
  if (pipelined_) return;  // both may send at once; a hole will show it
  strict_ = true;
  if (direction == Direction::kRequest) {
    pending_.each([](Pending& request) { request.missed = true; });
  } else if (response_.stage == Stage::kBody && response_.body.is_unframed()) {
    finish(last_response_, "", sink);  // the client had sent more
  }
}

// Ends the oldest request's exchange. Without one the response is dropped.
void Http1Session::finish(uint64_t time, std::string_view error_type, ExchangeSink& sink) {
  const bool asked = !answer_ || !answer_->unasked;
  if (Pending* request = pending_.front(); request && asked && request->handle != 0) {
    Outcome outcome;
    outcome.end_time = time;
    const bool incomplete = !request->head_complete && head_;
    outcome.name = incomplete ? head_->facts.span_name() : std::move(request->name);
    outcome.attributes = incomplete ? head_->facts.attributes() : std::move(request->attributes);
    outcome.carries_spans = request->carries_spans;
    if (answer_) answer_->facts.add_to(outcome, side_);
    http_semantics::set_failure(outcome, error_type);
    sink.end(request->handle, std::move(outcome));
  }
  if (asked) pending_.pop();
  if (asked && pending_.empty()) strict_ = false;
  answer_.reset();
  response_ = {};
}

void Http1Session::abandon_front(ExchangeSink& sink) {
  const Pending* request = pending_.front();
  if (request && request->handle != 0) sink.abandon(request->handle);
  pending_.pop();
}

void Http1Session::abandon_all(ExchangeSink& sink) {
  while (!pending_.empty()) abandon_front(sink);
}

void Http1Session::drop_all(ExchangeSink& sink) {
  abandon_all(sink);
  answer_.reset();
  head_.reset();
  opening_.reset();
  doubt_.reset();
}

void Http1Session::close_responses(CloseReason reason, uint64_t time, ExchangeSink& sink) {
  if (answer_ && answer_->line.code < 200) answer_.reset();  // an interim one is no result
  const bool asked = answer_ && !answer_->unasked;
  const bool to_close = response_.body.is_until_close() || response_.body.is_unframed();
  if (asked && response_.stage == Stage::kBody && reason == CloseReason::kEnd && to_close) {
    finish(last_response_, "", sink);
  }
  while (!pending_.empty()) close_front(reason, time, sink);
  answer_.reset();
  response_ = {};
}

// The oldest request will not be answered, or not completely.
void Http1Session::close_front(CloseReason reason, uint64_t time, ExchangeSink& sink) {
  const Pending* request = pending_.front();
  const bool answering = answer_ && !answer_->unasked;
  const bool refused = answering && answer_->line.code >= 400;
  const bool whole = request && request->head_complete && !request->malformed;
  const bool known = answering || (request && !request->missed && !(request->doubtful && doubt_));
  if (known && (whole || refused)) {
    finish(time, failure_of(reason, answering), sink);
  } else {
    abandon_front(sink);
    answer_.reset();
  }
}

bool Http1Session::may_start(Direction direction, std::string_view bytes) const {
  return http1::may_start(direction, bytes);
}

}  // namespace weft::protocol::http1
