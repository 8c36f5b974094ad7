// SPDX-License-Identifier: Apache-2.0
// Every system call that changes a log: told with its file, its result and, for entries, the
// bytes; and nothing of files that no pattern names.
#include <cerrno>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "agent/discover/proc/temp_tree.h"
#include "tests/kernel/kernel_fixture.h"
#include "tests/kernel/uring.h"

namespace weft::kernel {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kText[] = "12345678";
const iovec kParts[2] = {{const_cast<char*>(kText), 5}, {const_cast<char*>(kText), 3}};

int created(const std::string& path, int flags = 0) {
  return open(path.c_str(), O_CREAT | O_WRONLY | flags, 0600);
}

class FilesTest : public testing::KernelFixture {
 protected:
  FilesTest() : KernelFixture("file io") {
    for (const char* folder : {"weft_wal", "weft_entries", "other"}) {
      std::filesystem::create_directory(tree_.path(folder));
    }
  }
  // The child opens the file and does this with it; it must come to `result`.
  int play(const std::string& file, int flags, const std::function<int64_t(int fd)>& call,
           int64_t result) {
    return run([&, path = tree_.path(file)] {
      const int fd = created(path, flags);
      errno = 0;
      const int64_t got = call(fd);
      return (got < 0 ? -errno : got) == result ? 0 : 1;
    });
  }
  weft::testing::TempTree tree_;
};

struct Call {
  const char* name;
  int64_t (*play)(int fd);
  const char* told;
};
std::ostream& operator<<(std::ostream& out, const Call& call) {
  return out << call.name;
}

const Call kCalls[] = {
    {"write", [](int fd) { return int64_t{write(fd, kText, 5)}; }, "write 5"},
    {"pwrite", [](int fd) { return int64_t{pwrite(fd, kText, 5, 100)}; }, "write 5"},
    {"writev", [](int fd) { return int64_t{writev(fd, kParts, 2)}; }, "write 8"},
    {"pwritev", [](int fd) { return int64_t{pwritev(fd, kParts, 2, 9)}; }, "write 8"},
    {"pwritev2", [](int fd) { return int64_t{pwritev2(fd, kParts, 2, 9, RWF_DSYNC)}; }, "write 8"},
    {"fsync", [](int fd) { return int64_t{fsync(fd)}; }, "fsync"},
    {"fdatasync", [](int fd) { return int64_t{fdatasync(fd)}; }, "fdatasync"},
    {"sync_file_range",
     [](int fd) { return int64_t{sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WAIT_AFTER)}; },
     "sync_range"},
};

class FileCallTest : public FilesTest, public ::testing::WithParamInterface<Call> {};

TEST_P(FileCallTest, IsToldWithItsFile) {
  const std::string path = tree_.path("weft_wal/1.log");
  ASSERT_EQ(run([&] { return GetParam().play(created(path)) < 0 ? 1 : 0; }), 0);
  ASSERT_THAT(told(), ElementsAre(GetParam().told));
  ASSERT_THAT(files, SizeIs(1));
  const weft_ev_file& file = files[0];
  const weft_ev_file_io& op = ops[0].event;
  struct stat now {};
  ASSERT_EQ(stat(path.c_str(), &now), 0);
  EXPECT_STREQ(file.name, "1.log");
  EXPECT_STREQ(file.folders[0], "weft_wal");
  EXPECT_EQ(file.folders[1], tree_.root().substr(tree_.root().rfind('/') + 1));
  EXPECT_EQ(file.inode, now.st_ino);
  EXPECT_EQ(file.use, WEFT_FILE_LOG);
  EXPECT_EQ(file.pattern, 0);
  EXPECT_EQ(file.flags & O_ACCMODE, O_WRONLY);
  EXPECT_EQ(op.file, file.file);
  EXPECT_EQ(op.fd, file.fd);
  EXPECT_EQ(op.h.tid, static_cast<uint32_t>(child_));
  EXPECT_LE(op.start, op.h.time);
  EXPECT_LE(file.h.time, op.h.time);
  EXPECT_EQ(ops[0].bytes, "") << "of a log nothing is copied";
}

INSTANTIATE_TEST_SUITE_P(Calls, FileCallTest, ::testing::ValuesIn(kCalls),
                         [](const auto& call) { return std::string(call.param.name); });

