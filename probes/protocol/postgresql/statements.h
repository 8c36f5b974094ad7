// SPDX-License-Identifier: Apache-2.0
// The statements that a connection's prepared statements and portals stand for. An unknown name
// (prepared before the agent started, forgotten, refused) finds nothing, never another text.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "agent/exchange/fifo.h"
#include "agent/sql/sql.h"
#include "probes/protocol/postgresql/effects.h"

namespace weft::protocol::postgresql {

// A statement's text as a span may carry it. Immutable once shared.
struct Statement {
  std::string text;     // sanitized, valid UTF-8
  std::string summary;  // may be empty
  uint64_t hash = 0;    // statement_hash() of the raw text
  std::string command;  // command_of()
  Effects effects;      // of its execution on names
};
using StatementPtr = std::shared_ptr<const Statement>;

// Makes it from the raw text. Each thread caches the last few hundred texts: both ends of a
// connection on one host have the same one, and programs repeat theirs.
StatementPtr statement_of(std::string_view raw, sql::Backslash backslash = sql::Backslash::kPlain);

// Names to statements, bounded: `max_names` of them and kMaxBytes of text; beyond that the
// least recently used one is forgotten. The unnamed one is not counted.
class Names {
 public:
  static constexpr size_t kMaxBytes = 256 * 1024;

  explicit Names(size_t max_names) : max_names_(max_names) {}

  // Null: the name now stands for something unknown. kNameLength bytes of a name count.
  void put(std::string_view name, StatementPtr statement);
  StatementPtr find(std::string_view name);
  void forget(std::string_view name);
  void clear();

 private:
  struct Entry {
    StatementPtr statement;
    uint64_t used = 0;
  };
  using Table = std::map<std::string, Entry, std::less<>>;
  void erase(Table::iterator entry);
  void make_room(size_t bytes);

  size_t max_names_;
  size_t bytes_ = 0;
  uint64_t clock_ = 0;
  StatementPtr unnamed_;
  Table named_;
};

// Prepared statements. One is valid from its Parse on, because clients do not wait for the
// response; what the server refuses afterwards is forgotten.
class PreparedStatements {
 public:
  // A Parse, in a batch. `name` may be in use: the server then refuses the new one.
  void parsed(std::string_view name, StatementPtr statement, uint32_t batch);
  // ParseComplete: the oldest Parse not yet confirmed was executed.
  void confirmed();
  // Every unconfirmed Parse of the batches up to this one was refused.
  void refused(uint32_t batch);
  StatementPtr find(std::string_view name) { return names_.find(name); }
  void forget(std::string_view name) { names_.forget(name); }
  // Forgets the names that the execution of a text invalidates.
  void apply(const Effects& effects);
  // A name may stand for anything; statements parsed from now on are known again.
  void forget_all() { names_.clear(); }
  // Responses were missed: forgets what is not confirmed.
  void doubt();
  // Requests were missed, which may have prepared anything.
  void clear();

 private:
  static constexpr size_t kMaxNames = 1024;
  static constexpr size_t kMaxUnconfirmed = 512;
  struct Parse {
    std::string name;
    uint32_t batch = 0;
  };

  void refuse_front();

  Names names_{kMaxNames};
  Fifo<Parse> unconfirmed_{kMaxUnconfirmed};
};

}  // namespace weft::protocol::postgresql
