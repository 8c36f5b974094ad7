// SPDX-License-Identifier: Apache-2.0
// The commands of one connection that are not answered yet, oldest first; finds the command that an
// answer belongs to. Answers come in order, but not every command has one:
//
//   noreply                    none, except perhaps an error
//   flag q of a meta command   perhaps none: a miss of mg, a success of the others
//
// An answer belongs to the oldest command that must have one, or to a command before it that may.
// It is paired only if exactly one of them fits, by kind and by the opaque token and the key that
// meta answers repeat. If several fit, all of them are abandoned.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "agent/port/exchange.h"
#include "probes/protocol/memcached/command.h"
#include "probes/protocol/memcached/reply.h"

namespace weft::protocol::memcached {

struct Pending {
  ExchangeHandle handle = 0;  // 0: ended or abandoned, but an answer may still come
  uint64_t exchange_id = 0;   // of its last byte
  uint64_t time = 0;          // of its last byte
  const Command* command = nullptr;
  uint32_t answers = 0;   // it may have, a set of Answer
  bool optional = false;  // it may have none
  bool whole = true;      // its data has been read; an error may come before
  uint64_t opaque = 0;
  uint64_t key = 0;
  std::string text;  // db.query.text; empty: the command is unknown

  // By the first line of the answer.
  bool fits(const Reply& reply) const;
};

class PendingQueue {
 public:
  // Commands one connection may have unanswered; 4096 of them take about a megabyte.
  static constexpr size_t kMost = 4096;

  bool empty() const { return size() == 0; }
  size_t size() const { return all_.size() - first_; }
  bool full() const { return size() == kMost; }
  Pending& front() { return all_[first_]; }
  const Pending& front() const { return all_[first_]; }
  Pending& back() { return all_.back(); }
  Pending& at(size_t i) { return all_[first_ + i]; }
  // Requires !full().
  void push(Pending&& command);
  void pop();
  // The commands that the reply may belong to: the first one's place, and how many there are.
  // is_open: none of the commands must have an answer, so it may be one that comes behind them.
  struct Match {
    size_t first = 0;
    size_t count = 0;
    bool is_open = true;
  };
  Match match(const Reply& reply) const;

 private:
  std::vector<Pending> all_;  // [first_, end)
  size_t first_ = 0;
};

}  // namespace weft::protocol::memcached
