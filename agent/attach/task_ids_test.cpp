// SPDX-License-Identifier: Apache-2.0
#include "agent/attach/task_ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <unistd.h>

#include "agent/base/path.h"
#include "agent/discover/proc/proc_file.h"

// A variable of a program that runs: this one.
uint64_t weft_test_task_variable = 0;

namespace weft::attach {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kSteps[] = {8, -16};

class TaskIdsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = executable_of("/proc/self");
    name_ = base_name(path_);
    row_.target = {
        .kind = TargetKind::kRuntime, .id = 1, .name = "toy", .executables = std::span(&name_, 1)};
  }
  void finds(const TaskId& id) {
    row_.task_id = id;
    TaskIds ids(std::span(&row_, 1),
                [this](uint32_t pid, const weft_fetch& where) { set_[pid] = where; });
    ids.found(row_.target, pid_);
    ids.found(row_.target, pid_);  // the file is known now
  }

  const uint32_t pid_ = static_cast<uint32_t>(getpid());
  std::string path_;
  std::string_view name_;
  Runtime row_;
  std::map<uint32_t, weft_fetch> set_;
};

TEST_F(TaskIdsTest, AVariableIsFoundWhereItsFileIsMapped) {
  finds({.from = TaskId::From::kVariable,
         .variable = "weft_test_task_variable",
         .add = 4,
         .steps = kSteps});
  ASSERT_THAT(set_, SizeIs(1));
  const weft_fetch& where = set_[pid_];
  EXPECT_EQ(where.from, WEFT_FETCH_ADDRESS);
  EXPECT_EQ(where.add[0], reinterpret_cast<int64_t>(&weft_test_task_variable) + 4);
  EXPECT_EQ(where.steps, 2);
  EXPECT_EQ(where.add[1], 8);
  EXPECT_EQ(where.add[2], -16);
}

TEST_F(TaskIdsTest, WithoutTheVariableThreadsAreTheTasks) {
  finds({.from = TaskId::From::kVariable, .variable = "weft_test_no_such_variable"});
  EXPECT_THAT(set_, IsEmpty());
}

TEST_F(TaskIdsTest, TheOtherWaysNeedNoFile) {
  finds({.from = TaskId::From::kThreadPointer, .add = -8});
  EXPECT_EQ(set_[pid_].from, WEFT_FETCH_TLS);
  EXPECT_EQ(set_[pid_].add[0], -8);
  finds({.from = TaskId::From::kRegister, .register_index = 1});
  EXPECT_EQ(set_[pid_].from, WEFT_FETCH_REGISTER);
  EXPECT_EQ(set_[pid_].index, 1);
  finds({.from = TaskId::From::kSwitchProbe});
  EXPECT_EQ(set_[pid_].from, WEFT_FETCH_SLOT);
}

TEST_F(TaskIdsTest, ARuntimeWithoutIdsAndOtherTargetsAreLeftAlone) {
  finds({});
  const ProbeTarget other{.kind = TargetKind::kEngine, .id = 1, .name = "db"};
  TaskIds(std::span(&row_, 1), [this](uint32_t pid, const weft_fetch& where) {
    set_[pid] = where;
  }).found(other, pid_);
  EXPECT_THAT(set_, IsEmpty());
}

}  // namespace
}  // namespace weft::attach
