// SPDX-License-Identifier: Apache-2.0
// From heads to span data by the HTTP semantic conventions 1.44.0, for every version of HTTP. What
// is not in the head stays absent; the builder adds the connection's own addresses.
//
//                      server                          client
//   url                scheme, path, query             full
//   server.address     Forwarded host, X-Forwarded-    absolute target or :authority,
//                      Host, absolute target or        Host
//                      :authority, Host
//   client.address     Forwarded for, X-Forwarded-For  –
//   user agent         yes                             – (opt-in there)
//   protocol version   the request's                   the response's
//   error              5xx, ≥ 600                      4xx, 5xx, ≥ 600
//
// If a head is truncated, a truncated path or URL is absent, and weft.truncated names it. A
// client then has url.path instead of its URL.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/trace_context.h"
#include "agent/http_semantics/side.h"

namespace weft::http_semantics {

// Collects one request's head.
class RequestFacts {
 public:
  // version: "1.1", "2"; static storage; empty: not seen. side: must outlive this.
  RequestFacts(const Side& side, std::string_view version) : side_(side), version_(version) {}

  // What HTTP/1's first line says, in any form of RFC 9112 §3.2; other versions say it by fields.
  // Not called for bytes that are no request. cut: the target may go on beyond what was seen.
  void line(std::string_view method, std::string_view target, bool cut);
  // A header, or a pseudo field of HTTP/2 (RFC 9113 §8.3.1).
  void field(const Field& field);
  // The rest of the head is not seen.
  void cut() { cut_ = true; }
  bool is_head() const { return method_ == "HEAD"; }
  bool is_connect() const { return method_ == "CONNECT"; }
  // Is it an OTLP export of spans? Call before attributes().
  bool carries_spans() const;
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

  void pseudo_field(const Field& field);
  void content(std::string_view type);
  void forwarding(const Field& field);
  bool known_method() const;
  struct Target target() const;
  void add_method(Attributes& out) const;
  void add_path(const struct Target& target, Attributes& out);
  void server_attributes(Attributes& out);
  void client_attributes(Attributes& out);
  std::string full_url(const struct Target& target, std::string_view scheme) const;

  const Side& side_;
  std::string_view version_;
  std::string method_;
  std::string target_;
  bool target_cut_ = false;
  Content content_ = Content::kOther;
  bool cut_ = false;
  std::vector<std::string> truncated_;  // attributes left out because they are truncated
  Ranked authority_;
  Ranked scheme_;
  Ranked client_;
  std::string user_agent_;
  CapturedHeaders captured_;
  TraceContextParser context_;
};

bool is_registered_method(std::string_view method);

}  // namespace weft::http_semantics
