// SPDX-License-Identifier: Apache-2.0
// One Redis connection, RESP2 or RESP3. Contract: agent/port/protocol.h. One span per
// command (semantics.h), in order; those sent in one direction change share a batch number.
//
//   special case                       what happens
//   (P|S)(UN)SUBSCRIBE                 ends with the confirmation of its last channel
//   messages, pushes, invalidations    are no replies: no span
//   CLIENT REPLY OFF or SKIP, and the  not answered: the span ends with the command's last byte
//     commands they silence
//   MONITOR, PSYNC, SYNC               ends with the reply's first line; then opaque
//   more than kMaxPending unanswered   the further ones are abandoned; if one of them changes
//                                      the meaning of later bytes, the connection is ignored
//   the connection ends                agent/exchange/failure.h; SHUTDOWN: no error
//   inline commands                    only after a command that came as an array: before
//                                      that a line of words may be of any protocol
//   a reply the command cannot have    out of step: ignored, all open exchanges are abandoned
//
// Holes within a bulk are counted. A hole elsewhere in the reply to a lone command hides its
// end: the exchange lasts until the next request, and then it is unknown whether an EXEC failed
// (weft.outcome), because an error at its end may also be a value. Any other hole abandons what
// it may have answered. From then on a reply is accepted only if the kernel saw it in its
// command's exchange (exchange_id). A connection whose replies came in a later exchange than
// their commands (a client that shares it between threads) is ignored after such a hole.
//
// On such a shared connection, first seen in the middle, the first replies may be to commands
// that were not seen; a reply of the wrong type, or one too many, shows it.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/exchange/command_session.h"
#include "agent/exchange/fifo.h"
#include "probes/protocol/redis/channels.h"
#include "probes/protocol/redis/resp.h"
#include "probes/protocol/redis/semantics.h"
#include "probes/protocol/redis/statement.h"

namespace weft::protocol::redis {

// May a message of the direction begin with these bytes?
bool may_start(Direction direction, std::string_view bytes);

class RedisSession final : public CommandSession {
 public:
  explicit RedisSession(Role role) : CommandSession(role) {}

 private:
  // session.cpp
  void close_responses(CloseReason reason, uint64_t time, ExchangeSink& sink) override;
  bool may_start(Direction direction, std::string_view bytes) const override;
  void drop_all(ExchangeSink& sink) override;

  // Commands one connection may have unanswered. Pipelines have some hundreds; 4096 of them
  // take about a megabyte.
  static constexpr size_t kMaxPending = 4096;
  static constexpr size_t kMaxInline = 65536;  // the server's own limit

  enum class Mute : uint8_t { kNone, kNext, kAll };

  // request.cpp
  Progress request(const Chunk& chunk, size_t at, ExchangeSink& sink) override;
  Progress array(const Chunk& chunk, size_t at, ExchangeSink& sink);
  Progress argument(std::string_view rest);
  Progress inline_command(const Chunk& chunk, size_t at, ExchangeSink& sink);
  void begin(std::string_view name, const Chunk& chunk, size_t at, ExchangeSink& sink);
  ParseStatus complete(const Stamp& last, ExchangeSink& sink);
  bool is_answered(const Pending& command);
  Progress request_gap(uint64_t n, const Stamp& stamp, ExchangeSink& sink) override;
  ParseStatus lose_requests(uint64_t exchange_id, ExchangeSink& sink) override;

  // response.cpp
  Progress response(const Chunk& chunk, size_t at, ExchangeSink& sink) override;
  void reply_begins(uint64_t exchange_id, ExchangeSink& sink);
  bool is_push(const Pending* command) const;
  bool fits(const Pending& command) const;
  ParseStatus reply_complete(uint64_t time, ExchangeSink& sink);
  ParseStatus unasked(uint64_t time, ExchangeSink& sink);
  ParseStatus answer(Pending& command, uint64_t time, ExchangeSink& sink);
  ParseStatus take_effect(Special special, std::string chosen, ExchangeSink& sink);
  bool is_alone();
  Progress response_gap(uint64_t n, const Stamp& stamp, ExchangeSink& sink) override;
  ParseStatus lose_responses(uint64_t exchange_id, ExchangeSink& sink);

  // session.cpp
  void end(Pending& command, uint64_t time, const Reply* reply, std::string_view error,
           ExchangeSink& sink);
  Outcome outcome(Pending& command, uint64_t time, const Reply* reply,
                  std::string_view error) const;
  void end_unframed(ExchangeSink& sink) override;
  void doubt(uint64_t exchange_id) override;
  void abandon_front(ExchangeSink& sink);
  void abandon_all(ExchangeSink& sink);
  void forget_unfinished(ExchangeSink& sink) override;

  // The request direction.
  Pending current_;  // being read, if its handle is not 0
  Statement statement_;
  Bulk bulk_;
  uint64_t arguments_left_ = 0;
  uint32_t last_batch_ = 0;  // of the newest command
  Mute mute_ = Mute::kNone;
  bool arrays_ = false;  // a command came as an array: lines may be commands too

  // The response direction.
  Fifo<Pending> pending_{kMaxPending};
  Reply reply_;                  // the newest reply
  bool replying_ = false;        // it is not complete
  uint64_t reply_exchange_ = 0;  // of its first byte
  bool asked_ = false;           // a command was waiting for it
  Channels channels_;
  bool subscribed_ = false;  // in RESP2: messages come as arrays

  std::string database_;           // index; empty: not known
  std::optional<uint64_t> doubt_;  // exchange in which something was missed
  bool pipelined_ = false;
  bool overlapped_ = false;  // a reply came in a later exchange than its command
  bool in_step_ = false;     // a command was answered
};

}  // namespace weft::protocol::redis
