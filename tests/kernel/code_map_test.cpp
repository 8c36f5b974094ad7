// SPDX-License-Identifier: Apache-2.0
// Which files a process maps to execute them: the ones that probes are put into.
#include <algorithm>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sched.h>
#include <set>
#include <sys/mman.h>
#include <sys/mount.h>

#include "agent/base/fd.h"
#include "agent/discover/proc/temp_tree.h"
#include "tests/kernel/kernel_fixture.h"

namespace weft::kernel {
namespace {

using ::testing::IsEmpty;
using testing::KernelFixture;
using ::testing::SizeIs;
using weft::testing::TempTree;

class CodeMapTest : public KernelFixture {
 protected:
  CodeMapTest() : KernelFixture("mapped code") {}

  // What a child has mapped beyond what this process has, once it says that it is ready.
  std::vector<MappedCode> mapped_by(const std::function<bool()>& map) {
    int ready[2], done[2];
    if (pipe2(ready, O_CLOEXEC) != 0 || pipe2(done, O_CLOEXEC) != 0) return {};
    child_ = fork();
    if (child_ == 0) {
      const char said = map() ? 'y' : 'n';
      char end = 0;
      close(done[1]);
      _exit(write(ready[1], &said, 1) == 1 && read(done[0], &end, 1) == 0 ? 0 : 1);
    }
    close(ready[1]);
    mapped_ = read(ready[0], &said_, 1) == 1 && said_ == 'y';
    std::vector<MappedCode> out = object_->code().of(static_cast<uint32_t>(child_));
    const std::vector<MappedCode> own = object_->code().of(static_cast<uint32_t>(getpid()));
    std::erase_if(out, [&](const MappedCode& code) {
      return std::ranges::count(own, code.file, &MappedCode::file) != 0;
    });
    close(ready[0]);
    close(done[0]);
    close(done[1]);
    waitpid(child_, nullptr, 0);
    return out;
  }
  bool mapped_ = false;

 private:
  char said_ = 0;
};

bool map_code(const std::string& path) {
  const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file.get(), 0) != MAP_FAILED;
}

bool overlay(const TempTree& tree, const std::string& name) {
  for (const char* part : {"upper", "work", "merged"}) {
    std::filesystem::create_directories(tree.path(name + "/" + part));
  }
  const std::string options = "lowerdir=" + tree.path("image") +
                              ",upperdir=" + tree.path(name + "/upper") +
                              ",workdir=" + tree.path(name + "/work");
  return mount("overlay", tree.path(name + "/merged").c_str(), "overlay", 0, options.c_str()) == 0;
}

TEST_F(CodeMapTest, TheExecutableIsOneOfThem) {
  const std::vector<MappedCode> own = object_->code().of(static_cast<uint32_t>(getpid()));
  EXPECT_GT(own.size(), 1u);
  EXPECT_EQ(std::ranges::count(own, true, &MappedCode::program), 1);
  EXPECT_THAT(object_->code().of(1u << 30), IsEmpty());
}

TEST_F(CodeMapTest, TwoFilesAreTwo) {
  const TempTree tree;
  tree.file("one", std::string(4096, 'x'));
  tree.file("two", std::string(4096, 'x'));
  const auto mapped =
      mapped_by([&] { return map_code(tree.path("one")) && map_code(tree.path("two")); });
  ASSERT_THAT(mapped, SizeIs(2));
  EXPECT_NE(mapped[0].file, mapped[1].file);
  EXPECT_FALSE(mapped[0].program || mapped[1].program);
}

TEST_F(CodeMapTest, AFileOfSeveralMountsIsOne) {
  const TempTree tree;
  tree.file("image/lib.so", std::string(4096, 'x'));
  tree.file("bound", "");
  const auto mapped = mapped_by([&] {
    return unshare(CLONE_NEWNS) == 0 && mount("", "/", "", MS_REC | MS_PRIVATE, nullptr) == 0 &&
           overlay(tree, "a") && overlay(tree, "b") &&
           mount(tree.path("image/lib.so").c_str(), tree.path("bound").c_str(), "", MS_BIND,
                 nullptr) == 0 &&
           map_code(tree.path("a/merged/lib.so")) && map_code(tree.path("b/merged/lib.so")) &&
           map_code(tree.path("image/lib.so")) && map_code(tree.path("bound"));
  });
  if (!mapped_) GTEST_SKIP() << "no overlay can be mounted here";
  ASSERT_THAT(mapped, SizeIs(4));
  std::set<uint64_t> inodes;
  for (const MappedCode& code : mapped) inodes.insert(code.file);
  EXPECT_THAT(inodes, SizeIs(1));
}

}  // namespace
}  // namespace weft::kernel
