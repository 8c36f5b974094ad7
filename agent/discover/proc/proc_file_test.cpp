// SPDX-License-Identifier: Apache-2.0
#include "agent/discover/proc/proc_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "agent/discover/proc/facts.h"
#include "agent/discover/proc/temp_tree.h"

namespace weft {
namespace {

using namespace std::string_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string stat_line(const std::string& name, const std::string& flags = "4194560") {
  return "4242 (" + name + ") S 17 4242 4242 0 -1 " + flags +
         " 90 0 0 0 1 2 0 0 20 0 1 0 887766 1 2 18446744073709551615 0 0\n";
}

TEST(StatTest, ReadsTheFieldsItNeeds) {
  const auto stat = parse_stat(stat_line("nginx"));
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->comm, "nginx");
  EXPECT_EQ(stat->ppid, 17u);
  EXPECT_EQ(stat->start_ticks, 887766u);
  EXPECT_FALSE(stat->kernel_thread);
}

TEST(StatTest, ANameMayHoldAnything) {
  for (const std::string name : {"a b", "a) S 1", "((", "))", "", "tmux: server", "a\nb"}) {
    const auto stat = parse_stat(stat_line(name));
    ASSERT_TRUE(stat) << name;
    EXPECT_EQ(stat->comm, name);
    EXPECT_EQ(stat->ppid, 17u);
    EXPECT_EQ(stat->start_ticks, 887766u);
  }
}

TEST(StatTest, KnowsKernelThreads) {
  EXPECT_TRUE(parse_stat(stat_line("kworker/0:1", "69238880"))->kernel_thread);
}

TEST(StatTest, ACutLineIsNone) {
  const std::string line = stat_line("nginx");
  const size_t complete = line.find("887766") + 6;
  for (size_t n = 0; n < complete - 6; ++n) EXPECT_FALSE(parse_stat(line.substr(0, n))) << n;
}

TEST(StatusTest, TakesTheEffectiveUser) {
  EXPECT_EQ(parse_uid("Name:\tUid:\nUid:\t1000\t33\t0\t0\nGid:\t1\n"), 33u);
  EXPECT_EQ(parse_uid("Name:\tx\n"), std::nullopt);
  EXPECT_EQ(parse_uid("Uid:\t"), std::nullopt);
}

TEST(PasswdTest, FindsTheName) {
  const std::string passwd = "root:x:0:0:root:/root:/bin/sh\n#c\n\nwww-data:x:33:33::/:/bin/false";
  EXPECT_EQ(user_name(passwd, 0), "root");
  EXPECT_EQ(user_name(passwd, 33), "www-data");
  EXPECT_EQ(user_name(passwd, 34), "");
  EXPECT_EQ(user_name("", 0), "");
  EXPECT_EQ(user_name("a\nb:\nc:x:", 0), "");
}

TEST(ArgsTest, SplitsBlocks) {
  EXPECT_THAT(parse_args("a\0b c\0\0d\0"s), ElementsAre("a", "b c", "", "d"));
  EXPECT_THAT(parse_args("a\0cu"s), ElementsAre("a", "cu"));
  EXPECT_THAT(parse_args(""), IsEmpty());
}

TEST(ArgsTest, AreBounded) {
  std::string block(5000, 'x');
  block += '\0';
  for (int i = 0; i < 1000; ++i) block += "y\0"s;
  const auto args = parse_args(block);
  EXPECT_EQ(args.size(), kMaxArgs);
  EXPECT_EQ(args[0].size(), kMaxArgLength);
}

TEST(EnvironmentTest, KeepsOnlyOtelVariables) {
  EXPECT_THAT(parse_environment("PATH=/bin\0OTEL_SERVICE_NAME=a\0SECRET=x\0OTEL_X=\0"s, false),
              ElementsAre("OTEL_SERVICE_NAME=a", "OTEL_X="));
}

TEST(EnvironmentTest, DropsAnEntryThatMayBeCut) {
  EXPECT_THAT(parse_environment("OTEL_A=1\0OTEL_SERVICE_NAME=sho"s, true), ElementsAre("OTEL_A=1"));
  EXPECT_THAT(parse_environment("OTEL_SERVICE_NAME=sho", true), IsEmpty());
  EXPECT_THAT(parse_environment("OTEL_SERVICE_NAME=shop", false),
              ElementsAre("OTEL_SERVICE_NAME=shop"));
}

TEST(EnvironmentTest, IsBounded) {
  std::string block = "OTEL_BIG=" + std::string(kMaxEnvironmentLength, 'x') + '\0';
  for (int i = 0; i < 1000; ++i) block += "OTEL_A=1\0"s;
  const auto kept = parse_environment(block, false);
  EXPECT_EQ(kept.size(), kMaxEnvironment);
  EXPECT_EQ(kept[0], "OTEL_A=1");
}

TEST(FileTest, ReadsNoMoreThanAsked) {
  const testing::TempTree tree;
  tree.file("f", std::string(10'000, 'x'));
  EXPECT_EQ(read_text(tree.path("f"), 100).size(), 100u);
  EXPECT_EQ(read_text(tree.path("f"), 1 << 20).size(), 10'000u);
  EXPECT_EQ(read_text(tree.path("absent"), 100), "");
  EXPECT_EQ(read_text(tree.root(), 100), "");
  EXPECT_EQ(read_link(tree.path("f")), "");
}

TEST(FileTest, OpensNothingButRegularFilesForOthers) {
  const testing::TempTree tree;
  tree.file("f", "x");
  tree.link("to_f", "f");
  ASSERT_EQ(::mkfifo(tree.path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(read_regular(tree.path("f"), 100), "x");
  EXPECT_EQ(read_regular(tree.path("to_f"), 100), "x");
  EXPECT_EQ(read_regular(tree.path("pipe"), 100), "");
  EXPECT_EQ(read_regular("/dev/zero", 100), "");
}

}  // namespace
}  // namespace weft
