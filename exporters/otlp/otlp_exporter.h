// SPDX-License-Identifier: Apache-2.0
// OTLP over HTTP/1.1 or gRPC: encode, compress, send once, read the verdict.
#pragma once

#include <memory>

#include "agent/port/exporter.h"
#include "exporters/otlp/encode/proto.h"
#include "exporters/otlp/http_client.h"

namespace weft::otlp {

// The specification's limit of a request, before compression: larger ones are not sent.
inline constexpr size_t kMaxRequest = 64u << 20;

class OtlpExporter final : public Exporter {
 public:
  enum class Protocol : uint8_t { kHttpProtobuf, kHttpJson, kGrpc };
  struct Options {
    Protocol protocol = Protocol::kHttpProtobuf;
    bool gzip = false;
    std::chrono::milliseconds timeout{10'000};  // 0: only the caller's deadline
    size_t max_request = kMaxRequest;
  };

  OtlpExporter(const Options& options, std::unique_ptr<HttpClient> client)
      : options_(options), client_(std::move(client)) {}

  Delivery deliver(std::span<const SpanPtr> batch, const Deadline& deadline) override;

 private:
  std::string encode(std::span<const SpanPtr> batch);
  std::string packed(std::string message) const;
  std::vector<std::string> headers(const Deadline& deadline) const;

  const Options options_;
  std::unique_ptr<HttpClient> client_;
  ProtoEncoder encoder_;
};

}  // namespace weft::otlp
