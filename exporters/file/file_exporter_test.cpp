// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <sys/stat.h>

#include "agent/port/exporter.h"
#include "exporters/file/line_file.h"
#include "exporters/otlp/encode/sample_spans.h"

namespace weft::exporters::file {
std::span<const ExporterKind> kinds();

namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using weft::file::LineFile;
using Kind = LineFile::Kind;

struct FileTest : testing::Test {
  FileTest() {
    std::string pattern = testing::TempDir() + "weft-file-XXXXXX";
    folder = mkdtemp(pattern.data());
    path = folder / "traces.jsonl";
  }
  ~FileTest() override { fs::remove_all(folder); }

  static std::string content(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(std::string_view text) const { std::ofstream(path) << text; }
  std::unique_ptr<LineFile> open(uint64_t max_bytes = 0, uint32_t max_files = 2) const {
    auto file = LineFile::open({.path = path, .max_bytes = max_bytes, .max_files = max_files});
    EXPECT_TRUE(file.has_value());
    return std::move(*file);
  }

  fs::path folder;
  fs::path path;
};

TEST_F(FileTest, EachBatchIsOneLineOfOtlp) {
  const auto exporter = kinds()[0].make({.values = {{"path", path}}});
  ASSERT_TRUE(exporter.has_value());
  const auto batch = otlp::sample_batch();
  const Deadline deadline = Deadline::in(std::chrono::seconds(1));
  EXPECT_EQ((*exporter)->deliver(batch, deadline).kind, Delivery::Kind::kDelivered);
  EXPECT_EQ((*exporter)->deliver(batch, deadline).kind, Delivery::Kind::kDelivered);
  EXPECT_EQ((*exporter)->deliver({}, deadline).kind, Delivery::Kind::kDelivered);
  std::ifstream in(path);
  int lines = 0;
  for (std::string line; std::getline(in, line); ++lines) {
    EXPECT_TRUE(line.starts_with(weft::file::kLineStart));
    EXPECT_EQ(nlohmann::json::parse(line)["resourceSpans"].size(), 2u);
  }
  EXPECT_EQ(lines, 2);
}

TEST_F(FileTest, AppendsToWhatIsThere) {
  write("before\n");
  open()->append("after\n");
  EXPECT_EQ(content(path), "before\nafter\n");
}

TEST_F(FileTest, RemovesOurOwnUnfinishedLine) {
  write("one\n" + std::string(weft::file::kLineStart) + "{\"sco");
  open()->append("two\n");
  EXPECT_EQ(content(path), "one\ntwo\n");
}

TEST_F(FileTest, EndsAnUnfinishedLineOfSomebodyElse) {
  write("precious");
  open()->append("ours\n");
  EXPECT_EQ(content(path), "precious\nours\n");
}

TEST_F(FileTest, RotatesBeforeTheLimitIsPassedAndKeepsSoMany) {
  const auto file = open(10, 2);
  for (const char* line : {"1111\n", "2222\n", "3333\n", "4444\n", "5555\n", "6666\n", "7777\n"}) {
    EXPECT_EQ(file->append(line).kind, Kind::kWritten);
  }
  EXPECT_EQ(content(path), "7777\n");
  EXPECT_EQ(content(path.string() + ".1"), "5555\n6666\n");
  EXPECT_EQ(content(path.string() + ".2"), "3333\n4444\n");
  EXPECT_FALSE(fs::exists(path.string() + ".3"));
}

TEST_F(FileTest, ALineLongerThanTheLimitGetsAFileOfItsOwn) {
  const auto file = open(4);
  file->append("long line\n");
  file->append("x\n");
  EXPECT_EQ(content(path), "x\n");
  EXPECT_EQ(content(path.string() + ".1"), "long line\n");
}

TEST_F(FileTest, KeepsNoOldFilesWhenAskedTo) {
  const auto file = open(6, 0);
  file->append("1111\n");
  file->append("2222\n");
  EXPECT_EQ(content(path), "2222\n");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 1);
}

TEST_F(FileTest, FollowsWhenTheFileIsMovedAway) {
  const auto file = open();
  file->append("old\n");
  fs::rename(path, folder / "elsewhere");
  file->append("new\n");
  EXPECT_EQ(content(path), "new\n");
  EXPECT_EQ(content(folder / "elsewhere"), "old\n");
}

// The kernel truncates a write at the process's file size limit: a partial write, then EFBIG.
TEST_F(FileTest, APartialWriteLeavesNoTornLine) {
  const auto file = open();
  file->append("whole\n");
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit low{10, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &low);
  const auto outcome = file->append("does not fit\n");
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(outcome.kind, Kind::kFailed);
  EXPECT_EQ(content(path), "whole\n");
  EXPECT_EQ(file->append("next\n").kind, Kind::kWritten);
  EXPECT_EQ(content(path), "whole\nnext\n");
}

TEST_F(FileTest, AFullDiskMayPass) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  auto file = LineFile::open({.path = "/dev/full"});
  ASSERT_TRUE(file.has_value());
  const auto outcome = (*file)->append("x\n");
  EXPECT_EQ(outcome.kind, Kind::kFull);
  EXPECT_THAT(outcome.message, HasSubstr("/dev/full: cannot write: No space left"));
}

TEST_F(FileTest, CannotOpenIsAnErrorThatNamesThePath) {
  const auto exporter = kinds()[0].make({.values = {{"path", folder / "none" / "x"}}});
  ASSERT_FALSE(exporter.has_value());
  EXPECT_EQ(exporter.error().code, ExitCode::kWriteFailed);
  EXPECT_THAT(exporter.error().message, HasSubstr("none/x: cannot open for writing"));
}

TEST_F(FileTest, TakesTheStandardsOutputStream) {
  const auto good = kinds()[0].make({.values = {{"output_stream", "file://" + path.string()}}});
  EXPECT_TRUE(good.has_value());
  EXPECT_TRUE(fs::exists(path));
  const auto bad = kinds()[0].make({.values = {{"output_stream", "tape"}}});
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error().code, ExitCode::kConfig);
}

}  // namespace
}  // namespace weft::exporters::file
