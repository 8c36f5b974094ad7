// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/redis/semantics.h"

#include <utility>

#include "agent/base/semconv.h"

namespace weft::protocol::redis {
namespace {

constexpr char kSystem[] = "redis";
constexpr size_t kMostAttributes = 10;  // with those the builder adds

// The first argument, if it was shown.
std::string_view first_argument(std::string_view text) {
  const size_t blank = text.find(' ');
  if (blank == std::string_view::npos) return {};
  const std::string_view rest = text.substr(blank + 1);
  const std::string_view argument = rest.substr(0, rest.find(' '));
  return argument == "?" || argument == "…" ? std::string_view() : argument;
}

}  // namespace

Outcome describe(Pending& request, std::string_view database) {
  Outcome outcome;
  outcome.name = request.text.empty() ? kSystem : request.name();
  Attributes& out = outcome.attributes;
  out.reserve(kMostAttributes);
  out.set(semconv::kDbSystemName, kSystem);
  if (!database.empty()) out.set(semconv::kDbNamespace, Value(std::string(database)));
  if (request.text.empty()) return outcome;
  out.set(semconv::kDbOperationName, outcome.name);
  if (request.command && request.command->args == Args::kProcedure) {
    const std::string_view procedure = first_argument(request.text);
    if (!procedure.empty()) out.set(semconv::kDbStoredProcedureName, procedure);
  }
  out.set(semconv::kDbQueryText, Value(std::move(request.text)));
  return outcome;
}

void add_reply(Outcome& outcome, const Reply& reply, Special special) {
  const bool failed = reply.is_error() || (special == Special::kExec && reply.has_error());
  if (!failed) return;
  if (reply.is_unknown_command()) {
    outcome.name = kSystem;
    outcome.attributes.truncate(outcome.attributes.find(semconv::kDbNamespace) ? 2 : 1);
  }
  if (!reply.code().empty()) outcome.attributes.set(semconv::kDbResponseStatusCode, reply.code());
  set_error(outcome, reply.code().empty() ? "_OTHER" : reply.code());
}

void set_error(Outcome& outcome, std::string_view error_type) {
  if (error_type.empty()) return;
  outcome.error = true;
  outcome.error_type = error_type;
}

}  // namespace weft::protocol::redis
