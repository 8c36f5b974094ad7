// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/instance_lock.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace weft {
namespace {

class InstanceLockTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/weft-lock-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    folder_ = name;
    paths_ = {{folder_ + "/weft.lock"}, "weft.test." + std::to_string(getpid())};
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // Starts a child that holds `paths` until it is killed.
  pid_t holder(const InstanceLock::LockPaths& paths) {
    int ready[2];
    EXPECT_EQ(pipe(ready), 0);
    const pid_t child = fork();
    if (child == 0) {
      const auto lock = InstanceLock::acquire(paths);
      const char answer = lock ? 'y' : 'n';
      (void)!write(ready[1], &answer, 1);
      for (;;) pause();
    }
    char answer = 0;
    EXPECT_EQ(read(ready[0], &answer, 1), 1);
    EXPECT_EQ(answer, 'y');
    close(ready[0]);
    close(ready[1]);
    return child;
  }
  static void kill_hard(pid_t child) {
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
  }
  static std::string refusal(pid_t pid) {
    return "another weft (pid " + std::to_string(pid) +
           ") is tracing this host: stop it or use `weft status`";
  }

  std::string folder_;
  InstanceLock::LockPaths paths_;
};

TEST_F(InstanceLockTest, SecondIsRefusedUntilTheFirstIsGone) {
  {
    const auto first = InstanceLock::acquire(paths_);
    ASSERT_TRUE(first);
    EXPECT_TRUE(first->has_file());
    EXPECT_TRUE(first->has_socket());
    const auto second = InstanceLock::acquire(paths_);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ExitCode::kAlreadyRunning);
    EXPECT_EQ(second.error().message, refusal(getpid()));
  }
  EXPECT_TRUE(InstanceLock::acquire(paths_));
}

TEST_F(InstanceLockTest, DeathReleasesIt) {
  const pid_t child = holder(paths_);
  const auto refused = InstanceLock::acquire(paths_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, refusal(child));
  kill_hard(child);
  EXPECT_TRUE(InstanceLock::acquire(paths_));
}

TEST_F(InstanceLockTest, TheSocketAloneIsEnoughAndTellsThePid) {
  InstanceLock::LockPaths elsewhere = paths_;
  elsewhere.files = {folder_ + "/other.lock"};  // a container with its own /run
  const pid_t child = holder(paths_);
  const auto refused = InstanceLock::acquire(elsewhere);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, refusal(child));
  kill_hard(child);
}

TEST_F(InstanceLockTest, TheFileAloneIsEnough) {
  InstanceLock::LockPaths elsewhere = paths_;
  elsewhere.socket += ".other";  // a container with its own network
  const pid_t child = holder(paths_);
  const auto refused = InstanceLock::acquire(elsewhere);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, refusal(child));
  kill_hard(child);
}

TEST_F(InstanceLockTest, WithoutAWritableFolderTheSocketHolds) {
  paths_.files = {folder_ + "/absent/weft.lock"};
  const auto first = InstanceLock::acquire(paths_);
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->has_file());
  EXPECT_FALSE(InstanceLock::acquire(paths_));
}

TEST_F(InstanceLockTest, LinksAndFoldersAreNotTheLock) {
  std::ofstream(folder_ + "/victim") << "precious\n";
  std::filesystem::create_symlink(folder_ + "/victim", folder_ + "/link.lock");
  std::filesystem::create_directory(folder_ + "/folder.lock");
  paths_.files = {folder_ + "/link.lock", folder_ + "/folder.lock"};
  const auto lock = InstanceLock::acquire(paths_);
  ASSERT_TRUE(lock);
  EXPECT_FALSE(lock->has_file());
  std::string content;
  std::ifstream(folder_ + "/victim") >> content;
  EXPECT_EQ(content, "precious");
}

TEST_F(InstanceLockTest, AStaleOrGarbledFileIsNoHolder) {
  std::ofstream(paths_.files[0]) << "not a pid";
  EXPECT_TRUE(InstanceLock::acquire(paths_));
}

TEST_F(InstanceLockTest, AStrangersSocketDoesNotStopRoot) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root to become another user";
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    const auto lock = setuid(kNobody) == 0
                          ? InstanceLock::acquire({{}, paths_.socket})
                          : Result<InstanceLock>(fail(ExitCode::kFailure, "setuid"));
    const char answer = lock ? 'y' : 'n';
    (void)!write(ready[1], &answer, 1);
    for (;;) pause();
  }
  char answer = 0;
  ASSERT_EQ(read(ready[0], &answer, 1), 1);
  EXPECT_EQ(answer, 'y');
  const auto lock = InstanceLock::acquire(paths_);
  EXPECT_TRUE(lock);
  kill_hard(child);
  close(ready[0]);
  close(ready[1]);
}

}  // namespace
}  // namespace weft