TEST_F(FilesTest, NamesThatNoPatternFitsTellNothing) {
  const auto write_all = [](int fd) { return int64_t{write(fd, kText, 5)}; };
  for (const char* file : {"other/1.log", "weft_wal/1.txt", "1.log"}) {
    ASSERT_EQ(play(file, 0, write_all, 5), 0);
    EXPECT_THAT(files, IsEmpty()) << file;
    EXPECT_THAT(ops, IsEmpty()) << file;
  }
}

TEST_F(FilesTest, AFileIsAnnouncedOnce) {
  ASSERT_EQ(run([&] {
              for (int i = 0; i < 2; ++i) {
                const int fd = created(tree_.path("weft_wal/1.log"));
                if (write(fd, kText, 5) != 5 || fsync(fd) != 0 || close(fd) != 0) return 1;
              }
              return 0;
            }),
            0);
  EXPECT_THAT(files, SizeIs(1));
  EXPECT_THAT(told(), ElementsAre("write 5", "fsync", "write 5", "fsync"));
}

TEST_F(FilesTest, FlagsTellOfWritesThatSync) {
  ASSERT_EQ(play(
                "weft_wal/1.log", O_DSYNC, [](int fd) { return write(fd, kText, 5); }, 5),
            0);
  ASSERT_THAT(files, SizeIs(1));
  EXPECT_TRUE(files[0].flags & O_DSYNC);
}

TEST_F(FilesTest, ASyncThatDoesNotWaitIsNone) {
  const auto start = [](int fd) {
    return int64_t{sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE)};
  };
  ASSERT_EQ(play("weft_wal/1.log", 0, start, 0), 0);
  EXPECT_THAT(ops, IsEmpty());
}

TEST_F(FilesTest, AFailureIsToldWithItsError) {
  tree_.file("weft_wal/1.log", "");
  ASSERT_EQ(run([&] {
              const int fd = open(tree_.path("weft_wal/1.log").c_str(), O_RDONLY);
              return write(fd, kText, 5) == -1 && errno == EBADF ? 0 : 1;
            }),
            0);
  EXPECT_THAT(told(), ElementsAre("write " + std::to_string(-EBADF)));
}

TEST_F(FilesTest, WhatIsNoOpenFileTellsNothing) {
  ASSERT_EQ(run([] { return write(999, kText, 5) == -1 && fsync(-1) == -1 ? 0 : 1; }), 0);
  EXPECT_THAT(ops, IsEmpty());
}

TEST_F(FilesTest, AFullFileSystem) {
  const int done = run([&] {
    const std::string root = tree_.path("other");
    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("none", root.c_str(), "tmpfs", 0, "size=4096") != 0) {
      return kSkipped;
    }
    if (mkdir((root + "/weft_wal").c_str(), 0700) != 0) return 1;
    const int fd = created(root + "/weft_wal/1.log");
    const std::string page(4096, 'x');
    if (write(fd, page.data(), page.size()) != 4096) return 2;
    return write(fd, page.data(), page.size()) == -1 && errno == ENOSPC ? 0 : 3;
  });
  if (done == kSkipped) GTEST_SKIP() << "no mount namespace with a tmpfs here";
  ASSERT_EQ(done, 0);
  EXPECT_THAT(told(), ElementsAre("write 4096", "write " + std::to_string(-ENOSPC)));
  ASSERT_THAT(files, SizeIs(1));
  EXPECT_STREQ(files[0].folders[1], "/") << "the root of its file system";
}

TEST_F(FilesTest, ARenamedLogIsAnotherFile) {
  ASSERT_EQ(run([&] {
              const std::string from = tree_.path("weft_wal/1.log");
              const std::string to = tree_.path("weft_wal/2.log");
              const int fd = created(from);
              if (write(fd, kText, 5) != 5 || rename(from.c_str(), to.c_str()) != 0) return 1;
              return write(fd, kText, 3) == 3 ? 0 : 2;
            }),
            0);
  ASSERT_THAT(files, SizeIs(2));
  EXPECT_STREQ(files[0].name, "1.log");
  EXPECT_STREQ(files[1].name, "2.log");
  EXPECT_NE(files[0].file, files[1].file);
  ASSERT_THAT(told(), ElementsAre("write 5", "write 3"));
  EXPECT_EQ(ops[0].event.file, files[0].file);
  EXPECT_EQ(ops[1].event.file, files[1].file);
}

