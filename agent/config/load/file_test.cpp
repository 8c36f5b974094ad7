// SPDX-License-Identifier: Apache-2.0
// The declarative file: what is read, and what each mistake is called.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/config/load/load.h"
#include "agent/config/test_kinds.h"

namespace weft {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using weft::testing::kinds;

const std::string kHead = "file_format: \"1.1\"\n";  // one line: bodies begin on line 2

Checked read(const std::string& body, const Environment& environment = {}) {
  return check(kHead + body, "w.yaml", environment, kinds());
}

Config good(const std::string& body, const Environment& environment = {}) {
  const Checked checked = read(body, environment);
  EXPECT_THAT(checked.errors, IsEmpty());
  return checked.config;
}

std::string error(const std::string& body) {
  const Checked checked = read(body);
  EXPECT_LE(checked.errors.size(), 1u);
  return checked.errors.empty() ? "accepted" : checked.errors.front();
}

std::vector<std::string> warnings(const std::string& body) {
  const Checked checked = read(body);
  EXPECT_THAT(checked.errors, IsEmpty());
  return checked.warnings;
}

TEST(File, FormatIsRequiredAndOfVersionOne) {
  const auto check_text = [](const std::string& text) {
    return check(text, "w.yaml", {}, kinds());
  };
  EXPECT_THAT(check_text("disabled: true\n").errors,
              ElementsAre("w.yaml:1: file_format: found nothing, expected \"1.1\""));
  EXPECT_THAT(check_text("").errors,
              ElementsAre("w.yaml:1: file_format: found nothing, expected \"1.1\""));
  EXPECT_THAT(check_text("\nfile_format: \"0.4\"\n").errors,
              ElementsAre("w.yaml:2: file_format: found \"0.4\" in quotes, expected \"1.1\""));
  EXPECT_THAT(check_text("file_format: 1.0-rc.2\n").errors, ::testing::SizeIs(1));
  EXPECT_THAT(check_text("file_format: 1.1\n").errors, IsEmpty());
  EXPECT_THAT(check_text("file_format: \"1.0\"\n").errors, IsEmpty());
  EXPECT_THAT(check_text("[1]\n").errors, ElementsAre("w.yaml:1: found a list, expected a map"));
}

TEST(File, NewerMinorVersionsAreReadWithWarnings) {
  const Checked checked =
      check("file_format: \"1.7\"\ntracer_provider: {sparkle: 1}\n", "w.yaml", {}, kinds());
  EXPECT_THAT(checked.errors, IsEmpty());
  EXPECT_THAT(checked.warnings,
              ElementsAre("w.yaml:1: file_format: newer than 1.1; keys that weft does not know are "
                          "ignored",
                          "w.yaml:2: tracer_provider.sparkle: unknown key, expected one of limits, "
                          "sampler, processors, tracer_configurator/development; ignored"));
}

TEST(File, ScalarsOfTheRoot) {
  const Config config = good("disabled: true\nlog_level: warn2\n");
  EXPECT_TRUE(config.disabled);
  EXPECT_EQ(config.log_level, "warn");
  EXPECT_EQ(config.source, "w.yaml");
  EXPECT_EQ(error("disabled: maybe\n"),
            "w.yaml:2: disabled: found \"maybe\", expected true or false");
  EXPECT_EQ(error("disabled: \"true\"\n"),
            "w.yaml:2: disabled: found \"true\" in quotes, expected true or false");
  EXPECT_EQ(error("log_level: loud\n"),
            "w.yaml:2: log_level: found \"loud\", expected trace, debug, info, warn, error, fatal "
            "or off");
}

TEST(File, NullIsAbsent) {
  const Config config = good("disabled:\nresource:\ntracer_provider:\n  limits:\n  sampler: ~\n");
  EXPECT_FALSE(config.disabled);
  EXPECT_EQ(config.exporters.size(), 1u);
}

TEST(File, UnknownRootKeysWarnUnlessTheyAreSlips) {
  EXPECT_THAT(warnings("x-team: shop\n"), ElementsAre("w.yaml:2: x-team: unknown; ignored"));
  EXPECT_EQ(error("tracer_providers: {}\n"),
            "w.yaml:2: tracer_providers: unknown key, did you mean \"tracer_provider\"?");
}

TEST(File, SectionsOfOtherSignalsAreAcceptedWithANotice) {
  EXPECT_THAT(warnings("meter_provider: {readers: []}\nlogger_provider: {a: b}\n"),
              ElementsAre("w.yaml:2: meter_provider: accepted, without effect on a tracing agent",
                          "w.yaml:3: logger_provider: accepted, without effect on a tracing "
                          "agent"));
}

TEST(File, ResourceAttributesBeatTheList) {
  const Config config = good(
      "resource:\n"
      "  attributes_list: team=a,region=eu\n"
      "  attributes:\n"
      "    - {name: team, value: b}\n"
      "    - {name: n, value: 5, type: int}\n"
      "    - {name: x, value: 0.5, type: double}\n"
      "    - {name: on, value: true, type: bool}\n"
      "    - {name: all, value: [p, q], type: string_array}\n"
      "    - {name: digits, value: 5}\n"
      "    - {name: gone, value: null}\n"
      "    - {name: service.name, value: shop}\n");
  EXPECT_EQ(config.resource.text(Key("team")), "b");
  EXPECT_EQ(config.resource.text(Key("region")), "eu");
  EXPECT_EQ(*config.resource.find(Key("n")), Value(int64_t{5}));
  EXPECT_EQ(*config.resource.find(Key("x")), Value(0.5));
  EXPECT_EQ(*config.resource.find(Key("on")), Value(true));
  EXPECT_EQ(*config.resource.find(Key("all")), Value(std::vector<std::string>{"p", "q"}));
  EXPECT_EQ(config.resource.text(Key("digits")), "5");
  EXPECT_EQ(config.resource.find(Key("gone")), nullptr);
  EXPECT_EQ(config.resource.find(Key("service.name")), nullptr);
  EXPECT_EQ(config.service_name, "shop");
}

TEST(File, ThePlaceholderServiceNameMeansDiscover) {
  EXPECT_EQ(
      good("resource: {attributes: [{name: service.name, value: unknown_service}]}\n").service_name,
      "");
}

TEST(File, ResourceMistakes) {
  const auto attribute = [](const std::string& text) {
    return error("resource: {attributes: [" + text + "]}\n");
  };
  EXPECT_EQ(attribute("{name: n, value: many, type: int}"),
            "w.yaml:2: resource.attributes[0].value: found \"many\", expected a value of type int");
  EXPECT_EQ(attribute("{name: n, value: [1], type: string}"),
            "w.yaml:2: resource.attributes[0].value: found a list, expected a value of type "
            "string");
  EXPECT_EQ(attribute("{name: n, value: 1, type: integer}"),
            "w.yaml:2: resource.attributes[0].type: found \"integer\", expected one of string, "
            "bool, int, double, string_array");
  EXPECT_EQ(attribute("{value: 1}"),
            "w.yaml:2: resource.attributes[0].name: found nothing, expected a name");
  EXPECT_EQ(attribute("{nam: n, name: m, value: 1}"),
            "w.yaml:2: resource.attributes[0].nam: unknown key, did you mean \"name\"?");
  EXPECT_EQ(error("resource: {attributes: {a: b}}\n"),
            "w.yaml:2: resource.attributes: found a map, expected a list");
  EXPECT_THAT(warnings("resource: {attributes_list: \"a\"}\n"),
              ElementsAre("w.yaml:2: resource.attributes_list: entry 1 has no '='; the whole list "
                          "is ignored"));
}

TEST(File, PropagatorsWithoutEffectAreSaid) {
  EXPECT_THAT(warnings("propagator: {composite: [{tracecontext: }, {b3: }], "
                       "composite_list: \"baggage,xray\"}\n"),
              ElementsAre("w.yaml:2: propagator: \"b3\" has no effect: weft reads W3C trace "
                          "context only",
                          "w.yaml:2: propagator: \"xray\" has no effect: weft reads W3C trace "
                          "context only"));
}

TEST(File, LimitsOfSpansBeatGeneralOnes) {
  const Config config = good(
      "attribute_limits: {attribute_count_limit: 5, attribute_value_length_limit: 6}\n"
      "tracer_provider: {limits: {attribute_count_limit: 0x10, event_count_limit: 7, "
      "link_count_limit: 8, event_attribute_count_limit: 9, link_attribute_count_limit: 0}}\n");
  EXPECT_EQ(config.limits.attribute_count, 16u);
  EXPECT_EQ(config.limits.attribute_value_length, 6u);
  EXPECT_EQ(config.limits.event_count, 7u);
  EXPECT_EQ(config.limits.link_count, 8u);
  EXPECT_EQ(config.limits.event_attribute_count, 9u);
  EXPECT_EQ(config.limits.link_attribute_count, 0u);
  EXPECT_EQ(error("attribute_limits: {attribute_count_limit: -1}\n"),
            "w.yaml:2: attribute_limits.attribute_count_limit: found \"-1\", expected an integer "
            "from 0 to 4294967295");
  EXPECT_EQ(error("tracer_provider:\n  limits:\n    event_count: 3\n"),
            "w.yaml:4: tracer_provider.limits.event_count: unknown key, expected one of "
            "attribute_value_length_limit, attribute_count_limit, event_count_limit, "
            "link_count_limit, event_attribute_count_limit, link_attribute_count_limit");
}

TEST(File, Samplers) {
  const auto sampler = [](const std::string& text) {
    const auto s = good("tracer_provider: {sampler: " + text + "}\n").sampler;
    return std::pair(s.parent_based, s.ratio);
  };
  EXPECT_THAT(sampler("{always_on: }"), Pair(false, 1.0));
  EXPECT_THAT(sampler("{always_off: }"), Pair(false, 0.0));
  EXPECT_THAT(sampler("{trace_id_ratio_based: {ratio: 0.25}}"), Pair(false, 0.25));
  EXPECT_THAT(sampler("{trace_id_ratio_based: }"), Pair(false, 1.0));
  EXPECT_THAT(sampler("{probability/development: {ratio: 1e-3}}"), Pair(false, 0.001));
  EXPECT_THAT(sampler("{parent_based: {root: {trace_id_ratio_based: {ratio: 0.1}}}}"),
              Pair(true, 0.1));
  EXPECT_THAT(sampler("{parent_based: {root: {always_off: }}}"), Pair(true, 0.0));
  EXPECT_THAT(sampler("{parent_based: }"), Pair(true, 1.0));
  EXPECT_THAT(sampler("{parent_based: {remote_parent_sampled: {always_on: }}}"), Pair(true, 1.0));
}

TEST(File, SamplerMistakes) {
  const auto sampler = [](const std::string& text) {
    return error("tracer_provider: {sampler: " + text + "}\n");
  };
  EXPECT_EQ(sampler("{trace_id_ratio_based: {ratio: 1.5}}"),
            "w.yaml:2: tracer_provider.sampler.trace_id_ratio_based.ratio: found \"1.5\", expected "
            "a number from 0 to 1");
  EXPECT_EQ(sampler("{jaeger_remote/development: {}}"),
            "w.yaml:2: tracer_provider.sampler: found \"jaeger_remote/development\", expected "
            "always_on, always_off, trace_id_ratio_based or parent_based");
  EXPECT_EQ(sampler("{always_on: , always_off: }"),
            "w.yaml:2: tracer_provider.sampler: found 2 entries, expected one sampler");
  EXPECT_EQ(sampler("{parent_based: {remote_parent_sampled: {always_off: }}}"),
            "w.yaml:2: tracer_provider.sampler.parent_based.remote_parent_sampled: found "
            "\"always_off\", expected always_on: weft follows the parent");
  EXPECT_EQ(sampler("always_on"),
            "w.yaml:2: tracer_provider.sampler: found \"always_on\", expected a map");
}

TEST(File, ProcessorsAndExporters) {
  const Config config = good(R"(tracer_provider:
  processors:
    - batch:
        schedule_delay: 100
        export_timeout: 200
        max_queue_size: 300
        max_export_batch_size: 30
        exporter:
          otlp_http:
            endpoint: https://h/v1/traces
            compression: gzip
            timeout: 5000
            encoding: json
            tls: {ca_file: /ca, key_file: /key, cert_file: /cert}
            headers_list: "a=1,b=2%20x"
            headers: [{name: B, value: 3}, {name: c, value: }]
    - simple:
        exporter:
          otlp_grpc: {endpoint: "h:4317", tls: {insecure: true}}
    - batch: {exporter: {otlp_file/development: {path: /tmp/x.jsonl}}}
    - batch: {exporter: {console: }}
)");
  ASSERT_EQ(config.exporters.size(), 4u);
  const ExporterConfig& http = config.exporters[0];
  EXPECT_EQ(http.kind, "otlp_http");
  EXPECT_EQ(http.batch.schedule_delay.count(), 100);
  EXPECT_EQ(http.batch.export_timeout.count(), 200);
  EXPECT_EQ(http.batch.max_queue_size, 300u);
  EXPECT_EQ(http.batch.max_export_batch_size, 30u);
  EXPECT_THAT(http.settings.values,
              ElementsAre(Pair("compression", "gzip"), Pair("encoding", "json"),
                          Pair("endpoint", "https://h/v1/traces"), Pair("timeout", "5000"),
                          Pair("tls.ca_file", "/ca"), Pair("tls.cert_file", "/cert"),
                          Pair("tls.key_file", "/key")));
  EXPECT_THAT(http.settings.headers, ElementsAre(Pair("a", "1"), Pair("b", "3")));
  EXPECT_EQ(config.exporters[1].settings.get("endpoint"), "http://h:4317");
  EXPECT_EQ(config.exporters[1].batch.schedule_delay.count(), 0);
  EXPECT_EQ(config.exporters[2].kind, "otlp_file/development");
  EXPECT_EQ(config.exporters[2].batch.schedule_delay.count(), 5000);
  EXPECT_EQ(config.exporters[3].batch.schedule_delay.count(), 0);
}

TEST(File, NoProcessorsMeansNoExporters) {
  EXPECT_THAT(good("tracer_provider: {processors: []}\n").exporters, IsEmpty());
  EXPECT_EQ(good("tracer_provider: {limits: {}}\n").exporters[0].kind, "console");
}

TEST(File, GrpcEndpointWithoutSchemeIsTlsUnlessInsecure) {
  const Config config = good(
      "tracer_provider: {processors: [{batch: {exporter: {otlp_grpc: {endpoint: \"h:1\"}}}}]}\n");
  EXPECT_EQ(config.exporters[0].settings.get("endpoint"), "https://h:1");
}

TEST(File, ProcessorMistakes) {
  const auto processor = [](const std::string& text) {
    return error("tracer_provider:\n  processors:\n    - " + text + "\n");
  };
  const std::string at = "w.yaml:4: tracer_provider.processors[0]";
  EXPECT_EQ(processor("stream: {}"),
            at + ": found \"stream\", expected one processor: batch or simple");
  EXPECT_EQ(processor("batch: {}"), at + ".batch.exporter: found nothing, expected an exporter");
  EXPECT_EQ(processor("batch: {exporter: {otlp_htp: {}}}"),
            at + ".batch.exporter: unknown exporter \"otlp_htp\", did you mean \"otlp_http\"?");
  EXPECT_EQ(processor("batch: {exporter: {newrelic: {}}}"),
            at + ".batch.exporter: unknown exporter \"newrelic\", expected one of otlp_http, "
                 "otlp_grpc, otlp_file/development, console, zipkin");
  EXPECT_EQ(processor("batch: {max_queue_size: 0, exporter: {console: }}"),
            at + ".batch.max_queue_size: found \"0\", expected an integer from 1 to 4294967295");
  EXPECT_EQ(processor("batch: {schedule_delay: 1s, exporter: {console: }}"),
            at + ".batch.schedule_delay: found \"1s\", expected an integer from 0 to 4294967295");
  EXPECT_EQ(processor("batch: {max_queue_size: 5, max_export_batch_size: 6, exporter: {console: "
                      "}}"),
            at + ".batch: max_export_batch_size: found \"6\", expected at most max_queue_size, "
                 "which is 5");
  EXPECT_EQ(processor("simple: {schedule_delay: 5, exporter: {console: }}"),
            at + ".simple.schedule_delay: unknown key, expected one of exporter");
}

TEST(File, ExporterMistakes) {
  const auto exporter = [](const std::string& text) {
    return error("tracer_provider: {processors: [{batch: {exporter: {" + text + "}}}]}\n");
  };
  const std::string at = "w.yaml:2: tracer_provider.processors[0].batch.exporter.otlp_http";
  EXPECT_EQ(exporter("otlp_http: {endpoint: localhost}"),
            at + ".endpoint: found \"localhost\", expected a URL such as http://127.0.0.1:4318");
  EXPECT_EQ(exporter("otlp_http: {compression: zstd}"),
            at + ".compression: found \"zstd\", expected one of gzip, none");
  EXPECT_EQ(exporter("otlp_http: {timeout: -1}"),
            at + ".timeout: found \"-1\", expected an integer of milliseconds, 0 or more");
  EXPECT_EQ(exporter("otlp_http: {timeout: \"10\"}"),
            at + ".timeout: found \"10\" in quotes, expected an integer of milliseconds, 0 or "
                 "more");
  EXPECT_EQ(exporter("otlp_http: {timeout: [1]}"),
            at + ".timeout: found a list, expected text or a number");
  EXPECT_EQ(exporter("otlp_http: {tls: {cafile: /x}}"),
            at + ".tls.cafile: unknown key, did you mean \"ca_file\"?");
  EXPECT_EQ(exporter("otlp_http: {endpoints: x}"),
            at + ".endpoints: unknown key, did you mean \"endpoint\"?");
  EXPECT_EQ(exporter("otlp_http: {headers: [{name: \"a b\", value: x}]}"),
            at + ".headers[0].name: found \"a b\", expected an HTTP header name");
  EXPECT_EQ(exporter("otlp_http: {headers: [{name: a, value: \"x\\r\\ny\"}]}"),
            at + ".headers[0].value: found a control character");
  EXPECT_EQ(exporter("otlp_http: {headers_list: secret}"),
            at + ".headers_list: entry 1 has no '='");
}

TEST(File, Instrumentation) {
  const Config config = good(R"(instrumentation/development:
  general:
    http:
      semconv: {version: 1}
      server: {request_captured_headers: [X-Request-Id], known_methods: [GET, BREW]}
      client: {response_captured_headers: [Server]}
    sanitization: {url: {sensitive_query_parameters: [sig, token]}}
)");
  EXPECT_THAT(config.server_capture->request_headers, ElementsAre("x-request-id"));
  EXPECT_THAT(config.server_capture->known_methods, ElementsAre("GET", "BREW"));
  EXPECT_THAT(config.client_capture->request_headers,
              ElementsAre("x-request-id", "x-correlation-id", "correlation-id"));
  EXPECT_THAT(config.client_capture->response_headers, ElementsAre("server"));
  EXPECT_THAT(config.server_capture->sensitive_query_keys, ElementsAre("sig", "token"));
  EXPECT_THAT(config.client_capture->sensitive_query_keys, ElementsAre("sig", "token"));
}

TEST(File, AnEmptyListOfHeadersIsNone) {
  const Config config = good(
      "instrumentation/development: {general: {http: {server: "
      "{request_captured_headers: []}}}}\n");
  EXPECT_THAT(config.server_capture->request_headers, IsEmpty());
  EXPECT_THAT(config.client_capture->request_headers, ::testing::Not(IsEmpty()));
}

TEST(File, InstrumentationMistakesAndNotices) {
  EXPECT_EQ(error("instrumentation/development: {general: {http: {server: {headers: [a]}}}}\n"),
            "w.yaml:2: instrumentation/development.general.http.server.headers: unknown key, "
            "expected one of request_captured_headers, response_captured_headers, known_methods");
  EXPECT_EQ(error("instrumentation/development: {general: {http: {server: "
                  "{known_methods: GET}}}}\n"),
            "w.yaml:2: instrumentation/development.general.http.server.known_methods: found "
            "\"GET\", expected a list of texts");
  EXPECT_THAT(warnings("instrumentation/development: {general: {stability_opt_in_list: https}, "
                       "java: {a: {b: c}}}\n"),
              ElementsAre("w.yaml:2: instrumentation/development.general.stability_opt_in_list: "
                          "found \"https\", expected http, database, messaging or rpc, each also "
                          "with /dup; ignored",
                          "w.yaml:2: instrumentation/development.java: accepted, without effect "
                          "on a tracing agent"));
}

TEST(File, OldNames) {
  const auto names = [](const std::string& general) {
    return good("instrumentation/development: {general: {" + general + "}}\n").old_names;
  };
  EXPECT_FALSE(names("").any());
  EXPECT_TRUE(names("http: {semconv: {version: 1, dual_emit: true}}").http);
  EXPECT_TRUE(names("db: {semconv: {dual_emit: true}}").database);
  const OldNames both = names("stability_opt_in_list: \"http/dup,database/dup\"");
  EXPECT_TRUE(both.http && both.database);
  const OldNames mixed =
      names("stability_opt_in_list: http/dup, http: {semconv: {dual_emit: false}}");
  EXPECT_FALSE(mixed.any()) << "the domain's own section wins";
}

TEST(File, OurOwnSection) {
  const Config config = good(R"(distribution:
  weft:
    targets:
      pids: [1, 4194304]
      exes: ["*/nginx"]
      ports: [80, 65535]
      containers: ["abc*"]
      cgroups: ["/system.slice/*"]
      exclude: [curl]
    kernel: {hooks: kprobe, head_cap_request: 128, head_cap_response: 256, ring_bytes: 65536, connections: 1000}
    admin: {host: "::1", port: 0}
    existing_instrumentation: both
)");
  EXPECT_EQ(config.existing_instrumentation, ExistingInstrumentation::kBoth);
  EXPECT_THAT(config.targets.pids, ElementsAre(1u, 4194304u));
  EXPECT_THAT(config.targets.exes, ElementsAre("*/nginx"));
  EXPECT_THAT(config.targets.ports, ElementsAre(80, 65535));
  EXPECT_THAT(config.targets.containers, ElementsAre("abc*"));
  EXPECT_THAT(config.targets.cgroups, ElementsAre("/system.slice/*"));
  EXPECT_THAT(config.targets.exclude, ElementsAre("curl"));
  EXPECT_EQ(config.kernel.hooks, HookType::kKprobe);
  EXPECT_EQ(config.kernel.head_cap_request, 128u);
  EXPECT_EQ(config.kernel.head_cap_response, 256u);
  EXPECT_EQ(config.kernel.ring_bytes, 65536u);
  EXPECT_EQ(config.kernel.connections, 1000u);
  EXPECT_EQ(config.admin_host, "::1");
  EXPECT_EQ(config.admin_port, 0);
}

TEST(File, NamingATargetDropsTheDefaultExclusions) {
  EXPECT_FALSE(good("").targets.exclude.empty());
  EXPECT_THAT(good("distribution: {weft: {targets: {exes: [x]}}}\n").targets.exclude, IsEmpty());
  EXPECT_THAT(good("distribution: {weft: {targets: {exclude: []}}}\n").targets.exclude, IsEmpty());
}

TEST(File, MistakesInOurOwnSection) {
  const auto weft = [](const std::string& text) {
    return error("distribution:\n  weft:\n    " + text + "\n");
  };
  const std::string at = "w.yaml:4: distribution.weft.";
  EXPECT_EQ(weft("targts: {}"), at + "targts: unknown key, did you mean \"targets\"?");
  EXPECT_EQ(weft("targets: {pids: [0]}"),
            at + "targets.pids[0]: found \"0\", expected an integer from 1 to 4194304");
  EXPECT_EQ(weft("targets: {ports: [1, http]}"),
            at + "targets.ports[1]: found \"http\", expected an integer from 1 to 65535");
  EXPECT_EQ(weft("targets: {exes: nginx}"),
            at + "targets.exes: found \"nginx\", expected a list of texts");
  EXPECT_EQ(weft("targets: {exes: [[a]]}"),
            at + "targets.exes: found a list, expected a list of texts");
  EXPECT_EQ(weft("kernel: {hooks: kprobes}"),
            at + "kernel.hooks: found \"kprobes\", expected one of auto, fentry, tracepoint, "
                 "kprobe, syscall");
  EXPECT_EQ(weft("kernel: {head_cap_request: 16385}"),
            at + "kernel.head_cap_request: found \"16385\", expected an integer from 64 to 16384");
  EXPECT_EQ(weft("kernel: {ring_bytes: 100000}"),
            at + "kernel.ring_bytes: found \"100000\", expected 0, or a power of two from 65536 to "
                 "67108864");
  EXPECT_EQ(weft("admin: {port: 70000}"),
            at + "admin.port: found \"70000\", expected an integer from 0 to 65535");
  EXPECT_EQ(error("distribution: {weeft: {}}\n"),
            "w.yaml:2: distribution.weeft: unknown key, did you mean \"weft\"?");
  EXPECT_THAT(warnings("distribution: {other_agent: {a: b}}\n"),
              ElementsAre("w.yaml:2: distribution.other_agent: belongs to another distribution; "
                          "ignored"));
}

TEST(File, EveryMistakeIsTold) {
  const Checked checked = read("disabled: 3\nlog_level: loud\ndistribution: {weft: {x: 1}}\n");
  EXPECT_EQ(checked.errors.size(), 3u);
}

TEST(File, VariablesFillScalars) {
  const Environment environment{{"DELAY", "77"}, {"OFF", "true"}, {"NAME", "shop: {a: b}"}};
  const Config config = good(R"(disabled: ${OFF}
resource: {attributes: [{name: service.name, value: "${NAME}"}]}
tracer_provider:
  processors:
    - batch:
        schedule_delay: ${DELAY:-1}
        exporter: {console: {color: "${COLOR:-never}"}}
)",
                             environment);
  EXPECT_TRUE(config.disabled);
  EXPECT_EQ(config.service_name, "shop: {a: b}");
  ASSERT_EQ(config.exporters.size(), 1u);
  EXPECT_EQ(config.exporters[0].batch.schedule_delay.count(), 77);
  EXPECT_EQ(config.exporters[0].settings.get("color"), "never");
}

}  // namespace
}  // namespace weft
