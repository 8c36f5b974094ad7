// SPDX-License-Identifier: Apache-2.0
// Precedence of sources, flags, and the printed file that loads back.
#include "agent/config/load/load.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "agent/config/load/print.h"
#include "agent/config/test_kinds.h"

namespace weft {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using weft::testing::kinds;

class Load : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/weft-load-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& body) {
    const std::string path = folder_ + "/weft.yaml";
    std::ofstream(path) << "file_format: \"1.1\"\n" << body;
    return path;
  }
  Loaded good(const Environment& environment, Overrides overrides = {}) {
    auto out = load({environment, kinds(), std::move(overrides)});
    EXPECT_TRUE(out) << out.error().message;
    return out ? std::move(*out) : Loaded{};
  }
  Error error(const Environment& environment, Overrides overrides = {}) {
    auto out = load({environment, kinds(), std::move(overrides)});
    return out ? Error{"accepted", ExitCode::kOk} : out.error();
  }

  std::string folder_;
};

TEST_F(Load, DefaultsShowSpansAtOnce) {
  const auto [config, warnings] = good({});
  EXPECT_THAT(warnings, IsEmpty());
  ASSERT_EQ(config.exporters.size(), 1u);
  EXPECT_EQ(config.exporters[0].kind, "console");
  EXPECT_TRUE(config.targets.everything());
  EXPECT_THAT(config.targets.exclude, ::testing::Contains("containerd-shim*"));
  EXPECT_THAT(config.server_capture->sensitive_query_keys, ::testing::Contains("X-Amz-Signature"));
  EXPECT_TRUE(config.sampler.parent_based);
  EXPECT_EQ(config.sampler.ratio, 1.0);
  EXPECT_EQ(config.admin_host, "127.0.0.1");
  EXPECT_EQ(config.source, "defaults");
}

TEST_F(Load, WithAFileOtherVariablesAreIgnored) {
  const std::string path = file("resource: {attributes: [{name: region, value: \"${REGION}\"}]}\n");
  const Environment environment{{"OTEL_CONFIG_FILE", path},
                                {"OTEL_SERVICE_NAME", "ignored"},
                                {"OTEL_LOG_LEVEL", "error"},
                                {"OTEL_TRACES_EXPORTER", "otlp"},
                                {"OTEL_EXPORTER_OTLP_ENDPOINT", "not a url"},
                                {"REGION", "eu"}};
  const Config config = good(environment).config;
  EXPECT_EQ(config.service_name, "");
  EXPECT_EQ(config.log_level, "info");
  EXPECT_EQ(config.exporters[0].kind, "console");
  EXPECT_EQ(config.resource.text(Key("region")), "eu");
  EXPECT_EQ(config.source, path);
}

TEST_F(Load, TheFlagNamesTheFileBeforeTheVariable) {
  Overrides flags;
  flags.config_file = file("log_level: debug\n");
  EXPECT_EQ(good({{"OTEL_CONFIG_FILE", "/does/not/exist"}}, flags).config.log_level, "debug");
}

TEST_F(Load, TheOldVariableStillWorks) {
  const auto out = good({{"OTEL_EXPERIMENTAL_CONFIG_FILE", file("log_level: debug\n")}});
  EXPECT_EQ(out.config.log_level, "debug");
  EXPECT_THAT(out.warnings, ElementsAre(HasSubstr("deprecated, use OTEL_CONFIG_FILE")));
}

