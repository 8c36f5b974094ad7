// SPDX-License-Identifier: Apache-2.0
// One memcached connection, text protocol: classic and meta commands. Contract:
// agent/port/protocol.h. One span per command (semantics.h); the commands sent between two
// direction changes share a batch number.
//
//   case                               result
//   noreply                            the span ends with the command's last byte. If an error
//                                      comes nevertheless, it belongs to no command, and so does
//                                      an error that may be its own or the next command's
//                                      (pending.h)
//   flag q of meta commands            if it has no answer, the span ends with the command's last
//                                      byte; it is emitted when the answer to a later command
//                                      shows that there was none. If the connection ends before:
//                                      weft.outcome
//   one answer fits several commands   all of them are abandoned
//   an error before all data arrived   ends the command; the rest of its data is skipped
//   unknown command or arguments       a span with an error; its name is "memcached" if the
//                                      command is unknown
//   quit                               ends with its own last byte
//   watch, lru_crawler metadump        end with the first line of the answer; then opaque
//   more than kMost unanswered         what follows before the next direction change is
//                                      abandoned, as after a hole
//   the connection ends                agent/exchange/failure.h; no error after shutdown
//   an answer the command cannot have  another protocol, or out of step: the session gives up and
//                                      abandons every open exchange
//
// Nothing is reported before the connection is known to be memcached: by an answer that its command
// may have, by data of the announced length, or by "noreply". "get key" is valid Redis, too.
//
// Holes within data are counted through. A hole elsewhere in the answer to a lone command hides the
// answer's end: it lasts until the next request. Any other hole abandons every command it may have
// answered; from then on an answer counts only if the kernel side saw it in its command's exchange
// (exchange_id). If answers have come in a later exchange than their commands (a client that shares
// the connection between threads), the session gives up at such a hole.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/exchange/command_session.h"
#include "probes/protocol/memcached/pending.h"
#include "probes/protocol/memcached/reply.h"

namespace weft::protocol::memcached {

class MemcachedSession final : public CommandSession {
 public:
  explicit MemcachedSession(Role role) : CommandSession(role) {}

 private:
  // session.cpp
  void close_responses(CloseReason reason, uint64_t time, ExchangeSink& sink) override;
  bool may_start(Direction direction, std::string_view bytes) const override;
  void drop_all(ExchangeSink& sink) override;

  // A get of some thousand keys; the server refuses longer ones.
  static constexpr size_t kMaxRequestLine = 65536;

  // request.cpp
  Progress request(const Chunk& chunk, size_t at, ExchangeSink& sink) override;
  Progress line(const Chunk& chunk, size_t at, ExchangeSink& sink);
  ParseStatus begin(std::string_view line, const Chunk& chunk, size_t at, size_t size,
                    ExchangeSink& sink);
  void count_in_batch(bool optional);
  bool make_room(ExchangeSink& sink);
  void complete(const Stamp& last, ExchangeSink& sink);
  void end_unanswered(ExchangeSink& sink);
  Progress request_gap(uint64_t n, const Stamp& stamp, ExchangeSink& sink) override;
  ParseStatus lose_requests(uint64_t exchange_id, ExchangeSink& sink) override;

  // response.cpp
  Progress response(const Chunk& chunk, size_t at, ExchangeSink& sink) override;
  ParseStatus first_line(ExchangeSink& sink);
  void settle(size_t count, ExchangeSink& sink);
  void doubt_all_that_fit(ExchangeSink& sink);
  ParseStatus unasked(ExchangeSink& sink);
  ParseStatus reply_complete(uint64_t time, ExchangeSink& sink);
  bool is_alone() const;
  Progress response_gap(uint64_t n, const Stamp& stamp, ExchangeSink& sink) override;
  ParseStatus lose_responses(uint64_t exchange_id, ExchangeSink& sink);

  // session.cpp
  void end(Pending& command, uint64_t time, std::string_view error, bool unseen,
           ExchangeSink& sink);
  void end_unframed(ExchangeSink& sink) override;
  void close_command(Pending& command, CloseReason reason, uint64_t time, ExchangeSink& sink);
  void doubt(uint64_t exchange_id) override { doubt_ = exchange_id; }
  static void abandon(Pending& command, ExchangeSink& sink);
  void abandon_all(ExchangeSink& sink);
  void forget_unfinished(ExchangeSink& sink) override;

  // The request direction.
  PendingQueue pending_;
  Block block_;              // data of the newest command, or of one that failed early
  bool reading_ = false;     // the newest in pending_ is not whole
  bool line_begun_ = false;  // the beginning of a line was shown
  uint32_t last_batch_ = 0;  // of the newest command
  uint32_t awaited_ = 0;     // commands of it that must be answered

  // The response direction. Once its command is known, the answer is that of pending_'s front.
  Reply reply_;                  // the newest
  bool replying_ = false;        // it is not complete
  bool asked_ = false;           // its first line was read: it answers pending_'s front
  uint64_t reply_exchange_ = 0;  // of its first byte

  std::optional<uint64_t> doubt_;  // exchange in which something was missed
  bool proven_ = false;            // the connection is memcached
  bool pipelined_ = false;   // two commands that must be answered came in one direction change
  bool overlapped_ = false;  // an answer came in a later exchange than its command
};

}  // namespace weft::protocol::memcached
