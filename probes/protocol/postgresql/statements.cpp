// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/postgresql/statements.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "agent/base/utf8.h"
#include "agent/port/exchange.h"

namespace weft::protocol::postgresql {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\f\v";

// Removed comments leave blanks.
std::string trimmed(std::string&& text) {
  text.erase(text.find_last_not_of(kBlanks) + 1);
  return is_ascii(text) ? std::move(text) : to_utf8(text);
}

StatementPtr make_statement(std::string_view raw, sql::Backslash backslash) {
  sql::Statement told = sql::sanitize(raw, sql::Dialect::kPostgres, backslash);
  return std::make_shared<const Statement>(
      Statement{trimmed(std::move(told.text)), trimmed(std::move(told.summary)),
                statement_hash(raw), command_of(raw, backslash), effects_of(raw, backslash)});
}

// A cache by the hash of the text; a collision replaces the earlier entry.
struct Recent {
  std::string raw;
  sql::Backslash backslash;
  bool any;  // valid for any `backslash`: the text has none
  StatementPtr statement;
};
constexpr size_t kRecent = 256;
constexpr size_t kMaxRecent = 1024;  // bytes of a text that is remembered

}  // namespace

StatementPtr statement_of(std::string_view raw, sql::Backslash backslash) {
  if (raw.size() > kMaxRecent) return make_statement(raw, backslash);
  thread_local std::array<Recent, kRecent> all;
  Recent& recent = all[std::hash<std::string_view>{}(raw) % kRecent];
  const bool same = recent.any || recent.backslash == backslash;
  if (!recent.statement || !same || recent.raw != raw) {
    const bool any = raw.find('\\') == raw.npos;
    recent = {std::string(raw), backslash, any, make_statement(raw, backslash)};
  }
  return recent.statement;
}

void Names::put(std::string_view name, StatementPtr statement) {
  name = name.substr(0, kNameLength);
  if (name.empty()) {
    unnamed_ = std::move(statement);
    return;
  }
  forget(name);
  if (!statement || statement->text.size() > kMaxBytes) return;
  make_room(statement->text.size());
  bytes_ += statement->text.size();
  named_.emplace(name, Entry{std::move(statement), ++clock_});
}

StatementPtr Names::find(std::string_view name) {
  name = name.substr(0, kNameLength);
  if (name.empty()) return unnamed_;
  const auto found = named_.find(name);
  if (found == named_.end()) return nullptr;
  found->second.used = ++clock_;
  return found->second.statement;
}

void Names::forget(std::string_view name) {
  name = name.substr(0, kNameLength);
  if (name.empty()) return unnamed_.reset();
  if (const auto found = named_.find(name); found != named_.end()) erase(found);
}

void Names::clear() {
  unnamed_.reset();
  named_.clear();
  bytes_ = 0;
}

void Names::erase(Table::iterator entry) {
  bytes_ -= entry->second.statement->text.size();
  named_.erase(entry);
}

void Names::make_room(size_t bytes) {
  while (!named_.empty() && (named_.size() >= max_names_ || bytes_ + bytes > kMaxBytes)) {
    erase(std::ranges::min_element(named_, {}, [](const auto& e) { return e.second.used; }));
  }
}

void PreparedStatements::parsed(std::string_view name, StatementPtr statement, uint32_t batch) {
  const bool noted = unconfirmed_.push({std::string(name), batch}) != 0;
  names_.put(name, noted ? std::move(statement) : nullptr);
}

void PreparedStatements::confirmed() {
  if (!unconfirmed_.empty()) unconfirmed_.pop();
}

void PreparedStatements::refuse_front() {
  if (const Parse* parse = unconfirmed_.front()) names_.forget(parse->name);
  unconfirmed_.pop();
}

void PreparedStatements::refused(uint32_t batch) {
  while (const Parse* parse = unconfirmed_.front()) {
    if (static_cast<int32_t>(parse->batch - batch) > 0) return;
    refuse_front();
  }
}

void PreparedStatements::doubt() {
  while (!unconfirmed_.empty()) refuse_front();
}

void PreparedStatements::clear() {
  doubt();
  names_.clear();
}

void PreparedStatements::apply(const Effects& effects) {
  if (effects.all_statements) names_.clear();
  for (const std::string& name : effects.statements) names_.forget(name);
}

}  // namespace weft::protocol::postgresql
