// SPDX-License-Identifier: Apache-2.0
// One HTTP/1 connection. Contract: agent/port/protocol.h.
//
// What becomes of an exchange whose end is not an ordinary response:
//
//   what happened                              server span           client span
//   reset before the end                       connection_reset      connection_reset
//   process ended before the end               process_exited        process_exited
//   this side closed, no complete response     connection_closed     no error: cancelled
//   peer closed, no response head              client_disconnected   connection_closed
//   peer closed, response under way            no error              connection_closed
//   101, or 2xx to CONNECT                     ends at the head; the connection is opaque
//   request head cut behind its first line     told as far as seen   told as far as seen
//   response head not seen whole               abandoned             abandoned
//   head longer than 64 KiB                    abandoned             abandoned
//
// A name is an error.type with status Error; a response's own status error wins over it.
//
// Never a wrong pair: responses are paired in order only as long as nothing was missed.
// A hole where a message may have begun abandons every exchange it may have answered;
// after it a response counts only if the kernel saw it in its request's exchange (xid).
// A connection that has pipelined is given up at such a hole.
#pragma once

#include <memory>
#include <optional>

#include "agent/exchange/fifo.h"
#include "agent/port/protocol.h"
#include "probes/protocol/http1/body.h"
#include "probes/protocol/http1/semantics.h"

namespace weft::protocol::http1 {

// Do these bytes begin a message of the direction, as far as they go?
bool may_start(Direction direction, std::string_view bytes);

class Http1Session final : public Session {
 public:
  explicit Http1Session(const SessionOptions& options) : side_(options) {}

  Progress on_bytes(Direction direction, const Chunk& chunk, ExchangeSink& sink) override;
  Progress on_gap(Direction direction, uint64_t n, const Stamp& stamp, ExchangeSink& sink) override;
  void on_close(Direction direction, CloseReason reason, uint64_t time,
                ExchangeSink& sink) override;
  bool starts_message(Direction direction, std::string_view bytes) const override;
  uint32_t wanted_head() const override { return wanted_head_; }

 private:
  // Requests one connection may have unanswered; pipelining clients use 8 to 64.
  static constexpr size_t kMaxPending = 128;

  enum class Stage : uint8_t { kStart, kFields, kBody };
  // Where one direction's parser is.
  struct Reader {
    Stage stage = Stage::kStart;
    uint32_t head_size = 0;
    Body body = Body::none();
  };
  // A request whose response is not complete.
  struct Pending {
    ExchangeHandle handle = 0;
    uint64_t xid = 0;  // of the request's newest bytes
    bool head_complete = false;
    bool is_head = false;
    bool is_connect = false;
    std::string name;
    Attributes attributes;
  };

  Progress request_start(const Chunk& chunk, size_t at, ExchangeSink& sink);
  Progress request_fields(std::string_view rest, ExchangeSink& sink);
  Progress request_body(std::string_view rest, bool turned);
  void begin(const RequestLine& line, const Chunk& chunk, size_t at, ExchangeSink& sink);
  void request_complete(ExchangeSink& sink);
  Verdict lose_request(ExchangeSink& sink);
  void cut_request(ExchangeSink& sink);

  Progress response_start(const Chunk& chunk, size_t at, ExchangeSink& sink);
  Progress response_fields(const Chunk& chunk, size_t at, ExchangeSink& sink);
  Progress response_body(const Chunk& chunk, size_t at, ExchangeSink& sink);
  Verdict response_complete(uint64_t time, ExchangeSink& sink);
  Body response_framing(const Pending* request) const;
  Verdict lose_responses(ExchangeSink& sink);

  void match(const Stamp& stamp, ExchangeSink& sink);
  void finish(uint64_t time, std::string_view error_type, ExchangeSink& sink);
  void abandon_front(ExchangeSink& sink);
  void abandon_all(ExchangeSink& sink);
  Verdict give_up(Verdict verdict, ExchangeSink& sink);

  Side side_;
  Reader request_;
  Reader response_;
  Fifo<Pending> pending_{kMaxPending};
  Fifo<Pending>::Ticket current_ = 0;      // the request being read
  std::unique_ptr<RequestFacts> facts_;    // while its head is incomplete
  std::unique_ptr<ResponseFacts> answer_;  // from a response's status line to its end
  uint64_t last_response_ = 0;             // time of its newest byte
  uint32_t wanted_head_ = 0;
  Direction last_ = Direction::kResponse;  // of the newest bytes
  std::optional<Verdict> over_;            // said from now on
  bool pipelined_ = false;
  bool strict_ = false;  // something was missed: pair by xid only
  bool request_closed_ = false;
  bool response_closed_ = false;
};

}  // namespace weft::protocol::http1
