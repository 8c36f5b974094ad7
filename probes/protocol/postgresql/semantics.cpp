// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/postgresql/semantics.h"

#include <algorithm>

#include "agent/base/semconv.h"
#include "agent/base/utf8.h"
#include "agent/sql/sql.h"
#include "probes/protocol/postgresql/frame.h"

namespace weft::protocol::postgresql {
namespace {

constexpr size_t kUsualAttributes = 10;  // with the builder's
constexpr std::string_view kPrepare = "PREPARE";
constexpr std::string_view kBlanks = " \t\r\n;";

std::string span_name(const Facts& facts, const std::string& summary, const Side& side) {
  if (!summary.empty()) return summary;
  const std::string& target = side.database.empty() ? side.server : side.database;
  if (facts.operation.empty()) return target.empty() ? "postgresql" : target;
  return target.empty() ? facts.operation : facts.operation + ' ' + target;
}

// "PREPARE SELECT t", without the targets that do not fit.
std::string prepare_summary(std::string_view own) {
  if (own.empty()) return {};
  std::string out = std::string(kPrepare) + ' ' + std::string(own);
  return out.size() <= sql::kMaxSummary ? out : out.substr(0, out.find(' ', kPrepare.size() + 1));
}

std::string_view trim(std::string_view text) {
  const size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

// The content of a comment at either end.
std::string_view outer_comment(std::string_view text) {
  text = trim(text);
  if (text.ends_with("*/")) {
    const size_t begin = text.rfind("/*", text.size() - 2);
    return begin == std::string_view::npos ? "" : text.substr(begin + 2, text.size() - begin - 4);
  }
  const size_t end = text.find("*/");
  return text.starts_with("/*") && end != std::string_view::npos ? text.substr(2, end - 2) : "";
}

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char letter = static_cast<char>(c | 0x20);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool coded = text[i] == '%' && i + 2 < text.size();
    const int high = coded ? hex(text[i + 1]) : -1;
    const int low = coded ? hex(text[i + 2]) : -1;
    const bool both = high >= 0 && low >= 0;
    out += both ? static_cast<char>(high * 16 + low) : text[i];
    if (both) i += 2;
  }
  return out;
}

// The value of key='value'; empty when there is none.
std::string_view quoted_value(std::string_view comment, std::string_view key) {
  for (size_t at = comment.find(key); at != std::string_view::npos;
       at = comment.find(key, at + 1)) {
    if (at > 0 && comment[at - 1] != ',' && comment[at - 1] != ' ') continue;
    std::string_view rest = comment.substr(at + key.size());
    if (!rest.starts_with("='")) continue;
    rest.remove_prefix(2);
    return rest.substr(0, rest.find('\''));
  }
  return {};
}

}  // namespace

Side::Side(const SessionOptions& options) : role(options.role) {
  if (role == Role::kServer || options.remote_address.empty()) return;
  server = options.remote_address + ':' + std::to_string(options.remote_port);
}

Outcome make_outcome(const Facts& facts, const Side& side, uint64_t end_time) {
  static const std::string kNone;
  const bool prepare = facts.operation == kPrepare;
  const std::string& own = facts.statement ? facts.statement->summary : kNone;
  const std::string prefixed = prepare ? prepare_summary(own) : std::string();
  const std::string& summary = prepare ? prefixed : own;
  Outcome out;
  out.end_time = end_time;
  out.name = span_name(facts, summary, side);
  Attributes& a = out.attributes;
  a.reserve(kUsualAttributes);
  a.set(semconv::kDbSystemName, "postgresql");
  if (!side.database.empty()) a.set(semconv::kDbNamespace, side.database);
  if (facts.statement && !facts.statement->text.empty()) {
    a.set(semconv::kDbQueryText, facts.statement->text);
  }
  if (!summary.empty()) a.set(semconv::kDbQuerySummary, summary);
  if (!facts.operation.empty()) a.set(semconv::kDbOperationName, facts.operation);
  if (!facts.sqlstate.empty()) a.set(semconv::kDbResponseStatusCode, facts.sqlstate);
  out.error_type = facts.sqlstate >= "02" ? facts.sqlstate : std::string(facts.error);
  out.error = !out.error_type.empty();
  out.unseen = facts.unseen && !out.error;
  if (facts.prepared != 0) out.events.push_back({facts.prepared, "db.prepare"});
  return out;
}

std::string startup_database(std::string_view parameters) {
  std::string_view database, user;
  while (true) {
    const auto key = take_string(parameters);
    if (!key || key->empty()) break;
    const auto value = take_string(parameters);
    if (!value) return {};
    if (*key == "database") database = *value;
    if (*key == "user") user = *value;
    if (*key == "replication" && *value != "database" && *value != "false") return {};
  }
  return to_utf8(database.empty() ? user : database);
}

bool is_sqlstate(std::string_view code) {
  return code.size() == 5 && std::ranges::all_of(code, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
         });
}

std::optional<std::string_view> error_code(std::string_view fields) {
  while (!fields.empty() && fields[0] != '\0') {
    const char field = fields[0];
    fields.remove_prefix(1);
    const auto value = take_string(fields);
    if (!value) return std::nullopt;
    if (field != 'C') continue;
    return is_sqlstate(*value) ? value : std::nullopt;
  }
  return std::nullopt;
}

std::string_view tag_operation(std::string_view tag) {
  size_t end = 0;
  while (end < tag.size() && ((tag[end] >= 'A' && tag[end] <= 'Z') || tag[end] == ' ')) ++end;
  if (end < tag.size() && tag[end] != '\0' && (tag[end] < '0' || tag[end] > '9')) return {};
  return trim(tag.substr(0, end));
}

std::optional<TraceContext> comment_context(std::string_view text) {
  const std::string_view comment = outer_comment(text);
  if (comment.empty()) return std::nullopt;
  const std::string_view parent = quoted_value(comment, "traceparent");
  if (parent.empty()) return std::nullopt;
  TraceContextParser parser;
  parser.traceparent(percent_decoded(parent));
  const std::string_view state = quoted_value(comment, "tracestate");
  if (!state.empty()) parser.tracestate(percent_decoded(state));
  return parser.finish();
}

std::string context_comment(std::string_view text) {
  if (!comment_context(text)) return {};
  const std::string_view parent = quoted_value(outer_comment(text), "traceparent");
  return "/*traceparent='" + std::string(parent) + "'*/";
}

}  // namespace weft::protocol::postgresql
