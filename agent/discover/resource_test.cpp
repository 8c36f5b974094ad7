// SPDX-License-Identifier: Apache-2.0
#include "agent/discover/resource.h"

#include <gtest/gtest.h>
#include <map>

#include "agent/base/semconv.h"
#include "agent/base/version.h"

namespace weft {
namespace {

class ResourceTest : public ::testing::Test {
 protected:
  ResourceTest() {
    facts.pid = 4242;
    facts.ppid = 1;
    facts.start_ticks = 99;
    facts.created = 1'763'694'855'926'000'000;
    facts.exe = "/usr/sbin/shopd";
  }
  std::map<std::string, std::string> build() {
    const ResourcePtr resource = ResourceBuilder(config, host, counters).build(facts);
    std::map<std::string, std::string> out;
    for (const Attribute& a : resource->attributes) {
      const auto* number = std::get_if<int64_t>(&a.value);
      out[std::string(a.key.text())] =
          number ? std::to_string(*number) : std::get<std::string>(a.value);
    }
    return out;
  }
  std::string name() { return build().at("service.name"); }
  uint64_t malformed() {
    return counters.get("weft.discover.malformed_resource_attributes").value();
  }

  Config config;
  Host host{"web1",  "0123456789abcdef",
            "amd64", "Debian GNU/Linux",
            "12",    "Debian GNU/Linux 12 (bookworm)"};
  CounterSet counters;
  ProcessFacts facts;
};

TEST_F(ResourceTest, SaysWhatIsKnown) {
  facts.args = {"shopd", "--secret=1"};
  facts.owner = "www-data";
  facts.language = "go";
  facts.runtime_name = "go";
  facts.runtime_version = "go1.22.3";
  facts.build_id = "c0ffee";
  facts.go_build_id = "abc/def";
  facts.container_id = std::string(64, 'a');
  facts.container_runtime = "docker";
  std::map<std::string, std::string> expected{
      {"service.name", "shopd"},
      {"telemetry.sdk.language", "go"},
      {"telemetry.sdk.name", "weft"},
      {"telemetry.sdk.version", kVersion},
      {"telemetry.distro.name", "weft"},
      {"telemetry.distro.version", kVersion},
      {"process.pid", "4242"},
      {"process.parent_pid", "1"},
      {"process.creation.time", "2025-11-21T03:14:15.926Z"},
      {"process.executable.name", "shopd"},
      {"process.executable.path", "/usr/sbin/shopd"},
      {"process.executable.build_id.gnu", "c0ffee"},
      {"process.executable.build_id.go", "abc/def"},
      {"process.command", "shopd"},
      {"process.owner", "www-data"},
      {"process.runtime.name", "go"},
      {"process.runtime.version", "go1.22.3"},
      {"container.id", std::string(64, 'a')},
      {"host.name", "web1"},
      {"host.id", "0123456789abcdef"},
      {"host.arch", "amd64"},
      {"os.type", "linux"},
      {"os.name", "Debian GNU/Linux"},
      {"os.version", "12"},
      {"os.description", "Debian GNU/Linux 12 (bookworm)"},
      {"container.runtime.name", "docker"},
  };
  auto built = build();
  expected["service.instance.id"] = built["service.instance.id"];
  EXPECT_EQ(built, expected);
}

TEST_F(ResourceTest, OldNamesAreOfNoSchema) {
  const auto schema = [&] {
    return ResourceBuilder(config, host, counters).build(facts)->schema_url;
  };
  EXPECT_EQ(schema(), semconv::kSchemaUrl);
  config.old_names.database = true;
  EXPECT_EQ(schema(), "");
}

TEST_F(ResourceTest, LeavesOutWhatIsUnknown) {
  facts = {};
  facts.pid = 7;
  host = {};
  const auto built = build();
  EXPECT_EQ(built.at("service.name"), "unknown_service");
  for (const char* key :
       {"process.creation.time", "process.executable.name", "process.executable.path",
        "process.parent_pid", "container.id", "telemetry.sdk.language", "host.name", "host.id",
        "os.name", "container.runtime.name", "process.runtime.name", "process.owner",
        "process.command"}) {
    EXPECT_FALSE(built.contains(key)) << key;
  }
}

TEST_F(ResourceTest, NamesByPrecedence) {
  EXPECT_EQ(name(), "shopd");
  config.resource.set(semconv::kServiceName, "of-file");
  EXPECT_EQ(name(), "of-file");
  facts.environment = {"OTEL_RESOURCE_ATTRIBUTES=service.name=of%20attributes"};
  EXPECT_EQ(name(), "of attributes");
  facts.environment.emplace_back("OTEL_SERVICE_NAME=of-variable");
  EXPECT_EQ(name(), "of-variable");
  config.service_name = "of-flag";
  EXPECT_EQ(name(), "of-flag");
}

TEST_F(ResourceTest, WhatTheProcessPublishes) {
  auto context = std::make_shared<ProcessContext>();
  Attributes& told = context->attributes;
  told.set(semconv::kServiceName, "of-sdk");
  told.set(semconv::kServiceInstanceId, "its-own");
  told.set(Key("team"), "sdk");
  told.set(semconv::kProcessPid, 1);
  told.set(semconv::kTelemetrySdkName, "opentelemetry");
  facts.context = context;
  config.resource.set(semconv::kServiceName, "of-file");
  auto built = build();
  EXPECT_EQ(built.at("service.name"), "of-sdk") << "above what the agent's file says of all";
  EXPECT_EQ(built.at("service.instance.id"), "its-own");
  EXPECT_EQ(built.at("process.pid"), "4242") << "as the host knows it";
  EXPECT_EQ(built.at("telemetry.sdk.name"), "weft") << "its SDK did not make these spans";
  facts.environment = {"OTEL_RESOURCE_ATTRIBUTES=team=variable"};
  EXPECT_EQ(build().at("team"), "variable");
  facts.environment.emplace_back("OTEL_SERVICE_NAME=of-variable");
  EXPECT_EQ(name(), "of-variable");
}

TEST_F(ResourceTest, APlaceholderOfTheSdkIsNoName) {
  auto context = std::make_shared<ProcessContext>();
  context->attributes.set(semconv::kServiceName, "unknown_service:shopd");
  facts.context = context;
  EXPECT_EQ(name(), "shopd");
}

TEST_F(ResourceTest, AnEmptyVariableIsUnset) {
  facts.environment = {"OTEL_SERVICE_NAME=", "OTEL_RESOURCE_ATTRIBUTES="};
  EXPECT_EQ(name(), "shopd");
  EXPECT_EQ(malformed(), 0u);
  facts.environment = {"OTEL_RESOURCE_ATTRIBUTES=service.name=,team=a"};
  EXPECT_EQ(name(), "shopd");
  EXPECT_EQ(build().at("team"), "a");
}

TEST_F(ResourceTest, TheProcessKnowsBest) {
  config.resource.set(Key("deployment.environment.name"), "staging");
  config.resource.set(Key("team"), "platform");
  facts.environment = {"OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=prod,host.name=me"};
  const auto built = build();
  EXPECT_EQ(built.at("deployment.environment.name"), "prod");
  EXPECT_EQ(built.at("team"), "platform");
  EXPECT_EQ(built.at("host.name"), "me");
}

TEST_F(ResourceTest, OneBadMemberDiscardsTheVariable) {
  facts.environment = {"OTEL_RESOURCE_ATTRIBUTES=service.name=a,b=%zz"};
  EXPECT_EQ(name(), "shopd");
  EXPECT_FALSE(build().contains("b"));
  EXPECT_EQ(malformed(), 2u);
  facts.environment.emplace_back("OTEL_SERVICE_NAME=still");
  EXPECT_EQ(name(), "still");
}

TEST_F(ResourceTest, EveryValueIsUtf8) {
  facts.exe = "/srv/caf\xe9";
  facts.environment = {"OTEL_SERVICE_NAME=\xff\xfe"};
  const auto built = build();
  EXPECT_EQ(built.at("process.executable.name"), "caf\xef\xbf\xbd");
  EXPECT_EQ(built.at("service.name"), "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST_F(ResourceTest, ATitleIsNoCommand) {
  facts.args = {"postgres: shop 10.0.0.7(3452) idle"};
  EXPECT_FALSE(build().contains("process.command"));
}

TEST_F(ResourceTest, APathAsTypedIsNoExecutablePath) {
  facts.exe = "./shopd";
  EXPECT_EQ(build().at("process.executable.name"), "shopd");
  EXPECT_FALSE(build().contains("process.executable.path"));
}

TEST_F(ResourceTest, InstancesDifferByHostPidAndStart) {
  const auto id = [this] { return build().at("service.instance.id"); };
  const std::string first = id();
  EXPECT_EQ(id(), first);
  facts.pid = 4243;
  EXPECT_NE(id(), first);
  facts.pid = 4242;
  facts.start_ticks = 100;
  EXPECT_NE(id(), first);
  facts.start_ticks = 99;
  host.id = "another";
  EXPECT_NE(id(), first);
}

TEST(UuidTest, IsVersion5InTheNamespaceOfInstanceIds) {
  // Python: uuid.uuid5(uuid.UUID("4d63009a-8d0f-11ee-aad7-4c796ed8e320"), "weft")
  EXPECT_EQ(instance_uuid("weft"), "b55b4ce6-f0b4-5df9-93b2-36f36c68fa2a");
}

TEST(Iso8601Test, KeepsMilliseconds) {
  EXPECT_EQ(iso8601(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(iso8601(1'709'164'800'001'999'999), "2024-02-29T00:00:00.001Z");
}

TEST(VariableTest, MatchesTheWholeName) {
  ProcessFacts facts;
  facts.environment = {"OTEL_SERVICE_NAMES=x", "OTEL_SERVICE_NAME=a=b"};
  EXPECT_EQ(variable(facts, "OTEL_SERVICE_NAME"), "a=b");
  EXPECT_EQ(variable(facts, "OTEL_SERVICE"), "");
}

}  // namespace
}  // namespace weft
