// SPDX-License-Identifier: Apache-2.0
// One memcached connection, text protocol: classic and meta commands. Contract:
// agent/port/protocol.h. One span per command (semantics.h); those sent in one direction change
// share a batch number.
//
//   what is special                    what it is here
//   noreply                            the span ends with its own last byte; an error that comes
//                                      all the same is nobody's, and makes one that may be its or
//                                      the next command's nobody's too (pending.h)
//   flag q of meta commands            without an answer, it ends with its own last byte, told when
//                                      the answer to a later command shows that it had none;
//                                      never, when the connection ended before: weft.outcome
//   several commands that one answer   none of them is told: abandoned
//     may belong to
//   an error before all the data came  ends the command; the rest of its data is passed over
//   a command that is not known, or    a span of an error; "memcached", if it is not known
//     has other arguments
//   quit                               ends with its own last byte
//   watch, lru_crawler metadump        end with the answer's first line; then opaque
//   more than kMost unanswered         what follows in that direction change is abandoned, as after
//   a hole the connection ends                agent/exchange/failure.h; shutdown: no error an
//   answer the command cannot have  another protocol, or out of step: given up, whatever is open
//                                      is abandoned
//
// Nothing is told before the connection is known to be of memcached: by an answer that its command
// may have, data of the length that was said, or "noreply". "get key" is Redis, too.
//
// Holes: within data they are counted through. One elsewhere in the answer to a lone command
// hides where that ends: it lasts until the next request. Any other hole abandons what it may have
// answered. From then on an answer counts only if the kernel saw it in its command's exchange
// (exchange_id). A connection whose answers have come in a later exchange than their commands (a
// client that shares it between threads) is given up at such a hole.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/exchange/session_base.h"
#include "probes/protocol/memcached/pending.h"
#include "probes/protocol/memcached/reply.h"

namespace weft::protocol::memcached {

class MemcachedSession final : public SessionBase {
 public:
  explicit MemcachedSession(Role role) : SessionBase(role) {}

 private:
  // session.cpp
  Progress read(Direction direction, const Chunk& chunk, ExchangeSink& sink) override;
  Progress skip(Direction direction, uint64_t n, const Stamp& stamp, ExchangeSink& sink) override;
  void close_responses(CloseReason reason, uint64_t time, ExchangeSink& sink) override;
  bool may_start(Direction direction, std::string_view bytes) const override;
  void drop_all(ExchangeSink& sink) override;

  // A get of some thousand keys; the server refuses longer ones.
  static constexpr size_t kMaxRequestLine = 65536;
  // Bytes per message: for a pipeline, and after each hole four times as many.
  static constexpr uint32_t kFirstHead = 65536;
  static constexpr uint32_t kMostHead = 1u << 20;

  // request.cpp
  Progress request(const Chunk& chunk, size_t at, ExchangeSink& sink);
  Progress line(const Chunk& chunk, size_t at, ExchangeSink& sink);
  ParseStatus begin(std::string_view line, const Chunk& chunk, size_t at, size_t size,
                    ExchangeSink& sink);
  void count_in_batch(bool optional);
  bool make_room(ExchangeSink& sink);
  void complete(const Stamp& last, ExchangeSink& sink);
  void end_unanswered(ExchangeSink& sink);
  Progress request_gap(uint64_t n, const Stamp& stamp, ExchangeSink& sink);
  ParseStatus lose_requests(uint64_t exchange_id, ExchangeSink& sink);

  // response.cpp
  Progress response(const Chunk& chunk, size_t at, ExchangeSink& sink);
  ParseStatus first_line(ExchangeSink& sink);
  void settle(size_t count, ExchangeSink& sink);
  void doubt_all_that_fit(ExchangeSink& sink);
  ParseStatus unasked(ExchangeSink& sink);
  ParseStatus reply_complete(uint64_t time, ExchangeSink& sink);
  bool is_alone() const;
  Progress response_gap(uint64_t n, const Stamp& stamp, ExchangeSink& sink);
  ParseStatus lose_responses(uint64_t exchange_id, ExchangeSink& sink);

  // session.cpp
  void end(Pending& command, uint64_t time, std::string_view error, bool unseen,
           ExchangeSink& sink);
  void direction_changed(ExchangeSink& sink);
  void end_held(ExchangeSink& sink);
  void end_unframed(ExchangeSink& sink);
  void close_command(Pending& command, CloseReason reason, uint64_t time, ExchangeSink& sink);
  void doubt(uint64_t exchange_id) { doubt_ = exchange_id; }
  static void abandon(Pending& command, ExchangeSink& sink);
  void abandon_all(ExchangeSink& sink);
  void forget_unfinished(ExchangeSink& sink);

  // The request direction.
  PendingQueue pending_;
  Block block_;                  // data of the newest command, or of one that failed early
  bool reading_ = false;         // the newest in pending_ is not whole
  bool line_begun_ = false;      // the beginning of a line was shown
  bool answered_early_ = false;  // one of both, and it was answered: the rest of it was lost
  uint32_t batch_ = 0;           // turns so far
  uint32_t last_batch_ = 0;      // of the newest command
  uint32_t awaited_ = 0;         // commands of it that must be answered

  // The response direction. An answer that is known whose it is is the front's.
  Reply reply_;                  // the newest
  bool replying_ = false;        // it is not complete
  bool asked_ = false;           // its first line was read, and pending_'s front waited for it
  uint64_t reply_exchange_ = 0;  // of its first byte
  uint64_t last_response_ = 0;   // time of the newest byte
  bool unframed_ = false;        // its end is not known: it lasts until the next request
  bool holding_ = false;  // answers of this direction change may be the rest of an unframed one
  std::vector<std::pair<ExchangeHandle, Outcome>> held_;

  std::optional<uint64_t> doubt_;  // exchange in which something was missed
  bool proven_ = false;            // it is memcached
  bool pipelined_ = false;   // two commands that must be answered came in one direction change
  bool overlapped_ = false;  // an answer came in a later exchange than its command
};

}  // namespace weft::protocol::memcached
