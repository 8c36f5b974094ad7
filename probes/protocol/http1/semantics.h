// SPDX-License-Identifier: Apache-2.0
// From heads to span data by the HTTP semantic conventions 1.44.0. What is not in the
// head stays absent; the builder adds the connection's own addresses.
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
// If a head is truncated, a truncated path or URL is absent, and weft.truncated names it. A
// client then has url.path instead of its URL.
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

// The session options that are used; only these are kept, because connections are many.
struct Side {
  explicit Side(const SessionOptions& options);

  Role role;
  bool encrypted;
  uint16_t local_port;
  uint16_t remote_port;
  std::string remote_address;
  std::shared_ptr<const CaptureOptions> capture;  // may be null
};

// Headers on the user's lists, in the order of the wire.
using Captured = std::vector<std::pair<std::string, std::vector<std::string>>>;

// Collects one request's head. The line is empty for bytes that are no request.
class RequestFacts {
 public:
  RequestFacts(const RequestLine& line, const Side& side);

  void field(const Field& field);
  // The rest of the head is not seen.
  void cut() { cut_ = true; }
  bool is_head() const { return method_ == "HEAD"; }
  bool is_connect() const { return method_ == "CONNECT"; }
  // Is it an OTLP export of spans? Call before attributes().
  bool carries_spans() const;
  const Framing& framing() const { return framing_; }
  std::optional<TraceContext> context() const { return context_.finish(); }
  std::string span_name() const;
  // Moves the facts out, with room for the response's attributes.
  Attributes attributes();

 private:
  // A value that several headers may give: the highest rank wins, then the first one.
  struct Ranked {
    std::string value;
    int rank = 0;
    void offer(std::string_view text, int text_rank);
  };

  // The content types of OTLP.
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
  std::vector<std::string> truncated_;  // attributes left out because they are truncated
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
  bool unasked = false;  // there was no request for it

  void field(const Field& field, const Side& side);
};

bool is_registered_method(std::string_view method);

// Moves the response's facts to the outcome and sets the span status by its status code.
void add_response(Outcome& outcome, ResponseFacts& response, const Side& side);
// Sets status Error for another reason than the response's status code; empty: does nothing.
void set_failure(Outcome& outcome, std::string_view error_type);

}  // namespace weft::protocol::http1
