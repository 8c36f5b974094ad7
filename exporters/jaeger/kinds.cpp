// SPDX-License-Identifier: Apache-2.0
// The kind jaeger: its options, and settings → exporter.
#include "agent/http/options.h"
#include "agent/http/poster.h"
#include "exporters/jaeger/encoder.h"
#include "exporters/otlp/encode/group.h"

namespace weft::exporters::jaeger {
namespace {

constexpr std::string_view kEndpoint = "http://localhost:14268/api/traces";
constexpr std::string_view kPath = "/api/traces";

constexpr ExporterOption kOptions[] = {
    {"endpoint", OptionType::kUrl, kEndpoint, "", "full URL, path included",
     "OTEL_EXPORTER_JAEGER_ENDPOINT"},
    {http::kTimeout.key, http::kTimeout.type, http::kTimeout.fallback, "", http::kTimeout.help,
     "OTEL_EXPORTER_JAEGER_TIMEOUT"},
    http::kHeaders,
    http::kCaFile,
    http::kKeyFile,
    http::kCertFile,
};

class JaegerExporter final : public Sender {
 public:
  JaegerExporter(std::chrono::milliseconds timeout, std::unique_ptr<http::HttpClient> client)
      : poster_({.content_type = "application/vnd.apache.thrift.binary", .timeout = timeout},
                std::move(client)) {}

  // One parcel for each resource: a Batch has one process.
  Packed pack(std::span<const SpanPtr> batch) override {
    Packed packed;
    for (const otlp::Group& group : otlp::by_resource(batch)) {
      const auto encode = [&](std::span<const Span* const> some) {
        return encoder_.encode(group.resource, some);
      };
      poster_.pack(std::span<const Span* const>(group.spans), encode, packed);
    }
    return packed;
  }
  Delivery send(const Parcel& parcel, const Deadline& deadline) override {
    return poster_.send(parcel, deadline);
  }
  std::string_view format() const override { return "jaeger thrift"; }

 private:
  http::Poster poster_;
  weft::jaeger::Encoder encoder_;
};

Result<std::unique_ptr<Exporter>> make(const ExporterSettings& settings) {
  auto client = http::make_client(
      settings, http::target_of(settings.get("endpoint", kEndpoint), kPath),
      http::HttpVersion::kHttp1, "a Jaeger collector that takes Thrift at POST /api/traces");
  if (!client) return std::unexpected(client.error());
  return std::make_unique<JaegerExporter>(http::timeout_of(settings), std::move(*client));
}

}  // namespace

std::span<const ExporterKind> kinds() {
  static constexpr ExporterKind kKinds[] = {
      {"jaeger", kOptions, false, make, "its page /trace/{trace} (port 16686)"}};
  return kKinds;
}

}  // namespace weft::exporters::jaeger
