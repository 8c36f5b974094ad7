// SPDX-License-Identifier: Apache-2.0
#include "agent/discover/rules.h"

#include <gtest/gtest.h>
#include <initializer_list>
#include <string>

namespace weft {
namespace {

ProcessFacts facts(std::string exe) {
  ProcessFacts f;
  f.exe = std::move(exe);
  return f;
}

// Rules read like a command line.
struct Given : TargetRules {
  Given& exe(std::initializer_list<std::string> globs) { return exes = globs, *this; }
  Given& container(std::string glob) { return containers = {std::move(glob)}, *this; }
  Given& cgroup(std::string glob) { return cgroups = {std::move(glob)}, *this; }
  Given& not_exe(std::string glob) { return exclude = {std::move(glob)}, *this; }
  Given& port(uint16_t port) { return ports = {port}, *this; }
  Given& pid(uint32_t pid) { return pids = {pid}, *this; }
};

RuleResult decide(TargetRules rules, const ProcessFacts& f, bool of_target = false) {
  return Rules(std::move(rules)).decide(f, of_target);
}

TEST(RulesTest, GlobsOverExecutables) {
  EXPECT_TRUE(matches_exe("nginx", "/usr/sbin/nginx"));
  EXPECT_TRUE(matches_exe("python3*", "/usr/bin/python3.11"));
  EXPECT_TRUE(matches_exe("/usr/*", "/usr/local/bin/shop"));
  EXPECT_TRUE(matches_exe("*/shop", "/srv/shop"));
  EXPECT_TRUE(matches_exe("no[dt]e", "/usr/bin/node"));
  EXPECT_TRUE(matches_exe("shop", "shop"));
  EXPECT_FALSE(matches_exe("nginx", "/usr/sbin/nginx-debug"));
  EXPECT_FALSE(matches_exe("/usr/bin/*", "/usr/sbin/nginx"));
  EXPECT_FALSE(matches_exe("sbin", "/usr/sbin/nginx"));
}

TEST(RulesTest, ContainersByPrefixOrGlob) {
  const std::string id = "4f1c0d2e" + std::string(56, '0');
  EXPECT_TRUE(matches_container("4f1c", id));
  EXPECT_TRUE(matches_container(id, id));
  EXPECT_TRUE(matches_container("4f?c*", id));
  EXPECT_FALSE(matches_container("4f?c", id));
  EXPECT_FALSE(matches_container("f1c0", id));
  EXPECT_FALSE(matches_container("", id));
}

TEST(RulesTest, CgroupsWithWhatIsBelow) {
  EXPECT_TRUE(matches_cgroup("/system.slice/nginx.service", "/system.slice/nginx.service"));
  EXPECT_TRUE(matches_cgroup("/system.slice/nginx.service", "/system.slice/nginx.service/a/b"));
  EXPECT_TRUE(matches_cgroup("/kubepods*", "/kubepods.slice/pod1/x"));
  EXPECT_TRUE(matches_cgroup("*nginx*", "/system.slice/nginx.service"));
  EXPECT_FALSE(matches_cgroup("/system.slice/nginx", "/system.slice/nginx.service"));
  EXPECT_FALSE(matches_cgroup("/user.slice", "/system.slice"));
}

TEST(RulesTest, NoRuleIsEverything) {
  EXPECT_EQ(decide(Given(), facts("/bin/x")), RuleResult::kTrace);
  EXPECT_EQ(decide(Given(), ProcessFacts{}), RuleResult::kTrace);
  EXPECT_EQ(decide(Given().not_exe("x"), facts("/bin/x")), RuleResult::kIgnore);
  EXPECT_EQ(decide(Given().not_exe("*"), ProcessFacts{}), RuleResult::kTrace) << "nothing to match";
}

TEST(RulesTest, OneEntryOfAnyListIsEnough) {
  ProcessFacts f = facts("/bin/x");
  f.container_id = std::string(64, 'a');
  f.cgroup = "/docker/" + f.container_id;
  EXPECT_EQ(decide(Given().exe({"y", "x"}), f), RuleResult::kTrace);
  EXPECT_EQ(decide(Given().exe({"y"}).container("aaa"), f), RuleResult::kTrace);
  EXPECT_EQ(decide(Given().exe({"y"}).cgroup("/docker"), f), RuleResult::kTrace);
  EXPECT_EQ(decide(Given().exe({"y"}).container("b").cgroup("/z"), f), RuleResult::kIgnore);
  EXPECT_EQ(decide(Given().pid(1), f, true), RuleResult::kTrace);
  EXPECT_EQ(decide(Given().pid(1), f, false), RuleResult::kIgnore);
}

TEST(RulesTest, PortsAreAskedForLast) {
  EXPECT_EQ(decide(Given().port(80), facts("/bin/x")), RuleResult::kByPort);
  EXPECT_EQ(decide(Given().exe({"x"}).port(80), facts("/bin/x")), RuleResult::kTrace);
}

TEST(RulesTest, ExcludeWins) {
  ProcessFacts f = facts("/bin/x");
  EXPECT_EQ(decide(Given().pid(1).exe({"x"}).not_exe("x"), f, true), RuleResult::kIgnore);
  EXPECT_EQ(decide(Given().port(80).not_exe("x"), f), RuleResult::kIgnore);
}

TEST(RulesTest, KernelThreadsNever) {
  ProcessFacts f;
  f.kernel_thread = true;
  EXPECT_EQ(decide(Given(), f), RuleResult::kIgnore);
}

}  // namespace
}  // namespace weft
