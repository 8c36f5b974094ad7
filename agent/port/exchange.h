// SPDX-License-Identifier: Apache-2.0
// One request and its response, as a protocol session tells it to the stitcher.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/attribute.h"
#include "agent/base/trace_context.h"

namespace weft {

enum class Role : uint8_t { kServer, kClient };
// Relative to the exchange, not to the host.
enum class Direction : uint8_t { kRequest = 0, kResponse = 1 };

// When, by whom and in which kernel exchange some bytes moved: one data record's facts.
struct Stamp {
  uint64_t time = 0;  // CLOCK_MONOTONIC ns
  uint32_t tid = 0;
  uint64_t exchange_id = 0;       // kernel exchange on this connection
  uint64_t current_exchange = 0;  // exchange current on the thread just before; 0 unknown
  uint8_t flags = 0;              // WEFT_DATA_*
  uint32_t pid = 0;               // process the thread belongs to
};

// What is known when a request's first byte is seen.
struct RequestStart {
  Stamp stamp;
  uint64_t pos = 0;  // stream position of the first byte: the key that joins two ends
  // Requests that the server ends together share a number (PostgreSQL: up to a Sync).
  uint32_t batch = 0;
  // statement_hash() of the statement's raw text, which the engine behind the server sees
  // too: tells the requests of a batch apart. 0: not known.
  uint64_t statement = 0;
};

// FNV-1a over the first bytes of a text, never 0. An engine's probe reads no more than these.
inline constexpr size_t kStatementPrefix = 64;
uint64_t statement_hash(std::string_view text);

// Something within an exchange that has a time and a name: an event of its span.
struct Moment {
  uint64_t time = 0;      // CLOCK_MONOTONIC ns
  std::string_view name;  // lives as long as the process
};

// How an exchange ended. The session fills what the protocol says, by the semantic
// conventions and for its role; the builder adds the connection's peer, ids and times.
struct Outcome {
  uint64_t end_time = 0;       // CLOCK_MONOTONIC ns of the last byte that belongs to it
  std::string name;            // span name
  Attributes attributes;       // protocol attributes, semconv keys
  bool error = false;          // span status Error
  std::string error_type;      // error.type, empty when none
  bool unseen = false;         // whether it failed was not seen: weft.outcome
  bool carries_spans = false;  // it is an export of spans: who sent it makes its own
  std::vector<Moment> events;
};

// Identifies an exchange between begin and end; 0 is none.
using ExchangeHandle = uint64_t;

// Implemented by the stitcher. Called on the pipeline's thread, in event order.
class ExchangeSink {
 public:
  virtual ~ExchangeSink() = default;
  virtual ExchangeHandle begin(const RequestStart& start) = 0;
  // The request's head is complete; context: its accepted propagation header, if any.
  // At most once per exchange, before end().
  virtual void head(ExchangeHandle exchange, const std::optional<TraceContext>& context) = 0;
  // The rest of the request moves in another kernel exchange, and counts among the requests
  // of another batch.
  virtual void goes_on(ExchangeHandle, const Stamp&, uint32_t /*batch*/) {}
  virtual void end(ExchangeHandle exchange, Outcome outcome) = 0;
  // The exchange cannot be told truthfully (desync, hole in a head): counted, no span.
  virtual void abandon(ExchangeHandle exchange) = 0;
  // Nobody wanted to hear of this connection after all: what is open is no loss.
  virtual void disown() {}
};

}  // namespace weft
