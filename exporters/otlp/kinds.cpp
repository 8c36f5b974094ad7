// SPDX-License-Identifier: Apache-2.0
// The kinds otlp_http and otlp_grpc: their options, and settings → exporter.
#include "agent/http/options.h"
#include "agent/port/exporter.h"
#include "exporters/otlp/otlp_exporter.h"

namespace weft::exporters::otlp {
namespace {

using http::HttpVersion;
using weft::otlp::OtlpExporter;
using Protocol = OtlpExporter::Protocol;

constexpr std::string_view kHttpEndpoint = "http://localhost:4318/v1/traces";
constexpr std::string_view kHttpPath = "/v1/traces";
constexpr std::string_view kGrpcEndpoint = "http://localhost:4317";
constexpr std::string_view kGrpcMethod =
    "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

constexpr ExporterOption kCompression{"compression", OptionType::kChoice, "none", "gzip|zstd|none",
                                      "of request bodies"};
constexpr ExporterOption kHttpTable[] = {
    {"endpoint", OptionType::kUrl, kHttpEndpoint, "",
     "full URL, path included; or unix:///path/of/a/socket"},
    {"encoding", OptionType::kChoice, "protobuf", "protobuf|json", "of the spans"},
    kCompression,
    http::kTimeout,
    http::kHeaders,
    http::kCaFile,
    http::kKeyFile,
    http::kCertFile,
    http::kSigningRegion,
    http::kSigningService,
    http::kAccessKeyId,
    http::kSecretAccessKey,
    http::kSessionToken,
};
constexpr ExporterOption kGrpcTable[] = {
    {"endpoint", OptionType::kUrl, kGrpcEndpoint, "",
     "the scheme decides about TLS; or unix:///path/of/a/socket"},
    kCompression,
    http::kTimeout,
    http::kHeaders,
    http::kCaFile,
    http::kKeyFile,
    http::kCertFile,
    {"tls.insecure", OptionType::kBool, "false", "", "no TLS for an endpoint without a scheme"},
};

// Scheme and authority only: in gRPC the path is the method.
std::string_view origin(std::string_view url) {
  const size_t host = url.find("://");
  return url.substr(0, url.find_first_of("/?#", host == std::string_view::npos ? 0 : host + 3));
}

// Limits of X-Ray's OTLP endpoint, which refuses a whole request for one violation. AWS says MB and
// kB: these use the smaller meaning.
constexpr OtlpExporter::Limits kXrayLimits{.request = 5'000'000, .spans = 10'000, .span = 200'000};

Result<std::unique_ptr<Exporter>> make(const ExporterSettings& settings, Protocol protocol,
                                       http::Target target) {
  const bool grpc = protocol == Protocol::kGrpc;
  auto client = http::make_client(settings, std::move(target),
                                  grpc ? HttpVersion::kHttp2 : HttpVersion::kHttp1,
                                  grpc ? "an OTLP/gRPC receiver" : "an OTLP/HTTP receiver");
  if (!client) return std::unexpected(client.error());
  const auto compression = http::compression_of(settings.get(kCompression.key));
  if (!compression) return std::unexpected(compression.error());
  return std::make_unique<OtlpExporter>(
      OtlpExporter::Options{.protocol = protocol,
                            .compression = *compression,
                            .timeout = http::timeout_of(settings),
                            .limits = settings.get(http::kSigningRegion.key).empty()
                                          ? OtlpExporter::Limits{}
                                          : kXrayLimits},
      std::move(*client));
}

Result<std::unique_ptr<Exporter>> make_http(const ExporterSettings& settings) {
  const bool json = settings.get("encoding") == "json";
  return make(settings, json ? Protocol::kHttpJson : Protocol::kHttpProtobuf,
              http::target_of(settings.get("endpoint", kHttpEndpoint), kHttpPath));
}

Result<std::unique_ptr<Exporter>> make_grpc(const ExporterSettings& settings) {
  std::string endpoint(settings.get("endpoint", kGrpcEndpoint));
  if (endpoint.find("://") == std::string::npos) {
    const bool plain = settings.get("tls.insecure") == "true";
    endpoint.insert(0, plain ? "http://" : "https://");
  }
  if (endpoint.starts_with("unix:")) {
    return make(settings, Protocol::kGrpc, http::target_of(endpoint, kGrpcMethod));
  }
  return make(settings, Protocol::kGrpc,
              {.url = std::string(origin(endpoint)) + std::string(kGrpcMethod)});
}

}  // namespace

std::span<const ExporterKind> kinds() {
  static constexpr ExporterKind kKinds[] = {
      {"otlp_http", kHttpTable, false, make_http},
      {"otlp_grpc", kGrpcTable, false, make_grpc},
  };
  return kKinds;
}

}  // namespace weft::exporters::otlp
