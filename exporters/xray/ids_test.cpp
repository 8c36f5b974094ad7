// SPDX-License-Identifier: Apache-2.0
#include "exporters/xray/ids.h"

#include <gtest/gtest.h>

namespace weft::xray {
namespace {

TEST(XrayIds, ATraceIdIsHyphenated) {
  const auto id = *TraceId::parse("4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(to_xray(id), "1-4bf92f35-77b34da6a3ce929d0e0e4736");
}

TEST(XrayIds, EveryIdComesBack) {
  for (int i = 0; i < 100; ++i) {
    const TraceId id = TraceId::random();
    EXPECT_EQ(from_xray(to_xray(id)), id);
  }
}

TEST(XrayIds, WhatIsNoneIsRefused) {
  for (const char* text :
       {"", "4bf92f3577b34da6a3ce929d0e0e4736", "2-4bf92f35-77b34da6a3ce929d0e0e4736",
        "1-4bf92f35077b34da6a3ce929d0e0e4736", "1-4bf92f35-77b34da6a3ce929d0e0e47361",
        "1-4bf92f35-77b34da6a3ce929d0e0e473", "1-4BF92F35-77b34da6a3ce929d0e0e4736",
        "1-00000000-000000000000000000000000", "1-4bf92f3-577b34da6a3ce929d0e0e4736"}) {
    EXPECT_FALSE(from_xray(text)) << text;
  }
}

}  // namespace
}  // namespace weft::xray
