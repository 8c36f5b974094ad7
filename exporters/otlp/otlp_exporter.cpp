// SPDX-License-Identifier: Apache-2.0
#include "exporters/otlp/otlp_exporter.h"

#include <algorithm>
#include <ctime>

#include "exporters/otlp/encode/json.h"
#include "exporters/otlp/grpc.h"
#include "exporters/otlp/outcome.h"

namespace weft::otlp {

using std::chrono::milliseconds;

namespace {

std::string format_of(const OtlpExporter::Options& options) {
  using Protocol = OtlpExporter::Protocol;
  const char* name = options.protocol == Protocol::kGrpc       ? "otlp grpc"
                     : options.protocol == Protocol::kHttpJson ? "otlp json"
                                                               : "otlp protobuf";
  return std::string(name) + " " + std::string(http::name_of(options.compression));
}

size_t text_of(const Attributes& attributes) {
  size_t size = 0;
  for (const Attribute& attribute : attributes) {
    if (const auto* text = std::get_if<std::string>(&attribute.value)) size += text->size();
    if (const auto* list = std::get_if<std::vector<std::string>>(&attribute.value)) {
      for (const std::string& item : *list) size += item.size();
    }
  }
  return size;
}

size_t text_of(const Span& span) {
  size_t size = text_of(span.attributes) + span.status_message.size();
  for (const SpanEvent& event : span.events) size += text_of(event.attributes);
  for (const SpanLink& link : span.links) size += text_of(link.attributes);
  return size;
}

}  // namespace

OtlpExporter::OtlpExporter(const Options& options, std::unique_ptr<http::HttpClient> client)
    : options_(options), format_(format_of(options)), client_(std::move(client)) {}

Sender::Packed OtlpExporter::pack(std::span<const SpanPtr> batch) {
  Packed packed;
  const auto too_large = [this](const SpanPtr& span) { return is_too_large(span); };
  if (std::ranges::none_of(batch, too_large)) {
    add(batch, packed);
  } else {
    std::vector<SpanPtr> rest(batch.begin(), batch.end());
    std::erase_if(rest, too_large);
    packed.refused = batch.size() - rest.size();
    if (!rest.empty()) add(rest, packed);
  }
  if (packed.refused > 0) {
    const size_t limit = std::min(options_.limits.request, options_.limits.span);
    packed.message = std::to_string(packed.refused) + " spans are larger than the server takes (" +
                     std::to_string(limit) + " bytes)";
  }
  return packed;
}

// Halves the batch until each part fits one request.
void OtlpExporter::add(std::span<const SpanPtr> batch, Packed& packed) {
  const bool is_too_many = batch.size() > options_.limits.spans;
  std::string message = is_too_many ? std::string() : encode(batch);
  if (!is_too_many && message.size() <= options_.limits.request) {
    packed.parcels.push_back({.bytes = this->packed(std::move(message)), .spans = batch.size()});
  } else if (batch.size() == 1) {
    ++packed.refused;
  } else {
    add(batch.first(batch.size() / 2), packed);
    add(batch.subspan(batch.size() / 2), packed);
  }
}

// Encoding each span to learn its size would be expensive: encodes only those with much text.
bool OtlpExporter::is_too_large(const SpanPtr& span) {
  if (options_.limits.span == kUnlimited) return false;
  return text_of(*span) > options_.limits.span / 4 &&
         encode({&span, 1}).size() > options_.limits.span;
}

Delivery OtlpExporter::send(const Parcel& parcel, const Deadline& deadline) {
  const auto response = client_->post(parcel.bytes, headers(deadline), options_.timeout, deadline);
  if (!response) return {.kind = Delivery::Kind::kRetry, .message = response.error().message};
  return options_.protocol == Protocol::kGrpc
             ? grpc_outcome(*response, client_->expects())
             : http_outcome(*response, std::time(nullptr), client_->expects());
}

std::string OtlpExporter::encode(std::span<const SpanPtr> batch) {
  if (options_.protocol != Protocol::kHttpJson) return encoder_.encode(batch);
  std::string json;
  append_request_json(json, batch);
  return json;
}

std::string OtlpExporter::packed(std::string message) const {
  message = http::compressed(options_.compression, std::move(message));
  const bool plain = options_.compression == http::Compression::kNone;
  return options_.protocol == Protocol::kGrpc ? grpc_frame(message, !plain) : message;
}

std::vector<std::string> OtlpExporter::headers(const Deadline& deadline) const {
  const std::string encoding(http::name_of(options_.compression));
  switch (options_.protocol) {
    case Protocol::kHttpProtobuf:
    case Protocol::kHttpJson: {
      const bool json = options_.protocol == Protocol::kHttpJson;
      std::vector<std::string> out = {json ? "Content-Type: application/json"
                                           : "Content-Type: application/x-protobuf"};
      if (!encoding.empty()) out.push_back("Content-Encoding: " + encoding);
      return out;
    }
    case Protocol::kGrpc: {
      const milliseconds left = deadline.left();
      const milliseconds own = options_.timeout.count() > 0 ? options_.timeout : left;
      std::vector<std::string> out = {"Content-Type: application/grpc", "TE: trailers",
                                      "grpc-timeout: " + grpc_timeout(std::min(own, left))};
      if (!encoding.empty()) out.push_back("grpc-encoding: " + encoding);
      return out;
    }
  }
  return {};
}

}  // namespace weft::otlp
