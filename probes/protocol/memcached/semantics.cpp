// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/memcached/semantics.h"

#include <utility>

#include "agent/base/semconv.h"

namespace weft::protocol::memcached {
namespace {

constexpr char kSystem[] = "memcached";
constexpr size_t kMostAttributes = 8;  // with those the builder adds

}  // namespace

Outcome describe(Pending& command, uint64_t time, std::string_view code) {
  Outcome outcome;
  outcome.end_time = time;
  outcome.name = command.text.empty() ? kSystem : command.text.substr(0, command.text.find(' '));
  Attributes& out = outcome.attributes;
  out.reserve(kMostAttributes);
  out.set(semconv::kDbSystemName, kSystem);
  if (!command.text.empty()) {
    out.set(semconv::kDbOperationName, outcome.name);
    out.set(semconv::kDbQueryText, Value(std::move(command.text)));
  }
  if (!code.empty()) out.set(semconv::kDbResponseStatusCode, code);
  set_error(outcome, code);
  return outcome;
}

void set_error(Outcome& outcome, std::string_view error_type) {
  if (error_type.empty()) return;
  outcome.error = true;
  outcome.error_type = error_type;
}

}  // namespace weft::protocol::memcached
