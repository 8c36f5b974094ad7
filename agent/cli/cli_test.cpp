// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/cli.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "agent/cli/help.h"
#include "agent/config/test_kinds.h"

namespace weft::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using weft::testing::kinds;

Result<Invocation> parsed(std::vector<const char*> words, const Environment& environment = {}) {
  words.insert(words.begin(), "weft");
  return parse(static_cast<int>(words.size()), words.data(), environment, kinds());
}

Invocation good(std::vector<const char*> words, const Environment& environment = {}) {
  auto out = parsed(std::move(words), environment);
  EXPECT_TRUE(out) << out.error().message;
  return out ? std::move(*out) : Invocation{};
}

std::string usage_error(std::vector<const char*> words) {
  const auto out = parsed(std::move(words));
  if (out) return "accepted";
  EXPECT_EQ(out.error().code, ExitCode::kUsage);
  EXPECT_EQ(out.error().message.find('\n'), std::string::npos);
  return out.error().message;
}

TEST(Cli, Commands) {
  EXPECT_EQ(good({"run"}).command, Command::kRun);
  EXPECT_EQ(good({"attach", "4"}).command, Command::kAttach);
  EXPECT_EQ(good({"doctor"}).command, Command::kDoctor);
  EXPECT_EQ(good({"status"}).command, Command::kStatus);
  EXPECT_EQ(good({"record", "f"}).command, Command::kRecord);
  EXPECT_EQ(good({"replay", "f"}).command, Command::kReplay);
  EXPECT_EQ(good({"config", "print"}).command, Command::kPrint);
}

TEST(Cli, Version) {
  for (const char* word : {"version", "--version"}) {
    const Invocation out = good({word});
    EXPECT_EQ(out.command, Command::kPrint);
    EXPECT_THAT(out.text, ::testing::MatchesRegex("weft [0-9.]+ \\(event format .*\\)\n"));
  }
}

TEST(Cli, TargetsAreRepeatable) {
  const TargetRules t = good({"run", "--pid", "1", "--pid=2", "--exe", "a*", "--exe", "b", "--port",
                              "80", "--container", "c", "--cgroup", "d", "--exclude", "e"})
                            .config.targets;
  EXPECT_THAT(t.pids, ElementsAre(1u, 2u));
  EXPECT_THAT(t.exes, ElementsAre("a*", "b"));
  EXPECT_THAT(t.ports, ElementsAre(80));
  EXPECT_THAT(t.containers, ElementsAre("c"));
  EXPECT_THAT(t.cgroups, ElementsAre("d"));
  EXPECT_THAT(t.exclude, ElementsAre("e"));
}

TEST(Cli, AttachTracesThePidAlone) {
  const Invocation out = good({"attach", "4242", "--duration", "1.5"});
  EXPECT_THAT(out.config.targets.pids, ElementsAre(4242u));
  EXPECT_EQ(out.duration, std::chrono::milliseconds(1500));
  EXPECT_FALSE(good({"attach", "1"}).duration);
}

TEST(Cli, OneFlagTakesOneValue) {
  const Invocation out = good({"record", "--exporter", "console", "out.weft", "--unredacted"});
  EXPECT_EQ(out.config.record_path, "out.weft");
  EXPECT_TRUE(out.config.record_unredacted);
  ASSERT_EQ(out.config.exporters.size(), 1u);
  EXPECT_EQ(out.config.exporters[0].kind, "console");
  EXPECT_FALSE(good({"record", "x"}).config.record_unredacted);
}

TEST(Cli, FlagsReachTheConfig) {
  const Config c = good({"run", "--hooks", "syscall", "--admin", "127.0.0.1:1", "--service-name",
                         "s", "--log-level", "debug", "--existing-instrumentation", "both"})
                       .config;
  EXPECT_EQ(c.existing_instrumentation, ExistingInstrumentation::kBoth);
  EXPECT_EQ(c.kernel.hooks, HookType::kSyscall);
  EXPECT_EQ(c.admin_port, 1);
  EXPECT_EQ(c.service_name, "s");
  EXPECT_EQ(c.log_level, "debug");
}

TEST(Cli, ReplayStatusDoctor) {
  const Invocation replay = good({"replay", "r.weft", "--exporter", "otlp_file:path=/x"});
  EXPECT_EQ(replay.file, "r.weft");
  EXPECT_EQ(replay.config.exporters[0].settings.get("path"), "/x");
  EXPECT_TRUE(good({"status", "--json"}).json);
  EXPECT_EQ(good({"status", "--admin", "[::1]:9"}).config.admin_host, "::1");
  EXPECT_TRUE(good({"doctor", "--json", "--hooks", "kprobe"}).json);
  EXPECT_EQ(good({"doctor", "--admin", "127.0.0.1:99"}).config.admin_port, 99);
}

