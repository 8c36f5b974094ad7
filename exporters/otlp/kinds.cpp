// SPDX-License-Identifier: Apache-2.0
// The kinds otlp_http and otlp_grpc: their options, and settings → exporter.
#include <algorithm>
#include <charconv>
#include <unistd.h>

#include "agent/port/exporter.h"
#include "exporters/otlp/otlp_exporter.h"

namespace weft::exporters::otlp {
namespace {

using weft::otlp::HttpClient;
using weft::otlp::HttpOptions;
using weft::otlp::HttpVersion;
using weft::otlp::OtlpExporter;
using Protocol = OtlpExporter::Protocol;

constexpr std::string_view kHttpEndpoint = "http://localhost:4318/v1/traces";
constexpr std::string_view kGrpcEndpoint = "http://localhost:4317";
constexpr std::string_view kGrpcMethod =
    "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
constexpr std::string_view kTimeout = "10000";

constexpr ExporterOption kHeaders{"headers", OptionType::kText, "", "", "sent with every request"};
constexpr ExporterOption kCompression{"compression", OptionType::kChoice, "none", "gzip|none",
                                      "of request bodies"};
constexpr ExporterOption kTimeoutOption{"timeout", OptionType::kMilliseconds, kTimeout, "",
                                        "of one request; 0: none of its own"};
constexpr ExporterOption kCaFile{"tls.ca_file", OptionType::kPath, "", "",
                                 "PEM of the trusted authorities; default: the system's"};
constexpr ExporterOption kKeyFile{"tls.key_file", OptionType::kPath, "", "",
                                  "PEM of the client's private key"};
constexpr ExporterOption kCertFile{"tls.cert_file", OptionType::kPath, "", "",
                                   "PEM of the client's certificate"};

constexpr ExporterOption kHttpTable[] = {
    {"endpoint", OptionType::kUrl, kHttpEndpoint, "", "full URL, path included"},
    {"encoding", OptionType::kChoice, "protobuf", "protobuf|json", "of the spans"},
    kCompression,
    kTimeoutOption,
    kHeaders,
    kCaFile,
    kKeyFile,
    kCertFile,
};
constexpr ExporterOption kGrpcTable[] = {
    {"endpoint", OptionType::kUrl, kGrpcEndpoint, "", "the scheme decides about TLS"},
    kCompression,
    kTimeoutOption,
    kHeaders,
    kCaFile,
    kKeyFile,
    kCertFile,
    {"tls.insecure", OptionType::kBool, "false", "", "no TLS for an endpoint without a scheme"},
};

Status check_file(const ExporterSettings& settings, std::string_view key) {
  const std::string path(settings.get(key));
  if (path.empty() || access(path.c_str(), R_OK) == 0) return {};
  return fail(ExitCode::kConfig, std::string(key) + ": cannot read " + path);
}

Status check(const ExporterSettings& settings) {
  for (const std::string_view key : {"tls.ca_file", "tls.cert_file", "tls.key_file"}) {
    if (Status status = check_file(settings, key); !status) return status;
  }
  for (const auto& [name, value] : settings.headers) {
    if ((name + value).find_first_of("\r\n") == std::string::npos) continue;
    return fail(ExitCode::kConfig, "headers: '" + name + "' has a line break");
  }
  return {};
}

std::chrono::milliseconds timeout_of(const ExporterSettings& settings) {
  const std::string_view text = settings.get("timeout", kTimeout);
  int64_t ms = 0;
  std::from_chars(text.data(), text.data() + text.size(), ms);
  return std::chrono::milliseconds(ms);
}

// Scheme and authority: gRPC's path is the method.
std::string_view origin(std::string_view url) {
  const size_t host = url.find("://");
  return url.substr(0, url.find_first_of("/?#", host == std::string_view::npos ? 0 : host + 3));
}

Result<std::unique_ptr<Exporter>> make(const ExporterSettings& settings, Protocol protocol,
                                       std::string url) {
  if (Status status = check(settings); !status) return std::unexpected(status.error());
  auto client = HttpClient::make(
      {.url = std::move(url),
       .version = protocol == Protocol::kGrpc ? HttpVersion::kHttp2 : HttpVersion::kHttp1,
       .headers = settings.headers,
       .tls = {.ca = std::string(settings.get("tls.ca_file")),
               .cert = std::string(settings.get("tls.cert_file")),
               .key = std::string(settings.get("tls.key_file"))}});
  if (!client) return std::unexpected(client.error());
  return std::make_unique<OtlpExporter>(
      OtlpExporter::Options{.protocol = protocol,
                            .gzip = settings.get("compression") == "gzip",
                            .timeout = timeout_of(settings)},
      std::move(*client));
}

Result<std::unique_ptr<Exporter>> make_http(const ExporterSettings& settings) {
  const bool json = settings.get("encoding") == "json";
  return make(settings, json ? Protocol::kHttpJson : Protocol::kHttpProtobuf,
              std::string(settings.get("endpoint", kHttpEndpoint)));
}

Result<std::unique_ptr<Exporter>> make_grpc(const ExporterSettings& settings) {
  std::string endpoint(settings.get("endpoint", kGrpcEndpoint));
  if (endpoint.find("://") == std::string::npos) {
    const bool plain = settings.get("tls.insecure") == "true";
    endpoint.insert(0, plain ? "http://" : "https://");
  }
  return make(settings, Protocol::kGrpc, std::string(origin(endpoint)) + std::string(kGrpcMethod));
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
