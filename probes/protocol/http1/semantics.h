// SPDX-License-Identifier: Apache-2.0
// From heads to span data by the HTTP semantic conventions 1.44.0. What is not in the
// head stays absent; the connection's own addresses are the builder's to add.
//
//                      server                          client
//   url                scheme, path, query             full
//   server.address     Forwarded host, X-Forwarded-    absolute target, Host
//                      Host, absolute target, Host
//   client.address     Forwarded for, X-Forwarded-For  –
//   user agent         yes                             – (opt-in there)
//   protocol version   the request's                   the response's
//   error              5xx, ≥ 600                      4xx, 5xx, ≥ 600
//
// Of a head that was not seen to its end: a cut path is no path and a cut URL no URL. They
// are absent, and weft.truncated names them. A client's url.path is told in its URL's stead.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/base/trace_context.h"
#include "agent/port/protocol.h"
#include "probes/protocol/http1/body.h"
#include "probes/protocol/http1/message.h"

namespace weft::protocol::http1 {

// What a session keeps of its options: connections are many, so only what is used.
struct Side {
  explicit Side(const SessionOptions& options);

  Role role;
  bool encrypted;
  uint16_t local_port;
  uint16_t remote_port;
  std::string remote_address;
  std::shared_ptr<const CaptureOptions> capture;  // may be null
};

// Headers that the user asked for, in the order of the wire.
using Captured = std::vector<std::pair<std::string, std::vector<std::string>>>;

// Collects one request's head. An empty line: of bytes that are no request.
class RequestFacts {
 public:
  RequestFacts(const RequestLine& line, const Side& side);

  void field(const Field& field);
  // No more of the head will be seen.
  void cut() { cut_ = true; }
  bool is_head() const { return method_ == "HEAD"; }
  bool is_connect() const { return method_ == "CONNECT"; }
  // Is it an export of spans by OTLP? Call before attributes().
  bool carries_spans() const;
  const Framing& framing() const { return framing_; }
  std::optional<TraceContext> context() const { return context_.finish(); }
  std::string span_name() const;
  // Moves the facts out. Leaves room for the response's.
  Attributes attributes();

 private:
  // A fact that several headers may tell: the highest rank wins, then the first.
  struct Ranked {
    std::string value;
    int rank = 0;
    void offer(std::string_view text, int text_rank);
  };

  // Of the two that OTLP has.
  enum class Content : uint8_t { kOther, kProtobuf, kJson };

  void content(std::string_view type);
  void forwarding(const Field& field);
  bool known_method() const;
  struct Target target() const;
  void add_path(const struct Target& target, Attributes& out);
  void server_attributes(Attributes& out);
  void client_attributes(Attributes& out);
  std::string full_url(const struct Target& target, std::string_view scheme) const;

  const Side& side_;
  std::string method_;
  std::string target_;
  char minor_;
  bool target_cut_;
  Content content_ = Content::kOther;
  bool cut_ = false;
  std::vector<std::string> truncated_;  // attributes that would not be whole
  Ranked authority_;
  Ranked scheme_;
  Ranked client_;
  std::string user_agent_;
  Captured captured_;
  TraceContextParser context_;
  Framing framing_;
};

// Collects one response's head.
struct ResponseFacts {
  StatusLine line{};
  Framing framing;
  Captured captured;
  bool unasked = false;  // no request was waiting for it

  void field(const Field& field, const Side& side);
};

bool is_registered_method(std::string_view method);

// Moves the response's facts to the outcome and judges its status.
void add_response(Outcome& outcome, ResponseFacts& response, const Side& side);
// Status Error for another reason than the response's own; empty: none.
void set_failure(Outcome& outcome, std::string_view error_type);

}  // namespace weft::protocol::http1