TEST(Cli, WarningsComeAlong) {
  EXPECT_THAT(good({"run"}, {{"OTEL_BSP_SCHEDULE_DELAY", "x"}}).warnings,
              ElementsAre(HasSubstr("OTEL_BSP_SCHEDULE_DELAY")));
}

TEST(Cli, UsageErrorsAreOneLineWithAWayOut) {
  EXPECT_EQ(usage_error({}), "no command given: see weft --help");
  EXPECT_EQ(usage_error({"config"}), "no command given: see weft config --help");
  EXPECT_EQ(usage_error({"rn"}), "unknown command \"rn\": did you mean run? or see weft --help");
  EXPECT_EQ(usage_error({"dance"}), "unknown command \"dance\": see weft --help");
  EXPECT_EQ(usage_error({"config", "chek"}),
            "unknown command \"chek\": did you mean check? or see weft config --help");
  EXPECT_EQ(usage_error({"run", "--exproter", "x"}),
            "unknown flag \"--exproter\": did you mean --exporter? or see weft run --help");
  EXPECT_EQ(usage_error({"run", "--exproter=x"}),
            "unknown flag \"--exproter\": did you mean --exporter? or see weft run --help");
  EXPECT_EQ(usage_error({"run", "-x"}), "unknown flag \"-x\": see weft run --help");
  EXPECT_EQ(usage_error({"replay", "f", "--pid", "3"}),
            "unknown flag \"--pid\": see weft replay --help");
  EXPECT_EQ(usage_error({"run", "extra"}), "unexpected argument \"extra\": see weft run --help");
  EXPECT_EQ(usage_error({"record"}), "record needs FILE: see weft record --help");
  EXPECT_EQ(usage_error({"attach"}), "attach needs PID: see weft attach --help");
  EXPECT_EQ(usage_error({"run", "--pid"}), "--pid needs a value: see weft run --help");
  EXPECT_EQ(usage_error({"run", "--hooks", "auto", "--hooks", "auto"}),
            "--hooks is given more than once: see weft run --help");
}

TEST(Cli, WrongValuesAreNamed) {
  EXPECT_EQ(usage_error({"run", "--pid", "x"}), "--pid: found \"x\", expected a process id");
  EXPECT_EQ(usage_error({"run", "--pid", "0"}), "--pid: found \"0\", expected a process id");
  EXPECT_EQ(usage_error({"run", "--pid", "4194305"}),
            "--pid: found \"4194305\", expected a process id");
  EXPECT_EQ(usage_error({"run", "--port", "65536"}),
            "--port: found \"65536\", expected a port from 1 to 65535");
  EXPECT_EQ(usage_error({"attach", "-1"}), "attach PID: found \"-1\", expected a process id");
  EXPECT_EQ(usage_error({"attach", "nginx"}), "attach PID: found \"nginx\", expected a process id");
  for (const char* bad : {"0", "-1", "soon", "1e99", "nan"}) {
    EXPECT_EQ(usage_error({"run", "--duration", bad}),
              "--duration: found \"" + std::string(bad) +
                  "\", expected a number of seconds, more than 0");
  }
  EXPECT_THAT(usage_error({"run", "--hooks", "x"}), ::testing::StartsWith("--hooks: found \"x\""));
  EXPECT_EQ(usage_error({"run", "--existing-instrumentation", "bot"}),
            "--existing-instrumentation: found \"bot\", did you mean \"both\"?");
  EXPECT_THAT(usage_error({"run", "--exporter", "x"}),
              ::testing::StartsWith("--exporter: unknown exporter \"x\""));
}

TEST(Cli, ConfigCheckTellsEveryMistake) {
  const std::string path = "/tmp/weft-cli-test-" + std::to_string(getpid()) + ".yaml";
  const auto write = [&](const char* text) { std::ofstream(path) << text; };
  write("file_format: \"1.1\"\ndisabled: 1\nlog_level: 2\n");
  const auto bad = parsed({"config", "check", path.c_str()});
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, ExitCode::kConfig);
  EXPECT_THAT(bad.error().message, HasSubstr(path + ":2: disabled"));
  EXPECT_THAT(bad.error().message, HasSubstr("\nweft: " + path + ":3: log_level"));
  write("file_format: \"1.1\"\nmeter_provider: {a: b}\n");
  const Invocation fine = good({"config", "check", path.c_str()});
  EXPECT_EQ(fine.text, path + ": no mistakes\n");
  EXPECT_EQ(fine.warnings.size(), 1u);
  std::filesystem::remove(path);
}

