// SPDX-License-Identifier: Apache-2.0
// What is told of a new program: its arguments, and of its environment two variables wherever
// they stand.
#include <fcntl.h>
#include <fstream>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "agent/discover/proc/temp_tree.h"
#include "tests/kernel/kernel_fixture.h"

namespace weft::kernel {
namespace {

using testing::KernelFixture;
using ::testing::SizeIs;
using namespace std::string_literals;

constexpr const char* kProgram = "/bin/true";
const std::string kName = "OTEL_SERVICE_NAME=shop";
const std::string kAttributes = "OTEL_RESOURCE_ATTRIBUTES=service.namespace=town,a=b";

class ExecTest : public KernelFixture {
 protected:
  ExecTest() : KernelFixture("processes") {}

  void execute(const char* program, std::vector<std::string> arguments,
               std::vector<std::string> variables) {
    const auto pointers = [](std::vector<std::string>& all) {
      std::vector<char*> out;
      for (std::string& one : all) out.push_back(one.data());
      out.push_back(nullptr);
      return out;
    };
    const std::vector<char*> argv = pointers(arguments);
    const std::vector<char*> envp = pointers(variables);
    ASSERT_EQ(run([&] { return execve(program, argv.data(), envp.data()); }), 0);
    ASSERT_THAT(execs, SizeIs(1));
  }
  // As an orchestrator's service links, some 60 bytes each.
  static std::vector<std::string> links(size_t count) {
    std::vector<std::string> out;
    for (size_t i = 0; i < count; ++i) {
      out.push_back("SERVICE_" + std::to_string(i) + "_PORT_8080_TCP_ADDR=secret" +
                    std::string(30, '1'));
    }
    return out;
  }
};

TEST_F(ExecTest, OnlyWhatNamesAServiceLeavesTheKernel) {
  execute(kProgram, {"true", "", "-x"},
          {"PASSWORD=secret", "OTEL_EXPORTER_OTLP_HEADERS=secret", "OTEL_SERVICE_NAMES=secret",
           kName, "OTEL_SERVICE_NAME=later", "OTEL_RESOURCE_ATTRIBUTESX=secret", kAttributes});
  EXPECT_EQ(execs[0].path, kProgram);
  EXPECT_EQ(execs[0].arguments, "true\0\0-x\0"s);
  EXPECT_EQ(execs[0].environment, kName + '\0' + kAttributes + '\0');
}

TEST_F(ExecTest, NoVariablesAreNoneAndAreTold) {
  execute(kProgram, {"true"}, {});
  EXPECT_EQ(execs[0].environment, "");
  execs.clear();
  execute(kProgram, {"true"}, {"A=", "OTEL_SER", "OTEL_RESOURCE_ATTRIBUTES", "="});
  EXPECT_EQ(execs[0].environment, "");
}

TEST_F(ExecTest, BehindALongEnvironment) {
  for (const size_t count : {80u, 300u, 2000u}) {
    execs.clear();
    std::vector<std::string> variables = links(count);
    variables.push_back(kAttributes);
    variables.push_back(kName);
    execute(kProgram, {"true"}, variables);
    EXPECT_EQ(execs[0].environment, kName + '\0' + kAttributes + '\0') << count;
  }
}

TEST_F(ExecTest, AtAnyPlace) {
  for (size_t at = 0; at <= 20; ++at) {
    execs.clear();
    std::vector<std::string> variables = links(20);
    variables.insert(variables.begin() + static_cast<ptrdiff_t>(at), kName);
    execute(kProgram, {"true"}, variables);
    EXPECT_EQ(execs[0].environment, kName + '\0') << at;
  }
}

TEST_F(ExecTest, MoreThanCanBeLookedAtIsSaid) {
  std::vector<std::string> variables(9000, "A=1");
  variables.push_back(kName);
  execute(kProgram, {"true"}, variables);
  EXPECT_EQ(execs[0].environment, "?");
  EXPECT_EQ(object_->stats()[WEFT_STAT_ENVIRONMENT], 1u);
}

TEST_F(ExecTest, LongVariables) {
  for (const size_t size : {400u, 1900u, 8000u}) {
    execs.clear();
    const std::string attributes = "OTEL_RESOURCE_ATTRIBUTES=a=" + std::string(size, 'v');
    execute(kProgram, {"true"}, {attributes, kName});
    EXPECT_EQ(execs[0].environment, kName + '\0' + attributes + '\0') << size;
  }
  execs.clear();
  execute(kProgram, {"true"}, {"OTEL_RESOURCE_ATTRIBUTES=a=" + std::string(9000, 'v'), kName});
  EXPECT_EQ(execs[0].environment, kName + '\0' + '?') << "one has no room";
}

TEST_F(ExecTest, TheClassBehindALongPath) {
  const std::string path(100'000, 'p');
  execute(kProgram, {"java", "-cp", path, "com.example.Main", "run"}, {kName});
  EXPECT_EQ(execs[0].arguments,
            "java\0-cp\0"s + path.substr(0, 1023) + "\0com.example.Main\0run\0"s);
  EXPECT_EQ(execs[0].environment, kName + '\0');
}

TEST_F(ExecTest, TooManyArgumentsAreCut) {
  execute(kProgram, std::vector<std::string>(200, std::string(100, 'a')), {kName});
  ASSERT_FALSE(execs[0].arguments.empty());
  EXPECT_NE(execs[0].arguments.back(), '\0');
  EXPECT_GT(execs[0].arguments.size(), 12'000u);
  EXPECT_EQ(execs[0].environment, kName + '\0');
}

TEST_F(ExecTest, AScriptIsItsInterpreter) {
  const weft::testing::TempTree tree;
  tree.file("script", "#!/bin/sh -e\nexit 0\n");
  const std::string script = tree.path("script");
  chmod(script.c_str(), 0755);
  execute(script.c_str(), {"script", "one"}, {kName});
  EXPECT_EQ(execs[0].path, "/bin/sh");
  EXPECT_EQ(execs[0].arguments, "/bin/sh\0-e\0"s + script + "\0one\0"s);
  EXPECT_EQ(execs[0].environment, kName + '\0');
}

}  // namespace
}  // namespace weft::kernel