TEST_F(FilesTest, AnEntryIsToldFromItsOpeningToItsClosing) {
  ASSERT_EQ(run([&] {
              const int fd = created(tree_.path("weft_entries/1.json"));
              if (write(fd, "{}", 2) != 2 || writev(fd, kParts, 2) != 8) return 1;
              return fsync(fd) == 0 && close(fd) == 0 ? 0 : 2;
            }),
            0);
  ASSERT_THAT(told(), ElementsAre("open", "write 2", "write 8", "fsync", "close"));
  ASSERT_THAT(files, SizeIs(1));
  EXPECT_EQ(files[0].use, WEFT_FILE_ENTRY);
  EXPECT_EQ(files[0].pattern, 1);
  EXPECT_EQ(ops[0].event.result, static_cast<int64_t>(ops[0].event.fd));
  EXPECT_EQ(ops[1].bytes, "{}");
  EXPECT_EQ(ops[2].bytes, "12345") << "the first of a vector's parts";
}

TEST_F(FilesTest, OfALongEntryTheBeginningIsCopied) {
  const std::string text = "{" + std::string(9000, ' ') + "}";
  ASSERT_EQ(play(
                "weft_entries/1.json", 0,
                [&](int fd) { return int64_t{write(fd, text.data(), text.size())}; }, 9002),
            0);
  ASSERT_THAT(told(), ElementsAre("open", "write 9002"));
  EXPECT_EQ(ops[1].bytes, text.substr(0, WEFT_ENTRY_MAX));
}

TEST_F(FilesTest, RenamesAreToldOnceThereAreEntries) {
  const std::string from = tree_.path("weft_entries/1.json");
  const std::string to = tree_.path("weft_entries/2.json");
  tree_.file("weft_entries/1.json", "");
  ASSERT_EQ(run([&] { return rename(from.c_str(), to.c_str()); }), 0);
  EXPECT_THAT(renames, IsEmpty());
  ASSERT_EQ(run([&] {
              close(created(from));
              if (rename(from.c_str(), to.c_str()) != 0) return 1;
              if (renameat(AT_FDCWD, to.c_str(), AT_FDCWD, from.c_str()) != 0) return 2;
              return rename("/nonexistent/x", to.c_str()) == -1 ? 0 : 3;
            }),
            0);
  ASSERT_THAT(renames, SizeIs(2)) << "one fails";
  EXPECT_EQ(renames[0].from, from);
  EXPECT_EQ(renames[0].to, to);
  EXPECT_EQ(renames[1].from, to);
}

TEST_F(FilesTest, ALibraryIsToldWhenItIsMapped) {
  const std::string path = tree_.path("libweft_x.so");
  tree_.file("libweft_x.so", std::string(4096, '\0'));
  ASSERT_EQ(run([&] {
              const int fd = open(path.c_str(), O_RDONLY);
              // As a loader does: a place for all of it, then what can be executed over a part.
              void* all = mmap(nullptr, 8192, PROT_READ, MAP_PRIVATE, fd, 0);
              if (all == MAP_FAILED) return 1;
              const int how = MAP_PRIVATE | MAP_FIXED;
              return mmap(all, 4096, PROT_READ | PROT_EXEC, how, fd, 0) == all ? 0 : 2;
            }),
            0);
  EXPECT_THAT(told(), ElementsAre("map"));
  ASSERT_THAT(files, SizeIs(1));
  EXPECT_EQ(files[0].use, WEFT_FILE_LIBRARY);
}

TEST_F(FilesTest, WhatIsIgnoredTellsNothingMore) {
  const auto write_all = [](int fd) { return int64_t{write(fd, kText, 5)}; };
  ASSERT_EQ(play("weft_wal/1.log", 0, write_all, 5), 0);
  ASSERT_THAT(files, SizeIs(1));
  object_->ignore_file(files[0].key);
  ops.clear();
  ASSERT_EQ(play("weft_wal/1.log", 0, write_all, 5), 0);
  EXPECT_THAT(ops, IsEmpty());
}

class FilesWhenAskedTest : public FilesTest {
 protected:
  FilesWhenAskedTest() { files_when_asked_ = true; }
  int write_it() {
    return play(
        "weft_wal/1.log", 0, [](int fd) { return int64_t{write(fd, kText, 5)}; }, 5);
  }
};

