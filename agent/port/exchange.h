// SPDX-License-Identifier: Apache-2.0
// One request and its response, as a protocol session reports it to the stitcher.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/attribute.h"
#include "agent/base/span_parts.h"
#include "agent/base/trace_context.h"

namespace weft {

enum class Role : uint8_t { kServer, kClient };
// Relative to the exchange, not to the host.
enum class Direction : uint8_t { kRequest = 0, kResponse = 1 };

// When, by which thread and in which kernel exchange some bytes moved; taken from one data record.
struct Stamp {
  uint64_t time = 0;  // CLOCK_MONOTONIC ns
  uint32_t tid = 0;
  uint64_t exchange_id = 0;       // the kernel's exchange on this connection
  uint64_t current_exchange = 0;  // the task's exchange just before; 0: unknown
  uint8_t flags = 0;              // WEFT_DATA_*
  uint16_t threshold = 0;         // weft_ev_data.threshold
  uint32_t pid = 0;               // process the thread belongs to
  uint64_t task = 0;              // the thread's task, as its runtime names it; 0: the thread
};

// What is known when a request's first byte is seen.
struct RequestStart {
  Stamp stamp;
  uint64_t pos = 0;  // stream position of the first byte: the key that joins the two ends
  // Requests that the server completes together have the same number (PostgreSQL: up to a Sync).
  uint32_t batch = 0;
  // statement_hash() of the statement's raw text. The engine behind the server sees the same text,
  // which tells apart the requests of a batch. 0: not known.
  uint64_t statement = 0;
};

// FNV-1a over the first kStatementPrefix bytes of a text, never 0. An engine's probe reads no more.
inline constexpr size_t kStatementPrefix = 64;
uint64_t statement_hash(std::string_view text);

// A span event: something inside an exchange that has a time and a name.
struct Moment {
  uint64_t time = 0;      // CLOCK_MONOTONIC ns
  std::string_view name;  // static storage
};

// How an exchange ended. The session fills in what the protocol says, following the semantic
// conventions for its role; the builder adds the connection's peer, ids and times.
struct Outcome {
  uint64_t end_time = 0;       // CLOCK_MONOTONIC ns of the last byte that belongs to it
  std::string name;            // span name
  Attributes attributes;       // protocol attributes, semconv keys
  bool error = false;          // span status Error
  std::string error_type;      // error.type, empty when none
  bool unseen = false;         // whether it failed is not known; sets weft.outcome
  bool carries_spans = false;  // it is an export of spans: its sender makes its own spans
  std::vector<Moment> events;
  // Kind of the exported span: PRODUCER, CONSUMER, INTERNAL. None: SERVER or CLIENT, by the role of
  // the connection, which decides about parents in any case.
  std::optional<SpanKind> kind;
  std::vector<SpanLink> links;  // e.g. of a batch of messages, to their senders; bounded
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
  // The rest of the request is carried by another kernel exchange, and the request now belongs to
  // another batch.
  virtual void goes_on(ExchangeHandle, const Stamp&, uint32_t /*batch*/) {}
  virtual void end(ExchangeHandle exchange, Outcome&& outcome) = 0;
  // The exchange cannot be reported correctly (desync, hole in a head): counted, no span.
  virtual void abandon(ExchangeHandle exchange) = 0;
  // For the connection's owner, not for sessions:
  // What begins from now on is of another protocol. No exchange is open.
  virtual void handed_over(const struct Protocol& /*next*/) {}
  // What follows does not answer the open exchanges: abandons them.
  virtual void cut() {}
  // The connection turned out not to be wanted: its open exchanges are not counted as lost.
  virtual void disown() {}
};

}  // namespace weft
