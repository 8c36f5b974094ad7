// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/instances.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace weft::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class InstancesTest : public ::testing::Test {
 protected:
  std::vector<std::string> of(uint32_t pid) {
    std::vector<std::string> out;
    instances_.each_of(
        pid, [&](const Engine& engine, EngineTracer&) { out.emplace_back(engine.target.name); });
    return out;
  }
  size_t count() {
    size_t n = 0;
    instances_.each([&](const Engine&, EngineTracer&) { ++n; });
    return n;
  }

  std::vector<uint32_t> asked_;
  Instances instances_{[this](uint32_t pid) {
    asked_.push_back(pid);
    return pid / 10 * 10;
  }};
  const Engine& db_ = *engine_with(2);
  const Engine& file_ = *engine_with(1);
};

TEST_F(InstancesTest, AServersProcessesShareOne) {
  Instance& one = instances_.get(db_, 11);
  EXPECT_NE(one.tracer, nullptr);
  EXPECT_EQ(&instances_.get(db_, 12), &one);
  EXPECT_NE(&instances_.get(db_, 21), &one);
  EXPECT_NE(&instances_.get(file_, 11), &one);
  EXPECT_EQ(instances_.of(12), 10u);
  EXPECT_THAT(asked_, ElementsAre(11, 12, 21)) << "each once";
}

TEST_F(InstancesTest, EachTracerOfAProcess) {
  EXPECT_THAT(of(11), IsEmpty());
  EXPECT_FALSE(instances_.knows(11));
  instances_.get(db_, 11);
  instances_.get(file_, 12);
  instances_.get(file_, 21);
  EXPECT_TRUE(instances_.knows(11));
  EXPECT_THAT(of(11), testing::UnorderedElementsAre("db", "file"));
  EXPECT_THAT(of(21), ElementsAre("file"));
  EXPECT_THAT(of(13), IsEmpty()) << "it has used neither";
  EXPECT_EQ(count(), 3u);
}

TEST_F(InstancesTest, AnInstanceEndsWithItsFirstProcess) {
  instances_.get(db_, 11);
  instances_.forget(11);
  EXPECT_FALSE(instances_.knows(11));
  EXPECT_EQ(count(), 1u) << "the server runs";
  instances_.forget(10);
  EXPECT_EQ(count(), 0u) << "it has done nothing itself";
}

}  // namespace
}  // namespace weft::storage
