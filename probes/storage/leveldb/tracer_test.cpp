// SPDX-License-Identifier: Apache-2.0
#include "probes/storage/leveldb/tracer.h"

#include <gtest/gtest.h>

#include "agent/base/semconv.h"

namespace weft::engine::leveldb {
namespace {

std::string error_of(const ProbedCall& call) {
  SpanTree tree;
  EXPECT_TRUE(make_tracer()->call(call, {}, tree));
  EXPECT_EQ(tree.attributes.text(semconv::kDbSystemName), "leveldb");
  return tree.error_type;
}

TEST(LevelDb, TheCodeOfAStatusIsTheError) {
  EXPECT_EQ(error_of({.number = kWrite, .values = {1, 2}}), "Corruption");
  EXPECT_EQ(error_of({.number = kWrite, .values = {1, 5}}), "IOError");
}

TEST(LevelDb, AStatusWithoutAStateIsOk) {
  EXPECT_EQ(error_of({.number = kWrite, .values = {1, 5}, .missing = 1u << kCode}), "");
}

}  // namespace
}  // namespace weft::engine::leveldb