TEST(Cli, ConfigPrintShowsWhatIsInForce) {
  const Environment environment{{"OTEL_SERVICE_NAME", "shop"},
                                {"OTEL_EXPORTER_OTLP_HEADERS", "api-key=hush"}};
  const std::string text = good({"config", "print", "--port", "80"}, environment).text;
  EXPECT_THAT(text, HasSubstr("\"shop\""));
  EXPECT_THAT(text, HasSubstr("ports: [80]"));
  EXPECT_THAT(text, Not(HasSubstr("hush")));
  EXPECT_THAT(good({"config", "print", "--show-secrets"}, environment).text, HasSubstr("hush"));
}

TEST(Help, EveryCommandHasOneWithExitCodes) {
  const std::vector<std::vector<const char*>> commands = {
      {},         {"run"},    {"attach"},          {"record"},          {"replay"}, {"status"},
      {"doctor"}, {"config"}, {"config", "check"}, {"config", "print"}, {"version"}};
  for (auto words : commands) {
    words.push_back("--help");
    const Invocation out = good(words);
    EXPECT_EQ(out.command, Command::kPrint);
    EXPECT_THAT(out.text, HasSubstr("Usage: weft"));
    EXPECT_THAT(out.text, HasSubstr("Exit codes:\n   0  done\n"));
    EXPECT_THAT(out.text, EndsWith("\n"));
  }
}

TEST(Help, ShowsTheExportersThereAre) {
  const std::string text = good({"run", "--help"}).text;
  EXPECT_THAT(text, HasSubstr("otlp_file/development   path=-, rotate_bytes=0\n"));
  EXPECT_THAT(good({"doctor", "--help"}).text, Not(HasSubstr("otlp_file")));
}

TEST(Help, LinesAreReadable) {
  const std::string text = good({"run", "--help"}).text;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 104u) << line;  // a few characters take several bytes
  }
}

// The pages are written by hand: these tests compare them with the code.
class Docs : public ::testing::Test {
 protected:
  static std::string page(const char* name) {
    const auto root = std::filesystem::path(__FILE__).parent_path() / "../..";
    std::ifstream stream(root / "docs" / name);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
};

TEST_F(Docs, NameEveryFlag) {
  const std::string configuration = page("configuration.md");
  if (configuration.empty()) GTEST_SKIP() << "the sources are not where they were built";
  for (const char* command : {"run", "record", "replay", "status", "config"}) {
    std::vector<const char*> words{command};
    if (command == std::string("config")) words.push_back("print");
    words.push_back("--help");
    std::istringstream lines(good(words).text);
    for (std::string word; lines >> word;) {
      if (!word.starts_with("--")) continue;
      word = word.substr(0, word.find_first_not_of("-abcdefghijklmnopqrstuvwxyz"));
      EXPECT_THAT(configuration, HasSubstr("`" + word)) << word;
    }
  }
}

TEST_F(Docs, NameEveryExitCode) {
  const std::string codes = page("exit-codes.md");
  if (codes.empty()) GTEST_SKIP() << "the sources are not where they were built";
  for (const ExitMeaning& m : exit_meanings()) {
    EXPECT_THAT(codes, HasSubstr("| " + std::to_string(static_cast<int>(m.code)) + " | " +
                                 std::string(m.meaning) + " |"));
  }
}

TEST_F(Docs, NameEveryVariable) {
  const std::string configuration = page("configuration.md");
  if (configuration.empty()) GTEST_SKIP() << "the sources are not where they were built";
  for (const char* source : {"environment.cpp", "environment_otlp.cpp", "load/load.cpp"}) {
    std::istringstream words(page((std::string("../agent/config/") + source).c_str()));
    for (std::string word; std::getline(words, word, '"');) {
      const bool name = word.starts_with("OTEL_") && !word.ends_with('_') &&
                        word.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == word.npos;
      if (name) {
        EXPECT_THAT(configuration, HasSubstr("`" + word + "`")) << source;
      }
    }
  }
}

TEST_F(Docs, NameEveryKeyOfThePrintedFile) {
  const std::string configuration = page("configuration.md");
  if (configuration.empty()) GTEST_SKIP() << "the sources are not where they were built";
  std::istringstream lines(good({"config", "print", "--service-name", "x"}).text);
  for (std::string line; std::getline(lines, line);) {
    const size_t start = line.find_first_not_of(" -#");
    const size_t end = line.find(':');
    if (start == std::string::npos || end == std::string::npos || line.starts_with("#")) continue;
    const std::string key = line.substr(start, end - start);
    if (key.find_first_of(" {") != std::string::npos || key == "color") continue;
    EXPECT_THAT(configuration, HasSubstr(key)) << line;
  }
}

}  // namespace
}  // namespace weft::cli
