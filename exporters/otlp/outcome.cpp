// SPDX-License-Identifier: Apache-2.0
#include "exporters/otlp/outcome.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <protozero/pbf_reader.hpp>

#include "exporters/otlp/grpc.h"

namespace weft::otlp {
namespace {

using Kind = Delivery::Kind;
using http::HttpResponse;
using http::whole_number;
using http::with_text;

Delivery rejected(uint64_t n, std::string text) {
  if (n == 0 && text.empty()) return {};
  const std::string what =
      n == 0 ? "server warns" : "server rejected " + std::to_string(n) + " spans";
  return {.rejected = n, .message = with_text(what, std::move(text))};
}

Delivery protobuf_partial_success(std::string_view body) try {
  uint64_t n = 0;
  std::string text;
  protozero::pbf_reader response(body.data(), body.size());
  while (response.next(1)) {
    protozero::pbf_reader partial = response.get_message();
    while (partial.next()) {
      if (partial.tag() == 1) {
        n = static_cast<uint64_t>(std::max<int64_t>(0, partial.get_int64()));
      } else if (partial.tag() == 2) {
        text = partial.get_string();
      } else {
        partial.skip();
      }
    }
  }
  return rejected(n, std::move(text));
} catch (const protozero::exception&) {
  return {};
}

Delivery json_partial_success(std::string_view body) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object() || !json.contains("partialSuccess")) return {};
  const auto& partial = json["partialSuccess"];
  if (!partial.is_object()) return {};
  uint64_t n = 0;
  if (const auto it = partial.find("rejectedSpans"); it != partial.end()) {
    if (it->is_number_unsigned()) n = it->get<uint64_t>();
    if (it->is_string()) n = whole_number<uint64_t>(it->get<std::string>()).value_or(0);
  }
  const auto text = partial.find("errorMessage");
  const bool has_text = text != partial.end() && text->is_string();
  return rejected(n, has_text ? text->get<std::string>() : std::string());
}

bool says_json(const HttpResponse& response) {
  return response.header("content-type").find("json") != std::string_view::npos;
}

// The server's reason, from a google.rpc.Status or plain text.
std::string reason_of(const HttpResponse& response) {
  const std::string_view type = response.header("content-type");
  if (says_json(response)) {
    const auto json = nlohmann::json::parse(response.body, nullptr, false);
    if (!json.is_object() || !json.contains("message")) return {};
    return json["message"].is_string() ? json["message"].get<std::string>() : std::string();
  }
  if (type.find("protobuf") != std::string_view::npos) return status_message(response.body);
  return type.starts_with("text/plain") ? response.body : std::string();
}

Kind kind_of_grpc(int code, bool has_retry_info) {
  switch (code) {
    case 0:
      return Kind::kDelivered;
    case 8:  // RESOURCE_EXHAUSTED: temporary only if the server says so
      return has_retry_info ? Kind::kRetry : Kind::kRefused;
    case 1:   // CANCELLED
    case 4:   // DEADLINE_EXCEEDED
    case 10:  // ABORTED
    case 11:  // OUT_OF_RANGE
    case 14:  // UNAVAILABLE
    case 15:  // DATA_LOSS
      return Kind::kRetry;
    default:
      return Kind::kRefused;
  }
}

// A proxy answered instead of a gRPC server: gRPC's own mapping of HTTP statuses.
int grpc_from_http(long status) {
  switch (status) {
    case 400:
      return 13;  // INTERNAL
    case 401:
      return 16;  // UNAUTHENTICATED
    case 403:
      return 7;  // PERMISSION_DENIED
    case 404:
      return 12;  // UNIMPLEMENTED
    case 429:
    case 502:
    case 503:
    case 504:
      return 14;  // UNAVAILABLE
    default:
      return 2;  // UNKNOWN
  }
}

}  // namespace

Delivery partial_success(std::string_view body, bool json) {
  return json ? json_partial_success(body) : protobuf_partial_success(body);
}

Delivery http_outcome(const HttpResponse& response, int64_t now, std::string_view expects) {
  Delivery delivery = http::classify(response, reason_of(response), now, expects);
  if (delivery.kind != Kind::kDelivered) return delivery;
  if (response.cut) return {.message = "answer longer than 4 MiB; not read to its end"};
  return partial_success(response.body, says_json(response));
}

Delivery grpc_outcome(const HttpResponse& response, std::string_view expects) {
  const auto sent = whole_number<int>(response.header("grpc-status"));
  if (!sent && response.status == 200) {
    return {.kind = Kind::kRefused,
            .message = response.cut
                           ? "answer longer than 4 MiB"
                           : "answer without grpc-status" + http::stranger(response, expects)};
  }
  const int code = sent.value_or(grpc_from_http(response.status));
  if (code == 0) {
    const auto message = grpc_unframe(response.body);
    return message ? partial_success(*message, false) : Delivery{};
  }
  const auto details = base64_decoded(response.header("grpc-status-details-bin"));
  const auto delay = details ? retry_delay(*details) : std::nullopt;
  const std::string what = sent ? "server answered gRPC " + grpc_status_name(code)
                                : "server answered HTTP " + std::to_string(response.status);
  return {.kind = kind_of_grpc(code, delay.has_value()),
          .retry_after = delay,
          .message = with_text(what, percent_decoded(response.header("grpc-message"))) +
                     (sent ? "" : http::stranger(response, expects))};
}

}  // namespace weft::otlp
