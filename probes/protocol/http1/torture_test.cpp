// SPDX-License-Identifier: Apache-2.0
// Every conversation, with a split, an end, a hole and mutations at every byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/protocol/http1/conversation_test.h"
#include "probes/protocol/http1/session.h"
#include "tests/support/session_torture.h"

namespace weft::protocol::http1 {
namespace {

using test::Conversation;
using test::SessionDriver;
using test::Told;
using testing::Contains;

const std::vector<Conversation>& conversations() {
  static const std::string kTrace =
      "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\ntracestate: a=1\r\n";
  static const std::vector<Conversation> kAll = {
      {{kRequest, "GET /0?q=1 HTTP/1.1\r\nHost: x:1\r\n" + kTrace + "\r\n"},
       {kResponse, answer(201, "body")}},
      {{kRequest, get("/0")},
       {kResponse, answer(201, "")},
       {kRequest, get("/1")},
       {kResponse, answer(202, "b")}},
      {{kRequest,
        "POST /0 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;e\r\nabc\r\n0\r\nT: "
        "1\r\n\r\n"},
       {kResponse, "HTTP/1.1 201 X\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"}},
      {{kRequest,
        "PUT /0 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"},
       {kResponse, "HTTP/1.1 100 Continue\r\n\r\n"},
       {kRequest, "abc"},
       {kResponse, "HTTP/1.1 103 E\r\nL: 1\r\n\r\n" + answer(201, "z")}},
      {{kRequest, get("/0") + get("/1") + "HEAD /2 HTTP/1.1\r\n\r\n" + get("/3")},
       {kResponse, answer(201, "a") + "HTTP/1.1 204 N\r\n\r\n" +
                       "HTTP/1.1 203 N\r\nContent-Length: 9\r\n\r\n" + answer(205, "bb")}},
      {{kRequest, "GET /0 HTTP/1.1\r\nX: a\r\n\tb\r\nHost: x\r\n\r\n"},
       {kResponse, "HTTP/1.0 201 OK\nA: b\n\nuntil the close"}},
      {{kRequest, "GET /0 HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"},
       {kResponse, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x05hello"}},
      {{kRequest, "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"},
       {kResponse, "HTTP/1.1 200 OK\r\n\r\n\x16\x03\x01"}}};
  return kAll;
}

TEST(Http1Splits, EverySplitTellsTheSame) {
  for (const Conversation& parts : conversations()) {
    for (const Role role : {Role::kServer, Role::kClient}) {
      test::every_split(kProtocol, parts, as(role));
    }
  }
}

TEST(Http1Truncation, AtEveryByteNothingIsInvented) {
  for (const Conversation& parts : conversations()) {
    test::no_end_invents(kProtocol, parts, pair);
  }
}

// The most important property: whatever is missed, a reported pair is a true one.
TEST(Http1Holes, AtEveryByteNoPairIsWrong) {
  Conversation parts;
  std::vector<std::string> expected;
  for (int i = 0; i < 4; ++i) {
    const std::string n = std::to_string(i);
    parts.emplace_back(
        kRequest,
        i % 2 ? get("/" + n) : "POST /" + n + " HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello");
    parts.emplace_back(
        kResponse, i == 1
                       ? "HTTP/1.1 211 X\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
                       : answer(210 + i, "response body"));
    expected.push_back("/" + n + " " + std::to_string(210 + i));
  }
  test::every_hole(kProtocol, parts, [&](const SessionDriver& d, size_t behind) {
    for (const std::string& told : pairs(d)) {
      ASSERT_THAT(expected, Contains(testing::EndsWith(told)));  // a truncated path is absent
    }
    if (behind < 2) return;
    ASSERT_THAT(pairs(d), Contains(expected[3])) << "it finds back in step";
  });
}

TEST(Http1Mutations, NeverCrashNorStayOpen) {
  test::mutations(kProtocol, conversations(), "\r\n 0:", 1500);
}

}  // namespace
}  // namespace weft::protocol::http1
