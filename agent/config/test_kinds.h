// SPDX-License-Identifier: Apache-2.0
// A table of exporter kinds for tests: every option type, with and without headers.
#pragma once

#include "agent/port/exporter.h"

namespace weft::testing {

inline Result<std::unique_ptr<Exporter>> make_nothing(const ExporterSettings&) {
  return fail(ExitCode::kFailure, "a test makes no exporter");
}

inline std::span<const ExporterKind> kinds() {
  static constexpr ExporterOption kHttp[] = {
      {"endpoint", OptionType::kUrl, "http://localhost:4318/v1/traces", "", "where"},
      {"headers", OptionType::kText, "", "", "sent along"},
      {"compression", OptionType::kChoice, "none", "gzip|none", "of the body"},
      {"timeout", OptionType::kMilliseconds, "10000", "", "of one request"},
      {"encoding", OptionType::kChoice, "protobuf", "protobuf|json", "of the body"},
      {"tls.ca_file", OptionType::kPath, "", "", "trusted authorities"},
      {"tls.key_file", OptionType::kPath, "", "", "our key"},
      {"tls.cert_file", OptionType::kPath, "", "", "our certificate"},
  };
  static constexpr ExporterOption kGrpc[] = {
      {"endpoint", OptionType::kUrl, "http://localhost:4317", "", "where"},
      {"headers", OptionType::kText, "", "", "sent along"},
      {"compression", OptionType::kChoice, "none", "gzip|none", "of the body"},
      {"timeout", OptionType::kMilliseconds, "10000", "", "of one request"},
      {"tls.ca_file", OptionType::kPath, "", "", "trusted authorities"},
      {"tls.insecure", OptionType::kBool, "false", "", "no TLS"},
  };
  static constexpr ExporterOption kFile[] = {
      {"path", OptionType::kPath, "-", "", "where"},
      {"rotate_bytes", OptionType::kInteger, "0", "", "when to begin a new file"},
  };
  static constexpr ExporterOption kConsole[] = {
      {"color", OptionType::kChoice, "auto", "auto|always|never", "when to colour"},
  };
  static constexpr ExporterOption kZipkin[] = {
      {"endpoint", OptionType::kUrl, "http://localhost:9411/api/v2/spans", "", "where",
       "OTEL_EXPORTER_ZIPKIN_ENDPOINT"},
      {"timeout", OptionType::kMilliseconds, "10000", "", "of one request",
       "OTEL_EXPORTER_ZIPKIN_TIMEOUT"},
  };
  static constexpr ExporterKind kAll[] = {
      {"otlp_http", kHttp, false, make_nothing},
      {"otlp_grpc", kGrpc, false, make_nothing},
      {"otlp_file/development", kFile, false, make_nothing},
      {"console", kConsole, true, make_nothing},
      {"zipkin", kZipkin, false, make_nothing},
  };
  return kAll;
}

}  // namespace weft::testing
