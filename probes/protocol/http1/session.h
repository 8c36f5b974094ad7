// SPDX-License-Identifier: Apache-2.0
// One HTTP/1 connection. Contract: agent/port/protocol.h.
//
// How an exchange ends without an ordinary response:
//
//   what happened                              server span           client span
//   reset before the end                       connection_reset      connection_reset
//   process ended before the end               process_exited        process_exited
//   this side closed, no complete response     connection_closed     no error: cancelled
//   peer closed, no response head              client_disconnected   connection_closed
//   peer closed, response in progress          no error              connection_closed
//   101, or 2xx to CONNECT                     ends at the head; the connection is opaque
//   request head truncated                     what was seen         what was seen
//   response head truncated                    its status            its status
//   bytes that are no request, refused (≥ 400) method _OTHER         method _OTHER
//   the same, not refused                      abandoned             abandoned
//   status line not seen                       abandoned             abandoned
//
// Names like connection_reset are an error.type with status Error; an error by the response's
// own status code wins over them. A response is in progress from the end of its status line on.
// A side that closes only its sending direction (half close) still gets its responses, and they
// are reported. The protocol name in a status line may be in any case, because clients accept that.
//
// After a final response the client may omit the rest of its request (RFC 9110 §10.1.1): what
// follows at the next direction change is that rest, or another request. What looks like a request
// line is begun as a request, but reported only if it is answered before that rest could have
// ended, or if there is no request where that rest would have ended; else it is abandoned.
//
// A pair is never wrong: responses are paired in order only as long as nothing was missed. A hole
// where a message may have begun makes every exchange uncertain that it may have answered; after it
// a response is accepted only if the kernel saw it in its request's exchange (exchange_id). A
// connection that has pipelined is ignored after such a hole: how many responses were in it, and
// whether the client had waited for all of them, is unknown.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "agent/exchange/fifo.h"
#include "agent/exchange/session_base.h"
#include "agent/http_semantics/request.h"
#include "agent/http_semantics/response.h"
#include "probes/protocol/http1/body.h"

namespace weft::protocol::http1 {

// May a message of the direction begin with these bytes?
bool may_start(Direction direction, std::string_view bytes);

class Http1Session final : public SessionBase {
 public:
  explicit Http1Session(const SessionOptions& options)
      : SessionBase(options.role), side_(options) {}

 private:
  // session.cpp
  Progress read(Direction direction, const Chunk& chunk, ExchangeSink& sink) override;
  Progress skip(Direction direction, uint64_t n, const Stamp& stamp, ExchangeSink& sink) override;
  void close_responses(CloseReason reason, uint64_t time, ExchangeSink& sink) override;
  bool may_start(Direction direction, std::string_view bytes) const override;
  void drop_all(ExchangeSink& sink) override;

  // Requests one connection may have unanswered; pipelining clients use 8 to 64.
  static constexpr size_t kMaxPending = 128;

  enum class Stage : uint8_t { kStart, kFields, kBody };
  // State of one direction's parser.
  struct Reader {
    Stage stage = Stage::kStart;
    uint32_t head_size = 0;
    Body body = Body::none();
  };
  // The head of the request being read.
  struct RequestHead {
    RequestHead(const http_semantics::Side& side, std::string_view version)
        : facts(side, version) {}
    http_semantics::RequestFacts facts;
    BodyFraming framing;
  };
  // A response from its status line to its end.
  struct Answer {
    explicit Answer(const StatusLine& its_line)
        : line(its_line), facts(its_line.code, version_text(its_line.minor)) {}
    StatusLine line;
    http_semantics::ResponseFacts facts;
    BodyFraming framing{};
    bool unasked = false;  // there was no request for it
  };
  // A request whose response is not complete.
  struct Pending {
    ExchangeHandle handle = 0;  // 0: abandoned; its response is still to come
    uint64_t exchange_id = 0;   // of the request's newest bytes
    bool head_complete = false;
    bool malformed = false;  // bytes that are no request, unless the server refuses them
    bool missed = false;     // its response may have been lost
    bool doubtful = false;   // it may be the rest of another request's body
    bool is_head = false;
    bool is_connect = false;
    bool carries_spans = false;
    std::string name;
    Attributes attributes;
  };
  // A request line that is not complete.
  struct Opening {
    RequestStart start;
    std::string text;
    bool answered = false;
  };
  // The possible rest of an answered request, parsed in parallel with the requests that the
  // same bytes may be.
  struct Doubt {
    Body body;
    uint64_t pos = 0;         // next byte to read
    std::string beyond;       // first bytes after its end
    bool end_unseen = false;  // it would have ended in a hole
  };

