// SPDX-License-Identifier: Apache-2.0
#include "agent/config/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/config/test_kinds.h"

namespace weft {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using weft::testing::kinds;

struct Applied {
  Config config;
  Warnings warnings;
};

Applied apply(const Environment& environment) {
  Applied out;
  apply_environment(environment, out.config, out.warnings);
  return out;
}

struct Exporters {
  std::vector<ExporterConfig> list;
  Warnings warnings;
};

Exporters exporters(const Environment& environment) {
  Exporters out;
  auto result = exporters_from_environment(kinds(), environment, out.warnings);
  EXPECT_TRUE(result) << result.error().message;
  if (result) out.list = std::move(*result);
  return out;
}

std::string endpoint(const Environment& environment) {
  const Exporters e = exporters(environment);
  return e.list.empty() ? "" : std::string(e.list[0].settings.get("endpoint"));
}

TEST(Environment, EmptyIsUnset) {
  const auto [config, warnings] = apply({{"OTEL_SDK_DISABLED", ""},
                                         {"OTEL_LOG_LEVEL", ""},
                                         {"OTEL_TRACES_SAMPLER", ""},
                                         {"OTEL_SPAN_LINK_COUNT_LIMIT", ""},
                                         {"OTEL_RESOURCE_ATTRIBUTES", ""}});
  EXPECT_FALSE(config.disabled);
  EXPECT_EQ(config.log_level, "info");
  EXPECT_EQ(config.limits.link_count, 128u);
  EXPECT_THAT(warnings, IsEmpty());
}

TEST(Environment, BooleansAreTrueOnlyForTrue) {
  EXPECT_TRUE(apply({{"OTEL_SDK_DISABLED", "TRUE"}}).config.disabled);
  const auto yes = apply({{"OTEL_SDK_DISABLED", "yes"}});
  EXPECT_FALSE(yes.config.disabled);
  EXPECT_THAT(yes.warnings,
              ElementsAre("OTEL_SDK_DISABLED: found \"yes\", expected true or false; ignored"));
  EXPECT_THAT(apply({{"OTEL_SDK_DISABLED", "False"}}).warnings, IsEmpty());
}

TEST(Environment, LogLevelsOfAllDialects) {
  EXPECT_EQ(apply({{"OTEL_LOG_LEVEL", "WARNING"}}).config.log_level, "warn");
  EXPECT_EQ(apply({{"OTEL_LOG_LEVEL", "fatal"}}).config.log_level, "critical");
  EXPECT_EQ(apply({{"OTEL_LOG_LEVEL", "debug3"}}).config.log_level, "debug");
  const auto loud = apply({{"OTEL_LOG_LEVEL", "loud"}});
  EXPECT_EQ(loud.config.log_level, "info");
  EXPECT_THAT(loud.warnings, ElementsAre("OTEL_LOG_LEVEL: found \"loud\", expected trace, debug, "
                                         "info, warn, error, fatal or off; ignored"));
}

TEST(Environment, ServiceNameBeatsResourceAttributes) {
  const Environment both{{"OTEL_SERVICE_NAME", "shop"},
                         {"OTEL_RESOURCE_ATTRIBUTES", "service.name=other,region=eu"}};
  const Config config = apply(both).config;
  EXPECT_EQ(config.service_name, "shop");
  ASSERT_EQ(config.resource.size(), 1u);
  EXPECT_EQ(config.resource.text(Key("region")), "eu");
  EXPECT_EQ(apply({{"OTEL_RESOURCE_ATTRIBUTES", "service.name=other"}}).config.service_name,
            "other");
}

TEST(Environment, OneBadResourceAttributeVoidsTheVariable) {
  const auto [config, warnings] = apply({{"OTEL_RESOURCE_ATTRIBUTES", "a=1,b=%"}});
  EXPECT_TRUE(config.resource.empty());
  EXPECT_THAT(warnings, ElementsAre("OTEL_RESOURCE_ATTRIBUTES: entry 2 has a '%' that is not "
                                    "followed by two hex digits; the whole variable is ignored"));
}

TEST(Environment, SpanLimitsBeatGeneralOnes) {
  const auto [config, warnings] = apply({{"OTEL_ATTRIBUTE_COUNT_LIMIT", "10"},
                                         {"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "20"},
                                         {"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "30"},
                                         {"OTEL_SPAN_EVENT_COUNT_LIMIT", "40"},
                                         {"OTEL_SPAN_LINK_COUNT_LIMIT", "-1"},
                                         {"OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "50"},
                                         {"OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "60"}});
  EXPECT_EQ(config.limits.attribute_count, 20u);
  EXPECT_EQ(config.limits.attribute_value_length, 30u);
  EXPECT_EQ(config.limits.event_count, 40u);
  EXPECT_EQ(config.limits.link_count, 128u);
  EXPECT_EQ(config.limits.event_attribute_count, 50u);
  EXPECT_EQ(config.limits.link_attribute_count, 60u);
  EXPECT_THAT(warnings, ElementsAre("OTEL_SPAN_LINK_COUNT_LIMIT: found \"-1\", expected an "
                                    "integer, 0 or more; ignored"));
}

TEST(Environment, Samplers) {
  const auto sampler = [](const char* name, const char* argument = "") {
    const auto s = apply({{"OTEL_TRACES_SAMPLER", name}, {"OTEL_TRACES_SAMPLER_ARG", argument}})
                       .config.sampler;
    return std::pair(s.parent_based, s.ratio);
  };
  EXPECT_THAT(sampler("always_on"), Pair(false, 1.0));
  EXPECT_THAT(sampler("Always_Off"), Pair(false, 0.0));
  EXPECT_THAT(sampler("traceidratio", "0.25"), Pair(false, 0.25));
  EXPECT_THAT(sampler("traceidratio"), Pair(false, 1.0));
  EXPECT_THAT(sampler("parentbased_always_on"), Pair(true, 1.0));
  EXPECT_THAT(sampler("parentbased_always_off"), Pair(true, 0.0));
  EXPECT_THAT(sampler("parentbased_traceidratio", "0.5"), Pair(true, 0.5));
  EXPECT_THAT(sampler("jaeger_remote"), Pair(true, 1.0));
}

TEST(Environment, SamplerFaultsAreWarnedOf) {
  EXPECT_THAT(apply({{"OTEL_TRACES_SAMPLER", "xray"}}).warnings,
              ElementsAre(::testing::HasSubstr("OTEL_TRACES_SAMPLER: found \"xray\", expected")));
  for (const char* bad : {"2", "-0.1", "half", "nan"}) {
    const auto out =
        apply({{"OTEL_TRACES_SAMPLER", "traceidratio"}, {"OTEL_TRACES_SAMPLER_ARG", bad}});
    EXPECT_EQ(out.config.sampler.ratio, 1.0);
    EXPECT_THAT(out.warnings, ElementsAre("OTEL_TRACES_SAMPLER_ARG: found \"" + std::string(bad) +
                                          "\", expected a number from 0 to 1; ignored"));
  }
}

TEST(Environment, KnownMethods) {
  const Config config =
      apply({{"OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS", "GET, PROPFIND"}}).config;
  EXPECT_THAT(config.server_capture->known_methods, ElementsAre("GET", "PROPFIND"));
  EXPECT_THAT(config.client_capture->known_methods, ElementsAre("GET", "PROPFIND"));
}

TEST(Environment, CapturedHeaders) {
  const Config config =
      apply({{"OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS", "X-A, x-b"},
             {"OTEL_INSTRUMENTATION_HTTP_CLIENT_CAPTURE_RESPONSE_HEADERS", "Server"}})
          .config;
  EXPECT_THAT(config.server_capture->request_headers, ElementsAre("x-a", "x-b"));
  EXPECT_THAT(config.server_capture->response_headers, IsEmpty());
  EXPECT_THAT(config.client_capture->request_headers, IsEmpty());
  EXPECT_THAT(config.client_capture->response_headers, ElementsAre("server"));
}

TEST(Environment, CapturedHeadersCanBeNone) {
  constexpr const char* kName = "OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS";
  const auto captured = [&](const char* value) {
    Applied out;
    out.config.server_capture =
        std::make_shared<CaptureOptions>(CaptureOptions{{"x-usual"}, {}, {}, {}});
    apply_environment({{kName, value}}, out.config, out.warnings);
    return out;
  };
  EXPECT_THAT(captured("none").config.server_capture->request_headers, IsEmpty());
  EXPECT_THAT(captured("").config.server_capture->request_headers, ElementsAre("x-usual"))
      << "empty is unset";
  const Applied wrong = captured("a b");
  EXPECT_THAT(wrong.config.server_capture->request_headers, ElementsAre("x-usual"));
  EXPECT_THAT(wrong.warnings,
              ElementsAre(::testing::EndsWith("expected names of headers; ignored")));
}

TEST(Environment, WhatHasNoEffectIsSaid) {
  EXPECT_THAT(apply({{"OTEL_PROPAGATORS", "tracecontext,b3,baggage"}}).warnings,
              ElementsAre("OTEL_PROPAGATORS: \"b3\" has no effect: weft reads W3C trace context "
                          "only"));
  EXPECT_THAT(apply({{"OTEL_SEMCONV_STABILITY_OPT_IN", "http/dup,sql"}}).warnings,
              ElementsAre(::testing::StartsWith("OTEL_SEMCONV_STABILITY_OPT_IN: found \"sql\"")));
}

TEST(Environment, OldNames) {
  const OldNames names =
      apply({{"OTEL_SEMCONV_STABILITY_OPT_IN", "http,database/dup"}}).config.old_names;
  EXPECT_FALSE(names.http);
  EXPECT_TRUE(names.database);
}

TEST(TracesExporter, DefaultIsConsoleUntilOtlpIsMentioned) {
  EXPECT_EQ(exporters({}).list[0].kind, "console");
  EXPECT_EQ(exporters({{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://m"}}).list[0].kind,
            "console");
  EXPECT_EQ(exporters({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://h"}}).list[0].kind, "otlp_http");
  EXPECT_EQ(exporters({{"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "a=b"}}).list[0].kind, "otlp_http");
}

TEST(TracesExporter, ListsKindsAndNone) {
  const auto two = exporters({{"OTEL_TRACES_EXPORTER", "otlp, Console"}});
  ASSERT_EQ(two.list.size(), 2u);
  EXPECT_EQ(two.list[0].kind, "otlp_http");
  EXPECT_EQ(two.list[1].kind, "console");
  EXPECT_THAT(exporters({{"OTEL_TRACES_EXPORTER", "none"}}).list, IsEmpty());
  EXPECT_EQ(exporters({{"OTEL_TRACES_EXPORTER", "otlp/stdout"}}).list[0].kind,
            "otlp_file/development");
}

TEST(TracesExporter, UnknownIsWarnedOfAndAsUnset) {
  const auto out = exporters({{"OTEL_TRACES_EXPORTER", "zipin"}});
  EXPECT_EQ(out.list[0].kind, "console");
  EXPECT_THAT(out.warnings, ElementsAre("OTEL_TRACES_EXPORTER: found \"zipin\", expected otlp, "
                                        "otlp/stdout, none or one of `weft exporters`; ignored"));
}

TEST(TracesExporter, AKindByItsNameWithVariablesOfItsOwn) {
  const auto out = exporters({{"OTEL_TRACES_EXPORTER", "zipkin"},
                              {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://not-for-it:4318"},
                              {"OTEL_EXPORTER_ZIPKIN_ENDPOINT", "http://z:9411/api/v2/spans"},
                              {"OTEL_EXPORTER_ZIPKIN_TIMEOUT", "soon"}});
  ASSERT_EQ(out.list.size(), 1u);
  EXPECT_EQ(out.list[0].kind, "zipkin");
  EXPECT_EQ(out.list[0].settings.get("endpoint"), "http://z:9411/api/v2/spans");
  EXPECT_EQ(out.list[0].settings.get("timeout"), "");
  EXPECT_THAT(out.warnings,
              ElementsAre(::testing::HasSubstr("OTEL_EXPORTER_ZIPKIN_TIMEOUT: found \"soon\"")));
}

TEST(TracesExporter, Protocols) {
  const auto kind = [](const char* protocol) {
    return exporters({{"OTEL_TRACES_EXPORTER", "otlp"}, {"OTEL_EXPORTER_OTLP_PROTOCOL", protocol}})
        .list[0];
  };
  EXPECT_EQ(kind("grpc").kind, "otlp_grpc");
  EXPECT_EQ(kind("http/protobuf").kind, "otlp_http");
  EXPECT_EQ(kind("HTTP/JSON").kind, "otlp_http");
  EXPECT_EQ(kind("http/json").settings.get("encoding"), "json");
  const auto odd = exporters(
      {{"OTEL_TRACES_EXPORTER", "otlp"}, {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "carrier-pigeon"}});
  EXPECT_EQ(odd.list[0].kind, "otlp_http");
  EXPECT_THAT(odd.warnings[0], ::testing::StartsWith(
                                   "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: found \"carrier-pigeon\""));
}

TEST(OtlpEndpoint, BaseGetsTheSignalsPath) {
  EXPECT_EQ(endpoint({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://h:4318"}}),
            "http://h:4318/v1/traces");
  EXPECT_EQ(endpoint({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://h:4318/"}}),
            "http://h:4318/v1/traces");
  EXPECT_EQ(endpoint({{"OTEL_EXPORTER_OTLP_ENDPOINT", "https://h/base"}}),
            "https://h/base/v1/traces");
}

TEST(OtlpEndpoint, SpecificIsUsedAsItIsAndWins) {
  EXPECT_EQ(endpoint({{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://h:4318/x"}}),
            "http://h:4318/x");
  EXPECT_EQ(endpoint({{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://h:4318"}}), "http://h:4318/");
  EXPECT_EQ(endpoint({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://general"},
                      {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://specific/"}}),
            "http://specific/");
}

TEST(OtlpEndpoint, GrpcSchemeFollowsInsecure) {
  const auto grpc = [](const char* url, const char* insecure) {
    return endpoint({{"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"},
                     {"OTEL_EXPORTER_OTLP_ENDPOINT", url},
                     {"OTEL_EXPORTER_OTLP_INSECURE", insecure}});
  };
  EXPECT_EQ(grpc("h:4317", "true"), "http://h:4317");
  EXPECT_EQ(grpc("h:4317", ""), "https://h:4317");
  EXPECT_EQ(grpc("http://h:4317", ""), "http://h:4317");
}

TEST(OtlpEndpoint, NotAUrlIsAnErrorThatNamesTheVariable) {
  Warnings warnings;
  const auto out = exporters_from_environment(
      kinds(), {{"OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318"}}, warnings);
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, ExitCode::kConfig);
  EXPECT_EQ(out.error().message,
            "OTEL_EXPORTER_OTLP_ENDPOINT: found \"localhost:4318\", expected a URL such as "
            "http://127.0.0.1:4318");
}

TEST(OtlpSettings, SpecificWinsOverGeneral) {
  const auto out = exporters({{"OTEL_TRACES_EXPORTER", "otlp"},
                              {"OTEL_EXPORTER_OTLP_TIMEOUT", "100"},
                              {"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "200"},
                              {"OTEL_EXPORTER_OTLP_COMPRESSION", "GZIP"},
                              {"OTEL_EXPORTER_OTLP_HEADERS", "a=1"},
                              {"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "b=2%203"},
                              {"OTEL_EXPORTER_OTLP_CERTIFICATE", "/ca"},
                              {"OTEL_EXPORTER_OTLP_CLIENT_KEY", "/key"},
                              {"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "/cert"}});
  const ExporterSettings& s = out.list[0].settings;
  EXPECT_EQ(s.get("timeout"), "200");
  EXPECT_EQ(s.get("compression"), "gzip");
  EXPECT_EQ(s.get("tls.ca_file"), "/ca");
  EXPECT_EQ(s.get("tls.key_file"), "/key");
  EXPECT_EQ(s.get("tls.cert_file"), "/cert");
  EXPECT_THAT(s.headers, ElementsAre(Pair("b", "2 3")));
}

TEST(OtlpSettings, WrongValuesAreWarnedOfAndAsUnset) {
  const auto out = exporters({{"OTEL_TRACES_EXPORTER", "otlp"},
                              {"OTEL_EXPORTER_OTLP_TIMEOUT", "-5"},
                              {"OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"},
                              {"OTEL_EXPORTER_OTLP_HEADERS", "token secret"}});
  EXPECT_TRUE(out.list[0].settings.values.empty());
  EXPECT_THAT(out.warnings,
              ElementsAre("OTEL_EXPORTER_OTLP_HEADERS: entry 1 has no '='; the whole variable is "
                          "ignored",
                          "OTEL_EXPORTER_OTLP_TIMEOUT: found \"-5\", expected an integer of "
                          "milliseconds, 0 or more; ignored",
                          "OTEL_EXPORTER_OTLP_COMPRESSION: found \"zstd\", expected one of gzip, "
                          "none; ignored"));
}

TEST(Batch, VariablesAndTheirFaults) {
  const auto out = exporters({{"OTEL_TRACES_EXPORTER", "otlp"},
                              {"OTEL_BSP_SCHEDULE_DELAY", "100"},
                              {"OTEL_BSP_EXPORT_TIMEOUT", "forever"},
                              {"OTEL_BSP_MAX_QUEUE_SIZE", "64"},
                              {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "128"}});
  const BatchOptions& batch = out.list[0].batch;
  EXPECT_EQ(batch.schedule_delay.count(), 100);
  EXPECT_EQ(batch.export_timeout.count(), 30000);
  EXPECT_EQ(batch.max_queue_size, 64u);
  EXPECT_EQ(batch.max_export_batch_size, 64u);
  EXPECT_THAT(out.warnings,
              ElementsAre("OTEL_BSP_EXPORT_TIMEOUT: found \"forever\", expected an integer of "
                          "milliseconds, 0 or more; ignored",
                          "OTEL_BSP_MAX_EXPORT_BATCH_SIZE: found \"128\", expected at most "
                          "max_queue_size, which is 64; lowered"));
}

TEST(Batch, SpansForAPersonDoNotWait) {
  EXPECT_EQ(exporters({}).list[0].batch.schedule_delay.count(), 0);
  EXPECT_EQ(exporters({{"OTEL_BSP_SCHEDULE_DELAY", "70"}}).list[0].batch.schedule_delay.count(),
            70);
}

}  // namespace
}  // namespace weft