TEST_F(Load, WithoutAFileVariablesApply) {
  const Config config = good({{"OTEL_SERVICE_NAME", "shop"},
                              {"OTEL_TRACES_EXPORTER", "otlp"},
                              {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://h"}})
                            .config;
  EXPECT_EQ(config.service_name, "shop");
  EXPECT_EQ(config.exporters[0].settings.get("endpoint"), "http://h/v1/traces");
}

TEST_F(Load, FlagsBeatBoth) {
  Overrides flags;
  flags.service_name = "flag";
  flags.log_level = "debug";
  flags.hooks = "kprobe";
  flags.admin = "off";
  flags.exporters = {"otlp_file:path=/x"};
  const std::string path = file(
      "log_level: error\ntracer_provider: {processors: [{simple: {exporter: {console: }}}]}\n");
  for (const Environment& environment :
       {Environment{{"OTEL_CONFIG_FILE", path}}, Environment{{"OTEL_SERVICE_NAME", "env"}}}) {
    const Config config = good(environment, flags).config;
    EXPECT_EQ(config.service_name, "flag");
    EXPECT_EQ(config.log_level, "debug");
    EXPECT_EQ(config.kernel.hooks, HookType::kKprobe);
    EXPECT_EQ(config.admin_port, 0);
    ASSERT_EQ(config.exporters.size(), 1u);
    EXPECT_EQ(config.exporters[0].kind, "otlp_file/development");
    EXPECT_EQ(config.exporters[0].settings.get("path"), "/x");
  }
}

TEST_F(Load, TheNamesOfOtherTracers) {
  Overrides flags;
  flags.exporters = {"otlp:exporter_endpoint=http://h:4318", "otlp:exporter_endpoint=http://h:4317",
                     "zipkin:exporter_endpoint=http://z:9411/",
                     "zipkin:exporter_endpoint=http://z/its/own", "console"};
  const auto exporters = good({}, flags).config.exporters;
  ASSERT_EQ(exporters.size(), 5u);
  EXPECT_EQ(exporters[0].kind, "otlp_http");
  EXPECT_EQ(exporters[0].settings.get("endpoint"), "http://h:4318/v1/traces");
  EXPECT_EQ(exporters[1].kind, "otlp_grpc");
  EXPECT_EQ(exporters[1].settings.get("endpoint"), "http://h:4317");
  EXPECT_EQ(exporters[2].settings.get("endpoint"), "http://z:9411/api/v2/spans");
  EXPECT_EQ(exporters[3].settings.get("endpoint"), "http://z/its/own");
}

TEST_F(Load, TheDiskQueue) {
  Overrides flags;
  flags.disk_queue = "/var/lib/weft";
  EXPECT_EQ(good({}, flags).config.disk_queue.directory, "/var/lib/weft");
  const Config config =
      good({{"OTEL_CONFIG_FILE",
             file("distribution: {weft: {disk_queue: {directory: /q, max_bytes: 2000000, "
                  "max_age: 60, sync: second}}}\n")}})
          .config;
  EXPECT_EQ(config.disk_queue.directory, "/q");
  EXPECT_EQ(config.disk_queue.max_bytes, 2'000'000u);
  EXPECT_EQ(config.disk_queue.max_age, std::chrono::minutes(1));
  EXPECT_EQ(config.disk_queue.sync, DiskSync::kSecond);
}

TEST_F(Load, AnExporterFlagStartsFromItsVariables) {
  Overrides flags;
  flags.exporters = {"otlp_http:timeout=5", "console"};
  const Config config = good({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://h"},
                              {"OTEL_EXPORTER_OTLP_TIMEOUT", "9"},
                              {"OTEL_BSP_SCHEDULE_DELAY", "33"}},
                             flags)
                            .config;
  ASSERT_EQ(config.exporters.size(), 2u);
  EXPECT_EQ(config.exporters[0].settings.get("endpoint"), "http://h/v1/traces");
  EXPECT_EQ(config.exporters[0].settings.get("timeout"), "5");
  EXPECT_EQ(config.exporters[0].batch.schedule_delay.count(), 33);
}

TEST_F(Load, TargetFlagsReplaceTheSelectionAndAddExclusions) {
  const std::string path =
      file("distribution: {weft: {targets: {exes: [a], ports: [1], exclude: [x]}}}\n");
  Overrides flags;
  flags.config_file = path;
  flags.targets.pids = {7};
  flags.targets.exclude = {"y"};
  const TargetRules targets = good({}, flags).config.targets;
  EXPECT_THAT(targets.pids, ElementsAre(7u));
  EXPECT_THAT(targets.exes, IsEmpty());
  EXPECT_THAT(targets.ports, IsEmpty());
  EXPECT_THAT(targets.exclude, ElementsAre("x", "y"));
}

TEST_F(Load, NamingATargetDropsTheDefaultExclusions) {
  Overrides flags;
  flags.targets.exes = {"*/dockerd"};
  EXPECT_THAT(good({}, flags).config.targets.exclude, IsEmpty());
  Overrides only_exclude;
  only_exclude.targets.exclude = {"y"};
  const auto exclude = good({}, only_exclude).config.targets.exclude;
  EXPECT_THAT(exclude, ::testing::Contains("dockerd"));
  EXPECT_EQ(exclude.back(), "y");
}

TEST_F(Load, AdminAddresses) {
  Overrides flags;
  flags.admin = "[::1]:99";
  EXPECT_EQ(good({}, flags).config.admin_host, "::1");
  EXPECT_EQ(good({}, flags).config.admin_port, 99);
  EXPECT_THAT(good({}, flags).warnings, IsEmpty());
  flags.admin = "0.0.0.0:99";
  EXPECT_THAT(good({}, flags).warnings,
              ElementsAre("admin endpoint on 0.0.0.0: whoever can reach it can read process names "
                          "and counters"));
}

TEST_F(Load, FlagMistakesAreUsageErrors) {
  const auto usage = [&](auto set) {
    Overrides flags;
    set(flags);
    const Error e = error({}, flags);
    EXPECT_EQ(e.code, ExitCode::kUsage);
    return e.message;
  };
  EXPECT_EQ(usage([](auto& f) { f.hooks = "fentri"; }),
            "--hooks: found \"fentri\", did you mean \"fentry\"?");
  EXPECT_EQ(usage([](auto& f) { f.admin = "4380"; }),
            "--admin: found \"4380\", expected HOST:PORT (127.0.0.1:4380) or off");
  EXPECT_EQ(usage([](auto& f) { f.log_level = "loud"; }),
            "--log-level: found \"loud\", expected trace, debug, info, warn, error, fatal or off");
  EXPECT_EQ(usage([](auto& f) { f.service_name = "\xff"; }), "--service-name: not UTF-8");
  EXPECT_EQ(usage([](auto& f) { f.exporters = {"otlp_htp:x=1"}; }),
            "--exporter: unknown exporter \"otlp_htp\", did you mean \"otlp_http\"?");
  EXPECT_EQ(usage([](auto& f) { f.exporters = {"console:color=red"}; }),
            "--exporter console: color: found \"red\", expected one of auto, always, never");
}

TEST_F(Load, FileMistakesAreConfigErrors) {
  Overrides flags;
  flags.config_file = folder_ + "/absent.yaml";
  Error e = error({}, flags);
  EXPECT_EQ(e.code, ExitCode::kConfig);
  EXPECT_EQ(e.message, "cannot read the configuration file " + folder_ +
                           "/absent.yaml: No such file or directory");
  flags.config_file = folder_;
  EXPECT_EQ(error({}, flags).message,
            "cannot read the configuration file " + folder_ + ": Is a directory");
  flags.config_file = file("disabled: maybe\n");
  e = error({}, flags);
  EXPECT_EQ(e.code, ExitCode::kConfig);
  EXPECT_EQ(e.message,
            *flags.config_file + ":2: disabled: found \"maybe\", expected true or false");
  flags.config_file = file("disabled: maybe\nlog_level: x\n");
  EXPECT_THAT(error({}, flags).message,
              ::testing::EndsWith("(and 1 more: weft config check " + *flags.config_file + ")"));
}

TEST_F(Load, WarningsAreSaidOnce) {
  Overrides flags;
  flags.exporters = {"otlp_http", "otlp_grpc"};
  EXPECT_THAT(good({{"OTEL_BSP_SCHEDULE_DELAY", "soon"}}, flags).warnings, ::testing::SizeIs(1));
}

void expect_same(const CaptureOptions& a, const CaptureOptions& b) {
  EXPECT_EQ(a.request_headers, b.request_headers);
  EXPECT_EQ(a.response_headers, b.response_headers);
  EXPECT_EQ(a.known_methods, b.known_methods);
  EXPECT_EQ(a.sensitive_query_keys, b.sensitive_query_keys);
}

void expect_same(const ExporterConfig& a, const ExporterConfig& b) {
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.settings.values, b.settings.values);
  EXPECT_EQ(a.settings.headers, b.settings.headers);
  EXPECT_EQ(a.batch.schedule_delay, b.batch.schedule_delay);
  EXPECT_EQ(a.batch.export_timeout, b.batch.export_timeout);
  EXPECT_EQ(a.batch.max_queue_size, b.batch.max_queue_size);
  EXPECT_EQ(a.batch.max_export_batch_size, b.batch.max_export_batch_size);
}

// Every member of Config that a file can hold.
void expect_same(const Config& a, const Config& b) {
  EXPECT_EQ(a.disabled, b.disabled);
  EXPECT_EQ(a.log_level, b.log_level);
  EXPECT_EQ(a.targets.pids, b.targets.pids);
  EXPECT_EQ(a.targets.exes, b.targets.exes);
  EXPECT_EQ(a.targets.ports, b.targets.ports);
  EXPECT_EQ(a.targets.containers, b.targets.containers);
  EXPECT_EQ(a.targets.cgroups, b.targets.cgroups);
  EXPECT_EQ(a.targets.exclude, b.targets.exclude);
  EXPECT_EQ(a.kernel.hooks, b.kernel.hooks);
  EXPECT_EQ(a.kernel.head_cap_request, b.kernel.head_cap_request);
  EXPECT_EQ(a.kernel.head_cap_response, b.kernel.head_cap_response);
  EXPECT_EQ(a.kernel.ring_bytes, b.kernel.ring_bytes);
  EXPECT_EQ(a.kernel.connections, b.kernel.connections);
  EXPECT_EQ(a.storage.enabled, b.storage.enabled);
  EXPECT_EQ(a.storage.records, b.storage.records);
  EXPECT_EQ(a.storage.files, b.storage.files);
  EXPECT_EQ(a.storage.entries, b.storage.entries);
  ASSERT_EQ(a.resource.size(), b.resource.size());
  for (const Attribute& attribute : a.resource) {
    const Value* other = b.resource.find(attribute.key);
    ASSERT_NE(other, nullptr) << attribute.key.text();
    EXPECT_EQ(attribute.value, *other) << attribute.key.text();
  }
  EXPECT_EQ(a.service_name, b.service_name);
  ASSERT_EQ(a.exporters.size(), b.exporters.size());
  for (size_t i = 0; i < a.exporters.size(); ++i) expect_same(a.exporters[i], b.exporters[i]);
  EXPECT_EQ(a.limits.attribute_count, b.limits.attribute_count);
  EXPECT_EQ(a.limits.attribute_value_length, b.limits.attribute_value_length);
  EXPECT_EQ(a.limits.event_count, b.limits.event_count);
  EXPECT_EQ(a.limits.link_count, b.limits.link_count);
  EXPECT_EQ(a.limits.event_attribute_count, b.limits.event_attribute_count);
  EXPECT_EQ(a.limits.link_attribute_count, b.limits.link_attribute_count);
  EXPECT_EQ(a.sampler.parent_based, b.sampler.parent_based);
  EXPECT_EQ(a.sampler.ratio, b.sampler.ratio);
  expect_same(*a.server_capture, *b.server_capture);
  expect_same(*a.client_capture, *b.client_capture);
  EXPECT_EQ(a.existing_instrumentation, b.existing_instrumentation);
  EXPECT_EQ(a.old_names.http, b.old_names.http);
  EXPECT_EQ(a.old_names.database, b.old_names.database);
  EXPECT_EQ(a.old_names.peer_service, b.old_names.peer_service);
  EXPECT_EQ(a.disk_queue.directory, b.disk_queue.directory);
  EXPECT_EQ(a.disk_queue.max_bytes, b.disk_queue.max_bytes);
  EXPECT_EQ(a.disk_queue.max_age, b.disk_queue.max_age);
  EXPECT_EQ(a.disk_queue.sync, b.disk_queue.sync);
  EXPECT_EQ(a.admin_host, b.admin_host);
  EXPECT_EQ(a.admin_port, b.admin_port);
}

Config again(const Config& config) {
  const std::string text = to_yaml(config, kinds(), true);
  Checked checked = check(text, "printed.yaml", {}, kinds());
  EXPECT_THAT(checked.errors, IsEmpty()) << text;
  EXPECT_THAT(checked.warnings, IsEmpty()) << text;
  return std::move(checked.config);
}

// Every member off its default, texts with all that could break quoting.
Config unusual() {
  const std::string nasty = "a \"b\" \\ ${HOME} $$ \n\t\x01 é: # - {x}";
  Config c = default_config(kinds());
  c.disabled = true;
  c.log_level = "critical";
  c.targets = {{1, 2}, {nasty}, {80}, {"c*"}, {"/cg"}, {"no", "yes", "1"}};
  c.kernel = {HookType::kSyscall, 100, 200, 1 << 20, 77};
  c.storage = {false, true, {nasty, "wal/*"}, {"queue/*.json"}};
  c.resource.set(Key("text"), nasty);
  c.resource.set(Key("looks.like.number"), "0x10");
  c.resource.set(Key("flag"), Value(true));
  c.resource.set(Key("number"), Value(int64_t{-5}));
  c.resource.set(Key("tiny"), Value(1e-30));
  c.resource.set(Key("whole"), Value(3.0));
  c.resource.set(Key("list"), Value(std::vector<std::string>{nasty, "null"}));
  c.service_name = nasty;
  ExporterConfig http{"otlp_http", {}, {std::chrono::milliseconds(0), {}, 9, 3}};
  http.settings.values = {{"endpoint", "http://u:p@h/x"},
                          {"timeout", "7"},
                          {"tls.ca_file", nasty},
                          {"tls.key_file", "/k"}};
  http.settings.headers = {{"Authorization", "Bearer x"}, {"plain", "a \"$${x} \\ b"}};
  ExporterConfig grpc{"otlp_grpc", {}, {}};
  grpc.settings.values = {{"tls.insecure", "true"}};
  c.exporters = {http, grpc, {"otlp_file/development", {}, {}}};
  c.limits = {1, 2, 3, 4, 5, 6};
  c.sampler = {false, 0.123};
  c.old_names = {false, true, true};
  c.existing_instrumentation = ExistingInstrumentation::kBoth;
  c.server_capture =
      std::make_shared<CaptureOptions>(CaptureOptions{{"x-a"}, {"x-b"}, {"GET"}, {}});
  c.client_capture = std::make_shared<CaptureOptions>(CaptureOptions{{"x-c"}, {}, {}, {}});
  c.disk_queue = {nasty, 2 << 20, std::chrono::seconds(7), DiskSync::kAlways};
  c.admin_host = "::1";
  c.admin_port = 0;
  return c;
}

TEST(Print, LoadsBackToTheSameConfig) {
  expect_same(unusual(), again(unusual()));
  expect_same(default_config(kinds()), again(default_config(kinds())));
  Config none = default_config(kinds());
  none.exporters.clear();
  none.sampler = {true, 0.0};
  expect_same(none, again(none));
}

TEST(Print, SecretsAreMaskedUnlessAskedFor) {
  const std::string masked = to_yaml(unusual(), kinds(), false);
  EXPECT_THAT(masked, ::testing::Not(HasSubstr("Bearer")));
  EXPECT_THAT(masked, HasSubstr("{name: \"Authorization\", value: \"***\"}"));
  EXPECT_THAT(masked, HasSubstr("endpoint: \"http://***@h/x\""));
  EXPECT_THAT(masked, HasSubstr("name: \"plain\", value: \"a "));
  EXPECT_THAT(to_yaml(unusual(), kinds(), true), HasSubstr("Bearer x"));
}

TEST(Print, WhatIsUnlimitedOrEmptyIsLeftOut) {
  const std::string text = to_yaml(default_config(kinds()), kinds(), true);
  EXPECT_THAT(text, ::testing::Not(HasSubstr("attribute_value_length_limit")));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("response_captured_headers")));
}

TEST(Print, DefaultsOfExporterOptionsAreComments) {
  EXPECT_THAT(to_yaml(unusual(), kinds(), true), HasSubstr("# compression: none\n"));
}

}  // namespace
}  // namespace weft
