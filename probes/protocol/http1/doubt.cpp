// SPDX-License-Identifier: Apache-2.0
// The bytes after a request that was answered before its end: its rest, or the next request.
#include "bpf/abi/weft_sniff.h"
#include "probes/protocol/http1/session.h"

namespace weft::protocol::http1 {
namespace {

std::optional<RequestLine> request_line(std::string_view bytes) {
  const std::optional<RequestLine> line = parse_request_line(next_line(bytes).text);
  const bool blank = line && line->target.find(' ') != std::string_view::npos;
  return blank ? std::nullopt : line;
}

bool is_registered(const std::optional<RequestLine>& line) {
  return line && http_semantics::is_registered_method(line->method);
}

}  // namespace

// The client sends again. Its bytes continue the unfinished request, which then belongs to the
// new exchange; or, if that request is answered, they may be another request.
void Http1Session::request_direction_changed(const Stamp& stamp) {
  Pending* request = pending_.find(current_);
  if (request_.stage == Stage::kStart) return;
  if (request) request->exchange_id = stamp.exchange_id;
  const bool answering = request == pending_.front() && response_.stage == Stage::kBody;
  looking_ = !request || answering || request->missed;
}

// Reads only what it needs to decide which of the two the bytes are.
Progress Http1Session::look(const Chunk& chunk, size_t at) {
  const std::string_view rest = chunk.bytes().substr(at);
  const size_t blank = std::min(rest.find_first_not_of("\r\n"), rest.size());
  const std::string_view text = rest.substr(blank);
  const Line line = next_line(text);
  const bool partial = line.consumed == 0 && may_start(Direction::kRequest, text);
  if (partial && rest.size() <= kMaxHead) return {0, ParseStatus::kNeedMore};
  looking_ = false;
  const std::optional<RequestLine> parsed = request_line(text);
  if (!parsed || !is_next_request(*parsed, text, blank)) return {};
  if (request_.stage == Stage::kBody) {
    doubt_ = std::make_unique<Doubt>(Doubt{request_.body, chunk.pos() + at, {}});
    read_doubt(chunk);
  }
  if (Pending* before = pending_.find(current_))
    before->exchange_id = 0;  // not of this direction change
  request_ = {};
  head_.reset();
  return {blank, ParseStatus::kOk};
}

// A line that continues after the end of the body may be that body with a request line after it:
// of the two readings, the one with a registered method wins; if neither or both, the framing's.
bool Http1Session::is_next_request(const RequestLine& line, std::string_view text,
                                   uint64_t blank) const {
  const auto left = request_.body.left();
  if (!left || blank + next_line(text).consumed <= *left) return true;
  if (*left < blank) return true;
  const std::optional<RequestLine> behind = request_line(text.substr(*left - blank));
  return !behind || (is_registered(line) && !is_registered(behind));
}

void Http1Session::read_doubt(const Chunk& chunk) {
  if (chunk.pos() + chunk.bytes().size() <= doubt_->pos) return;
  std::string_view rest = chunk.bytes();
  if (doubt_->pos > chunk.pos()) rest.remove_prefix(doubt_->pos - chunk.pos());
  const bool framed = !doubt_->body.is_unframed();
  rest.remove_prefix(doubt_->body.read(rest));
  doubt_->pos = chunk.pos() + chunk.bytes().size();
  if (framed && doubt_->body.is_unframed()) {
    doubt_.reset();  // these bytes are no chunk of that body
  } else {
    doubt_->beyond +=
        rest.substr(0, WEFT_SNIFF_LEN - std::min<size_t>(doubt_->beyond.size(), WEFT_SNIFF_LEN));
  }
}

// A response comes. It answers the uncertain request, unless those bytes were the rest of the body
// and a request follows it.
void Http1Session::settle_doubt(ExchangeSink& sink) {
  if (!doubt_) return;
  const bool behind = doubt_->body.done() && !doubt_->beyond.empty() &&
                      may_start(Direction::kRequest, doubt_->beyond) &&
                      http_semantics::is_registered_method(
                          std::string_view(doubt_->beyond).substr(0, doubt_->beyond.find(' ')));
  const bool refuted = behind || (doubt_->end_unseen && request_.stage != Stage::kStart);
  doubt_.reset();
  if (!refuted) return;
  strict_ = true;
  abandon_all(sink);
  head_.reset();
  request_.body = Body::unframed();
  request_.stage = Stage::kBody;
}

}  // namespace weft::protocol::http1
