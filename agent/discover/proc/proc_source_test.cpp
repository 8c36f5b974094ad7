// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/base/fd.h"
#include "agent/discover/proc/host.h"
#include "agent/discover/proc/source.h"
#include "agent/discover/proc/temp_tree.h"

namespace weft {
namespace {

using namespace std::string_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::TempTree;
using ::testing::UnorderedElementsAre;

const std::string kId(64, 'a');

class MadeUpProcTest : public ::testing::Test {
 protected:
  void process(uint32_t pid, const std::string& exe, const std::string& flags = "4194304") {
    const std::string p = std::to_string(pid);
    tree.file(p + "/stat",
              p + " (some name) S 1 0 0 0 -1 " + flags + " 0 0 0 0 0 0 0 0 20 0 1 0 500 0");
    if (!exe.empty()) tree.link(p + "/exe", exe);
    tree.file(p + "/cgroup", "0::/system.slice/x.service\n");
  }
  bool read(uint32_t pid) {
    facts = {};
    return source->read(pid, facts);
  }
  TempTree tree;
  std::unique_ptr<ProcSource> source = ProcSource::proc(tree.root());
  ProcessFacts facts;
};

TEST_F(MadeUpProcTest, ReadsEverything) {
  process(7, "/srv/shopd");
  tree.file("7/cmdline", "shopd\0-x\0"s);
  tree.file("7/environ", "PATH=/bin\0OTEL_SERVICE_NAME=shop\0"s);
  tree.file("7/status", "Name:\tx\nUid:\t0\t33\t33\t33\n");
  tree.file("7/root/etc/passwd", "www-data:x:33:33::/:/bin/false\n");
  tree.link("7/cwd", "/srv");
  ASSERT_TRUE(read(7));
  EXPECT_EQ(facts.pid, 7u);
  EXPECT_EQ(facts.ppid, 1u);
  EXPECT_EQ(facts.start_ticks, 500u);
  EXPECT_EQ(facts.comm, "some name");
  EXPECT_EQ(facts.exe, "/srv/shopd");
  EXPECT_EQ(facts.cwd, "/srv");
  EXPECT_THAT(facts.args, ElementsAre("shopd", "-x"));
  EXPECT_THAT(facts.environment, ElementsAre("OTEL_SERVICE_NAME=shop"));
  EXPECT_EQ(facts.owner, "www-data");
  EXPECT_EQ(facts.cgroup, "/system.slice/x.service");
  EXPECT_EQ(facts.container_id, "");
  EXPECT_FALSE(facts.kernel_thread);
}

TEST_F(MadeUpProcTest, ATitleThatRunsIntoTheEnvironmentHidesIt) {
  process(7, "/srv/shopd");
  std::string fields;
  for (int field = 23; field < 48; ++field) fields += " 0";
  tree.file("7/stat", "7 (shopd) S 1 0 0 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 500" + fields +
                          " 1000 1009 1009 1100 0");
  tree.file("7/environ", "OTEL_SERVICE_NAME=shop\0"s);
  tree.file("7/cmdline", "shopd\0-x\0"s);
  ASSERT_TRUE(read(7));
  EXPECT_THAT(facts.environment, ElementsAre("OTEL_SERVICE_NAME=shop"));
  tree.file("7/cmdline", "shop: worker OTEL_SERVICE_NAME=shop\0"s);
  ASSERT_TRUE(read(7));
  EXPECT_THAT(facts.environment, IsEmpty());
}

TEST_F(MadeUpProcTest, IdentifyLeavesOutWhatCosts) {
  process(7, "/srv/shopd");
  tree.file("7/cmdline", "shopd\0"s);
  ASSERT_TRUE(source->identify(7, facts));
  EXPECT_EQ(facts.exe, "/srv/shopd");
  EXPECT_EQ(facts.cgroup, "/system.slice/x.service");
  EXPECT_THAT(facts.args, IsEmpty());
}

TEST_F(MadeUpProcTest, ADeletedExecutableKeepsItsName) {
  process(7, "/srv/shopd (deleted)");
  ASSERT_TRUE(read(7));
  EXPECT_EQ(facts.exe, "/srv/shopd");
}

TEST_F(MadeUpProcTest, AKernelThreadHasNothingElse) {
  process(2, "", "2129984");
  ASSERT_TRUE(read(2));
  EXPECT_TRUE(facts.kernel_thread);
  EXPECT_EQ(facts.cgroup, "");
}

TEST_F(MadeUpProcTest, AProcessMayVanishBetweenTwoReads) {
  EXPECT_FALSE(read(7));
  tree.file("7/stat", "");
  EXPECT_FALSE(read(7));
  for (const char* lost : {"exe", "cgroup"}) {
    process(7, "/srv/shopd");
    tree.remove("7/"s + lost);
    EXPECT_TRUE(read(7));
    EXPECT_EQ(facts.pid, 7u);
  }
}

TEST_F(MadeUpProcTest, ContainersByCgroup) {
  process(7, "/app");
  tree.file("7/cgroup", "0::/system.slice/docker-" + kId + ".scope\n");
  ASSERT_TRUE(read(7));
  EXPECT_EQ(facts.container_id, kId);
}

TEST_F(MadeUpProcTest, ContainersByMountsWhereTheCgroupIsHidden) {
  const std::string mounts =
      "1 2 0:5 /var/lib/docker/containers/" + kId + "/hosts /etc/hosts rw - ext4 /dev/vda rw\n";
  for (const char* hidden : {"0::/\n", "0::/../x\n", ""}) {
    process(7, "/app");
    tree.file("7/cgroup", hidden);
    tree.file("7/mountinfo", mounts);
    ASSERT_TRUE(read(7));
    EXPECT_EQ(facts.container_id, kId) << hidden;
  }
  tree.file("7/cgroup", "0::/system.slice/x.service\n");
  ASSERT_TRUE(read(7));
  EXPECT_EQ(facts.container_id, "") << "a host's own process";
}

TEST_F(MadeUpProcTest, ListsProcessesOnly) {
  process(7, "/a");
  process(4711, "/b");
  tree.file("self/stat", "");
  tree.file("12x/stat", "");
  tree.file("meminfo", "");
  EXPECT_THAT(source->pids(), UnorderedElementsAre(7u, 4711u));
}

TEST_F(MadeUpProcTest, NoSuchFolderIsNoProcess) {
  const auto nowhere = ProcSource::proc(tree.path("absent"));
  EXPECT_THAT(nowhere->pids(), IsEmpty());
  EXPECT_EQ(nowhere->self(), 0u);
  EXPECT_FALSE(nowhere->listens_on(1, 80));
}

TEST(NoSourceTest, KnowsNothing) {
  const auto none = ProcSource::none();
  ProcessFacts facts;
  EXPECT_FALSE(none->read(1, facts));
  EXPECT_FALSE(none->identify(1, facts));
  EXPECT_FALSE(none->refine(1, facts));
  EXPECT_THAT(none->pids(), IsEmpty());
  EXPECT_EQ(none->self(), 0u);
}

class RealProcTest : public ::testing::Test {
 protected:
  std::unique_ptr<ProcSource> source = ProcSource::proc();
};

TEST_F(RealProcTest, ThisProcess) {
  const auto pid = static_cast<uint32_t>(::getpid());
  EXPECT_EQ(source->self(), pid);
  EXPECT_THAT(source->pids(), Contains(pid));
  ProcessFacts facts;
  ASSERT_TRUE(source->read(pid, facts));
  EXPECT_EQ(facts.ppid, static_cast<uint32_t>(::getppid()));
  EXPECT_TRUE(facts.exe.ends_with("proc_test")) << facts.exe;
  EXPECT_EQ(facts.language, "cpp");
  EXPECT_GT(facts.start_ticks, 0u);
  EXPECT_LE(facts.created, unix_ns() + 1'000'000'000);
  EXPECT_FALSE(facts.args.empty());
  EXPECT_FALSE(facts.cwd.empty());
}

// A running `cat` that has echoed a byte: only then is its exec certainly complete. Ends with the
// object.
class Cat {
 public:
  explicit Cat(std::vector<const char*> environment) {
    std::array<int, 2> ends{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return;
    ours_ = Fd(ends[0]);
    const Fd theirs(ends[1]);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    for (const int fd : {0, 1}) ::posix_spawn_file_actions_adddup2(&actions, ends[1], fd);
    std::array<const char*, 3> args{"cat", "-", nullptr};
    environment.push_back(nullptr);
    const int error =
        ::posix_spawn(&pid_, "/bin/cat", &actions, nullptr, const_cast<char**>(args.data()),
                      const_cast<char**>(environment.data()));
    ::posix_spawn_file_actions_destroy(&actions);
    char echo = 0;
    const bool runs = error == 0 && ::write(ends[0], "x", 1) == 1 && ::read(ends[0], &echo, 1) == 1;
    if (!runs) end();
  }
  ~Cat() { end(); }
  uint32_t pid() const { return static_cast<uint32_t>(pid_); }
  void end() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  Fd ours_;
  pid_t pid_ = 0;
};

TEST_F(RealProcTest, AChildAndItsEnd) {
  Cat cat({"OTEL_SERVICE_NAME=copier", "X=y"});
  const uint32_t pid = cat.pid();
  ASSERT_NE(pid, 0u);
  ProcessFacts facts;
  ASSERT_TRUE(source->read(pid, facts));
  EXPECT_EQ(facts.ppid, static_cast<uint32_t>(::getpid()));
  EXPECT_EQ(facts.comm, "cat");
  EXPECT_THAT(facts.args, ElementsAre("cat", "-"));
  EXPECT_THAT(facts.environment, ElementsAre("OTEL_SERVICE_NAME=copier"));
  EXPECT_FALSE(source->listens_on(pid, 80));
  cat.end();
  EXPECT_FALSE(source->read(pid, facts));
  EXPECT_FALSE(source->identify(pid, facts));
}

TEST_F(RealProcTest, KernelThreadsAreKnown) {
  ProcessFacts facts;
  if (!source->read(2, facts) || facts.comm != "kthreadd") {
    GTEST_SKIP() << "this pid namespace shows no kernel threads";
  }
  EXPECT_TRUE(facts.kernel_thread);
}

TEST(HostTest, OfAMadeUpRoot) {
  const TempTree tree;
  tree.link("self/ns/uts", "uts:[2]");
  tree.link("1/ns/uts", "uts:[1]");
  tree.file("1/root/etc/hostname", "node-7\n");
  tree.file("1/root/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
  const Host host = self_host(tree.root());
  EXPECT_EQ(host.name, "node-7") << "the agent's own is the container's";
  EXPECT_EQ(host.id, "0123456789abcdef0123456789abcdef");
}

TEST(HostTest, TheSystemIsPid1s) {
  const TempTree tree;
  tree.file(
      "1/root/usr/lib/os-release",
      "NAME=\"Rocky Linux\"\nVERSION_ID='9.4'\nPRETTY_NAME=\"Rocky Linux 9.4 (Blue Onyx)\"\n");
  tree.link("1/root/etc/os-release", "/usr/lib/os-release");  // a path in that root, not in ours
  const Host host = self_host(tree.root());
  EXPECT_EQ(host.os_name, "Rocky Linux");
  EXPECT_EQ(host.os_version, "9.4");
  EXPECT_EQ(host.os_description, "Rocky Linux 9.4 (Blue Onyx)");
  tree.file("1/root/etc/own", "NAME=Plain\n");
  tree.link("1/root/etc/os-release", "own");
  const Host plain = self_host(tree.root());
  EXPECT_EQ(plain.os_name, "Plain");
  EXPECT_EQ(plain.os_version, "");
}

TEST(HostTest, OfThisOne) {
  char name[256] = "";
  ASSERT_EQ(::gethostname(name, sizeof name), 0);
  const TempTree nothing;
  const Host host = self_host(nothing.root());
  EXPECT_EQ(host.name, name);
  EXPECT_NE(host.arch, "");
  EXPECT_NE(host.arch, "x86_64");
}

}  // namespace
}  // namespace weft
