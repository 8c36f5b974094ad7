// SPDX-License-Identifier: Apache-2.0
#include "agent/config/opt_in.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> read(std::string_view list, bool http, bool database) {
  OldNames names;
  std::vector<std::string> faults = read_opt_in(list, names);
  EXPECT_EQ(names.http, http) << list;
  EXPECT_EQ(names.database, database) << list;
  return faults;
}

TEST(OptIn, OldNamesComeWithDup) {
  EXPECT_THAT(read("", false, false), IsEmpty());
  EXPECT_THAT(read("http,database,messaging,rpc,code,k8s", false, false), IsEmpty());
  EXPECT_THAT(read("http/dup", true, false), IsEmpty());
  EXPECT_THAT(read(" HTTP/dup , database/DUP", true, true), IsEmpty());
  EXPECT_THAT(read("http/dup,http", true, false), IsEmpty()) << "dup wins";
  EXPECT_THAT(read("database,database/dup", false, true), IsEmpty());
}

TEST(OptIn, WhatHasNoEffectIsSaid) {
  EXPECT_THAT(read("rpc/dup", false, false), ElementsAre(HasSubstr("has no effect")));
  EXPECT_THAT(read("db/dup,http/dup,/dup", true, false),
              ElementsAre(HasSubstr("found \"db/dup\", expected http, database"),
                          HasSubstr("found \"/dup\"")));
}

}  // namespace
}  // namespace weft
