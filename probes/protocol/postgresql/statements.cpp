// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/postgresql/statements.h"

#include <algorithm>
#include <array>
#include <functional>

#include "agent/base/utf8.h"
#include "agent/port/exchange.h"
#include "agent/sql/sql.h"

namespace weft::protocol::postgresql {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\f\v";
constexpr std::string_view kBetweenWords = " \t\r\n\f\v;";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

// The next word, in lower case as the server folds it, or what stands between quotes.
std::string take_word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(kBetweenWords), rest.size()));
  const bool quoted = rest.starts_with('"');
  if (quoted) rest.remove_prefix(1);
  const size_t end =
      std::min(quoted ? rest.find('"') : rest.find_first_of(kBetweenWords), rest.size());
  std::string word(rest.substr(0, end));
  rest.remove_prefix(std::min(end + (quoted ? 1 : 0), rest.size()));
  if (!quoted) std::ranges::transform(word, word.begin(), lower);
  return word;
}

// Comments leave blanks behind.
std::string trimmed(std::string&& text) {
  text.erase(text.find_last_not_of(kBlanks) + 1);
  return is_ascii(text) ? std::move(text) : to_utf8(text);
}

StatementPtr make_statement(std::string_view raw) {
  sql::Statement told = sql::sanitize(raw, sql::Dialect::kPostgres);
  return std::make_shared<const Statement>(Statement{
      trimmed(std::move(told.text)), trimmed(std::move(told.summary)), statement_hash(raw)});
}

// By the hash of the text; of two that fall on one place the later stays.
struct Recent {
  std::string raw;
  StatementPtr statement;
};
constexpr size_t kRecent = 256;
constexpr size_t kMaxRecent = 1024;  // bytes of a text that is remembered

}  // namespace

StatementPtr statement_of(std::string_view raw) {
  if (raw.size() > kMaxRecent) return make_statement(raw);
  thread_local std::array<Recent, kRecent> all;
  Recent& recent = all[std::hash<std::string_view>{}(raw) % kRecent];
  if (!recent.statement || recent.raw != raw) {
    recent.statement = make_statement(raw);
    recent.raw = raw;
  }
  return recent.statement;
}

void Names::put(std::string_view name, StatementPtr statement) {
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
  if (name.empty()) return unnamed_;
  const auto found = named_.find(name);
  if (found == named_.end()) return nullptr;
  found->second.used = ++clock_;
  return found->second.statement;
}

void Names::forget(std::string_view name) {
  if (name.empty()) unnamed_.reset();
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

void PreparedStatements::note_text(std::string_view raw) {
  raw.remove_prefix(std::min(raw.find_first_not_of(kBetweenWords), raw.size()));
  if (raw.empty() || (lower(raw[0]) != 'd' && lower(raw[0]) != 'p')) return;
  raw = raw.substr(0, 256);
  const std::string verb = take_word(raw);
  if (verb == "discard") names_.clear();
  if (verb != "deallocate" && verb != "prepare") return;
  std::string name = take_word(raw);
  if (verb == "deallocate" && name == "prepare") name = take_word(raw);
  if (verb == "deallocate" && name == "all") {
    names_.clear();
  } else {
    names_.forget(name.substr(0, name.find('(')));
  }
}

}  // namespace weft::protocol::postgresql
