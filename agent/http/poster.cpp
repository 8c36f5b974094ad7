// SPDX-License-Identifier: Apache-2.0
#include "agent/http/poster.h"

#include <ctime>

#include "agent/http/answer.h"

namespace weft::http {
namespace {

bool is_of_type(const HttpResponse& response, std::string_view type) {
  return response.header("content-type").starts_with(type);
}

// Only error responses have a reason as text. Any content type but HTML: Zipkin sends none.
std::string reason_of(const HttpResponse& response) {
  if (response.status < 400 || is_of_type(response, "text/html")) return {};
  std::string text = response.body;
  text.erase(text.find_last_not_of(" \r\n\t") + 1);
  return text;
}

// These servers refuse in plain text; an OTLP receiver, with the same status, in JSON.
bool is_a_strangers_refusal(const HttpResponse& response) {
  return response.status == 400 && is_of_type(response, "application/");
}

}  // namespace

Poster::Poster(Format format, std::unique_ptr<HttpClient> client)
    : format_(std::move(format)), client_(std::move(client)) {}

void Poster::add(std::string body, size_t spans, Sender::Packed& out) const {
  out.parcels.push_back(
      {.bytes = compressed(format_.compression, std::move(body)), .spans = spans});
}

void Poster::refuse(size_t size, Sender::Packed& out) const {
  ++out.refused;
  out.message = "a span of " + std::to_string(size) + " bytes is larger than a request may be (" +
                std::to_string(format_.max_request) + ") and was not sent";
}

Delivery Poster::send(const Parcel& parcel, const Deadline& deadline) {
  std::vector<std::string> headers = {"Content-Type: " + format_.content_type};
  const std::string_view encoding = name_of(format_.compression);
  if (!encoding.empty()) headers.push_back("Content-Encoding: " + std::string(encoding));
  const auto response = client_->post(parcel.bytes, headers, format_.timeout, deadline);
  if (!response) return {.kind = Delivery::Kind::kRetry, .message = response.error().message};
  Delivery delivery =
      classify(*response, reason_of(*response), std::time(nullptr), client_->expects());
  if (is_a_strangers_refusal(*response))
    delivery.message += stranger(*response, client_->expects());
  return delivery;
}

}  // namespace weft::http