TEST_F(FilesWhenAskedTest, AWriteAsksAndIsCounted) {
  ASSERT_EQ(play(
                "weft_wal/other.txt", 0, [](int fd) { return int64_t{write(fd, kText, 5)}; }, 5),
            0);
  EXPECT_THAT(files, IsEmpty());
  EXPECT_EQ(object_->stats()[WEFT_STAT_FILE_EARLY], 0u);
  ASSERT_EQ(write_it(), 0);
  ASSERT_THAT(files, SizeIs(1));
  EXPECT_STREQ(files[0].name, "1.log");
  EXPECT_THAT(ops, IsEmpty());
  EXPECT_GE(object_->stats()[WEFT_STAT_FILE_EARLY], 1u);
  object_->observe_files(true);
  const uint64_t early = object_->stats()[WEFT_STAT_FILE_EARLY];
  ASSERT_EQ(write_it(), 0);
  EXPECT_THAT(told(), ElementsAre("write 5"));
  EXPECT_EQ(files.back().name, std::string("1.log")) << "announced with its flags";
  EXPECT_EQ(object_->stats()[WEFT_STAT_FILE_EARLY], early);
}

TEST_F(FilesWhenAskedTest, WhatTurnsOutToBeNoLogIsNotCounted) {
  ASSERT_EQ(write_it(), 0);
  ASSERT_THAT(files, SizeIs(1));
  EXPECT_GE(object_->stats()[WEFT_STAT_FILE_EARLY], 1u);
  object_->ignore_file(files[0].key);
  ASSERT_EQ(write_it(), 0);
  EXPECT_THAT(files, SizeIs(1));
  EXPECT_EQ(object_->stats()[WEFT_STAT_FILE_EARLY], 0u);
}

TEST_F(FilesWhenAskedTest, AWriteAsksAgainAfterARest) {
  for (int round = 0; round < 2; ++round) {
    object_->observe_files(true);
    ASSERT_EQ(write_it(), 0);
    EXPECT_THAT(told(), ElementsAre("write 5"));
    object_->observe_files(false);
    files.clear();
    ops.clear();
    ASSERT_EQ(write_it(), 0);
    ASSERT_EQ(write_it(), 0);
    EXPECT_THAT(files, SizeIs(1)) << "asks once";
    EXPECT_THAT(ops, IsEmpty());
  }
  EXPECT_GE(object_->stats()[WEFT_STAT_FILE_EARLY], 4u);
}

TEST_F(FilesWhenAskedTest, AnIgnoredProcessAsksForNothing) {
  object_->set_target_decision(static_cast<uint32_t>(getpid()), WEFT_TARGET_IGNORE);  // inherited
  ASSERT_EQ(write_it(), 0);
  EXPECT_THAT(files, IsEmpty());
  EXPECT_EQ(object_->stats()[WEFT_STAT_FILE_EARLY], 0u);
}

class UringTest : public testing::KernelFixture {
 protected:
  UringTest() : KernelFixture("file io_uring") {
    std::filesystem::create_directory(tree_.path("weft_wal"));
  }
  weft::testing::TempTree tree_;
};

TEST_F(UringTest, WritesAndSyncsAreTold) {
  const int done = run([&] {
    const int fd = created(tree_.path("weft_wal/1.log"));
    testing::Uring ring;
    if (!ring.valid()) return kSkipped;
    if (ring.run(testing::Uring::write(fd, kText, 5)) != 5) return 1;
    if (ring.run(testing::Uring::fsync(fd)) != 0) return 2;
    return ring.run(testing::Uring::write(999, kText, 5)) == -EBADF ? 0 : 3;
  });
  if (done == kSkipped) GTEST_SKIP() << "io_uring is refused here";
  ASSERT_EQ(done, 0);
  ASSERT_THAT(told(), ElementsAre("write 5", "fsync"));
  ASSERT_THAT(files, SizeIs(1));
  for (const Op& op : ops) {
    EXPECT_TRUE(op.event.flags & WEFT_IO_URING);
    EXPECT_EQ(op.event.file, files[0].file);
    EXPECT_EQ(op.event.h.tid, static_cast<uint32_t>(child_)) << "who submitted";
    EXPECT_LE(op.event.start, op.event.h.time);
  }
}

}  // namespace
}  // namespace weft::kernel
