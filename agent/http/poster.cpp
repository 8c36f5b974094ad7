// SPDX-License-Identifier: Apache-2.0
#include "agent/http/poster.h"

#include <ctime>

#include "agent/http/answer.h"
#include "agent/http/gzip.h"

namespace weft::http {
namespace {

using Kind = Delivery::Kind;

bool is_success(long status) {
  return status >= 200 && status < 300;
}

bool is_web_page(const HttpResponse& response) {
  return response.header("content-type").starts_with("text/html");
}

// Answers of the right server, and of what stands before it.
bool is_about_us(long status) {
  return status == 401 || status == 403 || status == 413;
}

std::string with_expected(std::string message, const std::string& expected) {
  return message + "; expected " + expected;
}

std::string without_end(std::string text) {
  text.erase(text.find_last_not_of(" \r\n\t") + 1);
  return text;
}

}  // namespace

Delivery verdict(const HttpResponse& response, const std::string& expected, int64_t now) {
  const bool page = is_web_page(response);
  if (is_success(response.status) && !page) return {};
  const bool has_reason = !page && (response.status == 400 || is_about_us(response.status));
  Delivery delivery = refusal(response, has_reason ? without_end(response.body) : "", now);
  if (page) delivery.message += " with a web page";
  if (page || (delivery.kind == Kind::kRefused && !is_about_us(response.status))) {
    delivery.message = with_expected(std::move(delivery.message), expected);
  }
  return delivery;
}

Poster::Poster(Format format, std::unique_ptr<HttpClient> client)
    : format_(std::move(format)), client_(std::move(client)) {}

void Poster::add(std::string body, size_t spans, Sender::Packed& out) const {
  if (format_.gzip) body = http::gzip(body);
  out.parcels.push_back({.bytes = std::move(body), .spans = spans});
}

void Poster::refuse(size_t size, Sender::Packed& out) const {
  ++out.refused;
  out.message = "a span of " + std::to_string(size) + " bytes is larger than a request may be (" +
                std::to_string(format_.max_request) + ") and was not sent";
}

Delivery Poster::send(const Parcel& parcel, const Deadline& deadline) {
  std::vector<std::string> headers = {"Content-Type: " + format_.content_type};
  if (format_.gzip) headers.emplace_back("Content-Encoding: gzip");
  const auto response = client_->post(parcel.bytes, headers, format_.timeout, deadline);
  if (response) return verdict(*response, format_.expected, std::time(nullptr));
  return {.kind = Kind::kRetry,
          .message = with_expected(response.error().message, format_.expected)};
}

}  // namespace weft::http
