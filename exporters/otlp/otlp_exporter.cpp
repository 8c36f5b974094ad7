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

}  // namespace

OtlpExporter::OtlpExporter(const Options& options, std::unique_ptr<http::HttpClient> client)
    : options_(options), format_(format_of(options)), client_(std::move(client)) {}

Sender::Packed OtlpExporter::pack(std::span<const SpanPtr> batch) {
  std::string message = encode(batch);
  if (message.size() > options_.max_request) {
    return {.refused = batch.size(),
            .message = "batch of " + std::to_string(batch.size()) + " spans is larger than " +
                       std::to_string(options_.max_request >> 20) +
                       " MiB and was not sent; lower max_export_batch_size"};
  }
  return {.parcels = {{.bytes = packed(std::move(message)), .spans = batch.size()}}};
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
