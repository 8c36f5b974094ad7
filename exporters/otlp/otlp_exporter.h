// SPDX-License-Identifier: Apache-2.0
// OTLP over HTTP/1.1 or gRPC: encodes, compresses, sends once, reads the answer.
#pragma once

#include <memory>

#include "agent/http/compression.h"
#include "agent/http/http_client.h"
#include "agent/port/exporter.h"
#include "exporters/otlp/encode/proto.h"

namespace weft::otlp {

// The specification's limit for a request before compression: larger ones are not sent.
inline constexpr size_t kMaxRequest = 64u << 20;
inline constexpr size_t kUnlimited = SIZE_MAX;

class OtlpExporter final : public Sender {
 public:
  enum class Protocol : uint8_t { kHttpProtobuf, kHttpJson, kGrpc };
  struct Limits {
    size_t request = kMaxRequest;  // bytes, before compression
    size_t spans = kUnlimited;     // in a request
    size_t span = kUnlimited;      // bytes
  };
  struct Options {
    Protocol protocol = Protocol::kHttpProtobuf;
    http::Compression compression = http::Compression::kNone;
    std::chrono::milliseconds timeout{10'000};  // 0: only the caller's deadline
    Limits limits{};
  };

  OtlpExporter(const Options& options, std::unique_ptr<http::HttpClient> client);

  // A parcel is a request's body: one, or as many as the limits require. Refused: spans too large
  // by themselves.
  Packed pack(std::span<const SpanPtr> batch) override;
  Delivery send(const Parcel& parcel, const Deadline& deadline) override;
  std::string_view format() const override { return format_; }

 private:
  void add(std::span<const SpanPtr> batch, Packed& packed);
  bool is_too_large(const SpanPtr& span);
  std::string encode(std::span<const SpanPtr> batch);
  std::string packed(std::string message) const;
  std::vector<std::string> headers(const Deadline& deadline) const;

  const Options options_;
  const std::string format_;
  std::unique_ptr<http::HttpClient> client_;
  ProtoEncoder encoder_;
};

}  // namespace weft::otlp
