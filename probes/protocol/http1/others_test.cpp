// SPDX-License-Identifier: Apache-2.0
// Protocols that are not this one.
#include <gtest/gtest.h>

#include "tests/support/line_dialogues.h"

namespace weft::protocol::http1 {

extern const Protocol kProtocol;

namespace {

TEST(Others, LineProtocolsAreNoSpans) {
  test::expect_no_span(kProtocol);
}

}  // namespace
}  // namespace weft::protocol::http1
