// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/postgresql/effects.h"

#include <algorithm>
#include <array>
#include <optional>

#include "agent/sql/lexer.h"
#include "probes/protocol/postgresql/semantics.h"

namespace weft::protocol::postgresql {
namespace {

using sql::TokenKind;

constexpr size_t kLongestCommand = 16;

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_word(std::string_view text, std::string_view capitals) {
  return std::ranges::equal(text, capitals, {}, upper);
}

// The name between double quotes; two of them mean one.
std::string unquoted(std::string_view text) {
  std::string out;
  for (size_t i = 1; i + 1 < text.size(); ++i) {
    out += text[i];
    if (text[i] == '"') ++i;
  }
  return out;
}

// These bytes neither end a statement nor begin something that must be closed.
bool is_one_statement(std::string_view rest) {
  constexpr auto kEnds = [] {
    std::array<bool, 256> out{};
    for (const char c : std::string_view(";'\"$/")) out[static_cast<unsigned char>(c)] = true;
    return out;
  }();
  rest = rest.substr(0, rest.find_last_not_of(" \t\r\n;") + 1);
  return std::ranges::none_of(rest, [&](char c) { return kEnds[static_cast<unsigned char>(c)]; });
}

// Reads a text statement by statement.
class Reader {
 public:
  Reader(std::string_view text, sql::Backslash backslash)
      : text_(text), lexer_(text, sql::Dialect::kPostgres, backslash) {
    advance();
  }
  Effects run();

 private:
  void advance();
  void statement();
  void deallocate();
  void names(std::vector<std::string>& into, bool& all);
  std::optional<std::string> name();
  bool at_end() const { return kind_ == TokenKind::kEnd || at_semicolon(); }
  bool at_semicolon() const { return kind_ == TokenKind::kPunct && view() == ";"; }
  bool at(std::string_view word) const {
    return kind_ == TokenKind::kWord && is_word(view(), word);
  }
  std::string_view view() const {
    return text_.substr(lexer_.begin(), lexer_.end() - lexer_.begin());
  }
  void anything() { effects_.all_statements = effects_.all_portals = true; }

  std::string_view text_;
  sql::Lexer lexer_;
  TokenKind kind_ = TokenKind::kEnd;
  Effects effects_;
};

void Reader::advance() {
  do {
    kind_ = lexer_.next();
    effects_.unseen = effects_.unseen || lexer_.unclosed();
  } while (kind_ == TokenKind::kComment);
}

Effects Reader::run() {
  while (kind_ != TokenKind::kEnd) {
    statement();
    if (!at_end() && is_one_statement(text_.substr(lexer_.end()))) break;
    while (!at_end()) advance();
    if (at_semicolon()) advance();
  }
  return std::move(effects_);
}

void Reader::statement() {
  if (kind_ != TokenKind::kWord) return;
  const std::string_view command = view();
  advance();
  if (is_word(command, "PREPARE")) return names(effects_.statements, effects_.all_statements);
  if (is_word(command, "DEALLOCATE")) return deallocate();
  if (is_word(command, "DECLARE")) return names(effects_.portals, effects_.all_portals);
  if (is_word(command, "CLOSE")) {
    if (at("ALL")) effects_.all_portals = true;
    return names(effects_.portals, effects_.all_portals);
  }
  if (is_word(command, "DO") || (is_word(command, "DISCARD") && at("ALL"))) anything();
}

void Reader::deallocate() {
  if (at("ALL")) effects_.all_statements = true;
  const bool maybe_prepare = at("PREPARE");
  names(effects_.statements, effects_.all_statements);
  if (!maybe_prepare || at_end()) return;
  if (at("ALL")) effects_.all_statements = true;
  names(effects_.statements, effects_.all_statements);
}

void Reader::names(std::vector<std::string>& into, bool& all) {
  std::optional<std::string> found = name();
  if (found && found->size() < kNameLength) {
    into.push_back(std::move(*found));
  } else {
    all = true;
  }
}

// None: the name is not known. The server folds letters beyond ASCII by its locale, and
// U&"\0061" by rules of its own.
std::optional<std::string> Reader::name() {
  const std::string_view token = view();
  const bool word = kind_ == TokenKind::kWord;
  const bool quoted = kind_ == TokenKind::kQuoted;
  if (!word && !quoted) return std::nullopt;
  advance();
  if (quoted) return unquoted(token);
  std::string out(token);
  std::ranges::transform(out, out.begin(), lower);
  const bool ascii = std::ranges::all_of(out, [](char c) { return c >= 0; });
  const bool escaped = out == "u" && kind_ == TokenKind::kPunct && view() == "&";
  return ascii && !escaped ? std::optional(std::move(out)) : std::nullopt;
}

// Commands with another tag, or with one of several tags.
struct Tags {
  std::string_view command;
  std::array<std::string_view, 5> tags;
};
constexpr Tags kTags[] = {
    {"(", {"SELECT"}},
    {"VALUES", {"SELECT"}},
    {"TABLE", {"SELECT"}},
    {"WITH", {"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE"}},
    {"CREATE", {"CREATE", "SELECT", "INSERT"}},  // CREATE TABLE AS, CREATE SCHEMA
    {"END", {"COMMIT", "ROLLBACK"}},
    {"COMMIT", {"COMMIT", "ROLLBACK"}},
    {"ABORT", {"ROLLBACK"}},
    {"ANALYSE", {"ANALYZE"}},
};

}  // namespace

Effects effects_of(std::string_view text, sql::Backslash backslash) {
  return Reader(text, backslash).run();
}

std::string command_of(std::string_view text, sql::Backslash backslash) {
  sql::Lexer lexer(text, sql::Dialect::kPostgres, backslash);
  TokenKind kind = lexer.next();
  const auto view = [&] { return text.substr(lexer.begin(), lexer.end() - lexer.begin()); };
  while (kind == TokenKind::kComment || (kind == TokenKind::kPunct && view() == ";")) {
    kind = lexer.next();
  }
  const bool parenthesis = kind == TokenKind::kPunct && view() == "(";
  if ((kind != TokenKind::kWord && !parenthesis) || view().size() > kLongestCommand) return {};
  std::string out(view());
  std::ranges::transform(out, out.begin(), upper);
  return out;
}

bool tag_fits(std::string_view command, std::string_view tag) {
  const bool same = tag.starts_with(command) && tag.size() > command.size();
  if (same && (tag[command.size()] == ' ' || tag[command.size()] == '\0')) return true;
  tag = tag_operation(tag);
  tag = tag.substr(0, tag.find(' '));
  if (command.empty() || tag.empty() || command == tag || command == "EXECUTE") return true;
  const auto found = std::ranges::find(kTags, command, &Tags::command);
  return found != std::end(kTags) && std::ranges::find(found->tags, tag) != found->tags.end();
}

bool tag_changes_statements(std::string_view tag) {
  if (tag.empty() || (tag[0] != 'D' && tag[0] != 'P')) return false;
  const std::string_view operation = tag_operation(tag);
  return operation == "DO" || operation == "PREPARE" || operation.starts_with("DEALLOCATE") ||
         operation.starts_with("DISCARD");
}

}  // namespace weft::protocol::postgresql
