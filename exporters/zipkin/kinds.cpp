// SPDX-License-Identifier: Apache-2.0
// The kind zipkin: its options, and settings → exporter.
#include "agent/http/options.h"
#include "agent/http/poster.h"
#include "exporters/zipkin/encoder.h"

namespace weft::exporters::zipkin {
namespace {

constexpr std::string_view kEndpoint = "http://localhost:9411/api/v2/spans";
constexpr std::string_view kPath = "/api/v2/spans";

constexpr ExporterOption kOptions[] = {
    {"endpoint", OptionType::kUrl, kEndpoint, "", "full URL, path included",
     "OTEL_EXPORTER_ZIPKIN_ENDPOINT"},
    http::kCompression,
    {http::kTimeout.key, http::kTimeout.type, http::kTimeout.fallback, "", http::kTimeout.help,
     "OTEL_EXPORTER_ZIPKIN_TIMEOUT"},
    http::kHeaders,
    http::kCaFile,
    http::kKeyFile,
    http::kCertFile,
};

class ZipkinExporter final : public Sender {
 public:
  ZipkinExporter(http::Compression compression, std::chrono::milliseconds timeout,
                 std::unique_ptr<http::HttpClient> client)
      : format_(compression == http::Compression::kGzip ? "zipkin json gzip" : "zipkin json"),
        poster_(
            {.content_type = "application/json", .compression = compression, .timeout = timeout},
            std::move(client)) {}

  Packed pack(std::span<const SpanPtr> batch) override {
    Packed packed;
    poster_.pack(
        batch, [this](std::span<const SpanPtr> some) { return encoder_.encode(some); }, packed);
    return packed;
  }
  Delivery send(const Parcel& parcel, const Deadline& deadline) override {
    return poster_.send(parcel, deadline);
  }
  std::string_view format() const override { return format_; }

 private:
  const std::string_view format_;
  http::Poster poster_;
  weft::zipkin::Encoder encoder_;
};

Result<std::unique_ptr<Exporter>> make(const ExporterSettings& settings) {
  auto client =
      http::make_client(settings, http::target_of(settings.get("endpoint", kEndpoint), kPath),
                        http::HttpVersion::kHttp1, "a Zipkin server at POST /api/v2/spans");
  if (!client) return std::unexpected(client.error());
  const auto compression = http::compression_of(settings.get(http::kCompression.key));
  if (!compression) return std::unexpected(compression.error());
  return std::make_unique<ZipkinExporter>(*compression, http::timeout_of(settings),
                                          std::move(*client));
}

}  // namespace

std::span<const ExporterKind> kinds() {
  static constexpr ExporterKind kKinds[] = {
      {"zipkin", kOptions, false, make, "its page /zipkin/traces/{trace} (port 9411)"}};
  return kKinds;
}

}  // namespace weft::exporters::zipkin
