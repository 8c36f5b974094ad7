// SPDX-License-Identifier: Apache-2.0
#include "exporters/otlp/otlp_exporter.h"

#include <algorithm>
#include <ctime>

#include "exporters/otlp/encode/json.h"
#include "exporters/otlp/grpc.h"
#include "exporters/otlp/gzip.h"
#include "exporters/otlp/outcome.h"

namespace weft::otlp {

using std::chrono::milliseconds;

Delivery OtlpExporter::deliver(std::span<const SpanPtr> batch, const Deadline& deadline) {
  if (batch.empty()) return {};
  std::string message = encode(batch);
  if (message.size() > options_.max_request) {
    return {.kind = Delivery::Kind::kRefused,
            .message = "batch of " + std::to_string(batch.size()) + " spans is larger than " +
                       std::to_string(options_.max_request >> 20) +
                       " MiB and was not sent; lower max_export_batch_size"};
  }
  const auto response =
      client_->post(packed(std::move(message)), headers(deadline), options_.timeout, deadline);
  if (!response) return {.kind = Delivery::Kind::kRetry, .message = response.error().message};
  return options_.protocol == Protocol::kGrpc ? grpc_outcome(*response)
                                              : http_outcome(*response, std::time(nullptr));
}

std::string OtlpExporter::encode(std::span<const SpanPtr> batch) {
  if (options_.protocol != Protocol::kHttpJson) return encoder_.encode(batch);
  std::string json;
  append_request_json(json, batch);
  return json;
}

std::string OtlpExporter::packed(std::string message) const {
  if (options_.gzip) message = gzip(message);
  return options_.protocol == Protocol::kGrpc ? grpc_frame(message, options_.gzip) : message;
}

std::vector<std::string> OtlpExporter::headers(const Deadline& deadline) const {
  switch (options_.protocol) {
    case Protocol::kHttpProtobuf:
    case Protocol::kHttpJson: {
      const bool json = options_.protocol == Protocol::kHttpJson;
      std::vector<std::string> out = {json ? "Content-Type: application/json"
                                           : "Content-Type: application/x-protobuf"};
      if (options_.gzip) out.emplace_back("Content-Encoding: gzip");
      return out;
    }
    case Protocol::kGrpc: {
      const milliseconds left = deadline.left();
      const milliseconds own = options_.timeout.count() > 0 ? options_.timeout : left;
      std::vector<std::string> out = {"Content-Type: application/grpc", "TE: trailers",
                                      "grpc-timeout: " + grpc_timeout(std::min(own, left))};
      if (options_.gzip) out.emplace_back("grpc-encoding: gzip");
      return out;
    }
  }
  return {};
}

}  // namespace weft::otlp