  // session.cpp
  size_t observe(Direction direction, const Chunk& chunk, ExchangeSink& sink);
  void observe(Direction direction, const Stamp& stamp, ExchangeSink& sink);
  void miss(Direction direction, ExchangeSink& sink);
  void close_front(CloseReason reason, uint64_t time, ExchangeSink& sink);
  void finish(uint64_t time, std::string_view error_type, ExchangeSink& sink);
  void abandon_front(ExchangeSink& sink);
  void abandon_all(ExchangeSink& sink);

  // request.cpp
  Progress request(const Chunk& chunk, size_t at, ExchangeSink& sink);
  Progress request_start(const Chunk& chunk, size_t at, ExchangeSink& sink);
  Progress request_fields(std::string_view rest, ExchangeSink& sink);
  Progress request_body(std::string_view rest);
  Progress request_gap(uint64_t n, ExchangeSink& sink);
  void open(const Chunk& chunk, size_t at);
  bool cut_line(ExchangeSink& sink);
  Pending* begin(const RequestLine& line, const RequestStart& start, ExchangeSink& sink);
  ParseStatus malformed(const Chunk& chunk, size_t at, ExchangeSink& sink);
  void request_complete(ExchangeSink& sink);
  void cut_request(ExchangeSink& sink);
  ParseStatus lose_request(ExchangeSink& sink);

  // doubt.cpp: the bytes after a request that was answered before its end
  void request_direction_changed(const Stamp& stamp);
  Progress look(const Chunk& chunk, size_t at);
  bool is_next_request(const RequestLine& line, std::string_view text, uint64_t blank) const;
  void read_doubt(const Chunk& chunk);
  void settle_doubt(ExchangeSink& sink);

  // response.cpp
  Progress response(const Chunk& chunk, size_t at, ExchangeSink& sink);
  Progress response_start(const Chunk& chunk, size_t at, ExchangeSink& sink);
  Progress response_fields(const Chunk& chunk, size_t at, ExchangeSink& sink);
  Progress response_body(const Chunk& chunk, size_t at, ExchangeSink& sink);
  Progress response_gap(uint64_t n, const Stamp& stamp, ExchangeSink& sink);
  ParseStatus response_complete(const Stamp& stamp, bool cut, ExchangeSink& sink);
  void refuse_opening(ExchangeSink& sink);
  Body response_framing(const Pending* request) const;
  ParseStatus lose_responses(uint64_t exchange_id, ExchangeSink& sink);
  void match(const Stamp& stamp, ExchangeSink& sink);

  http_semantics::Side side_;
  Reader request_;
  Reader response_;
  Fifo<Pending> pending_{kMaxPending};
  Fifo<Pending>::Ticket current_ = 0;  // the request being read
  std::unique_ptr<RequestHead> head_;  // while it is incomplete
  std::unique_ptr<Answer> answer_;
  std::unique_ptr<Opening> opening_;
  std::unique_ptr<Doubt> doubt_;
  std::array<uint64_t, 2> seen_{};  // by direction: position after the newest bytes
  uint64_t last_response_ = 0;      // time of its newest byte
  bool begun_ = false;              // some bytes were seen
  bool spoke_ = false;              // an HTTP/1 message was among them
  bool looking_ = false;            // what follows an answered request is not known yet
  bool pipelined_ = false;          // a request came before the response to an earlier one
  bool strict_ = false;             // something was missed: pair by exchange_id only
};

}  // namespace weft::protocol::http1
