// SPDX-License-Identifier: Apache-2.0
// A lost record, and the ends of both directions in any order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/protocol/http1/conversation_test.h"
#include "tests/support/session_orders.h"

namespace weft::protocol::http1 {
namespace {

using test::Conversation;

const std::string kSized = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n";
const std::string kChunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

std::string post(const std::string& path) {
  return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n";
}

// Keep-alive, each exchange in other records.
Conversation keep_alive() {
  Conversation c;
  const auto both = test::exchanges_into(c);
  for (const std::string& round : {std::string("/x"), std::string("/y")}) {
    both({get(round + "0")}, {answer(200, "whole")});
    both({get(round + "1")}, {kSized, "012345678"});
    both({post(round + "2") + "\r\n", "hello"}, {kSized, "0123", "45678"});
    both({post(round + "3"), "X: y\r\n\r\nhel", "lo"}, {answer(404, "no")});
    both({get(round + "4")}, {kChunked, "3\r\nabc\r\n", "2\r\nde\r\n", "0\r\n\r\n"});
    both({"HEAD " + round + "5 HTTP/1.1\r\nHost: x\r\n\r\n"}, {kSized});
    both({get(round + "6")}, {"HTTP/1.1 204 N", "o\r\n\r\n"});
    both({post(round + "7") + "Expect: 100-continue\r\n\r\n"}, {"HTTP/1.1 100 C\r\n\r\n"});
    both({"hello"}, {answer(201, "")});
    both({post(round + "8") + "Expect: 100-continue\r\n\r\n"}, {answer(417, "")});
    both({get(round + "9")}, {"HTTP/1.1 103 E\r\n\r\n", answer(500, "e")});
  }
  for (int i = 0; i < 6; ++i) both({get("/" + std::to_string(i))}, {answer(200, "ok")});
  return c;
}

TEST(Http1Loss, OfAnyRecordIsForgottenSoon) {
  for (const Role role : {Role::kServer, Role::kClient}) {
    test::every_loss(kProtocol, keep_alive(), as(role));
  }
}

// Those were answered, but not all of it was seen.
TEST(Http1Loss, OfTheLastRecordIsNoErrorOfTheConnection) {
  test::SessionDriver d(kProtocol);
  d.request(get("/a")).lose(kResponse, answer(200, "")).finish();
  EXPECT_EQ(d.ended().size(), 0u);
}

TEST(Http1HalfClose, InAnyOrderTellsEveryAnswer) {
  for (const Role role : {Role::kServer, Role::kClient}) {
    test::HalfCloses(kProtocol, as(role), {},
                     {.requests = {get("/0"), get("/1"), get("/2")},
                      .answers = {answer(200, ""), answer(404, "no"), kChunked + "0\r\n\r\n"},
                      .pair = pair,
                      .answered = {"/0 200", "/1 404", "/2 200"},
                      .unanswered = {"/0 -", "/1 -", "/2 -"}})
        .run();
  }
}

TEST(Http1HalfClose, PipelinedInOneSend) {
  for (const Role role : {Role::kServer, Role::kClient}) {
    for (const bool before : {true, false}) {
      test::SessionDriver d(kProtocol, as(role));
      d.request(get("/a") + get("/b"));
      if (before) d.close(kRequest);
      d.response(answer(200, ""));
      if (!before) d.close(kRequest);
      d.response(answer(404, "")).close(kResponse);
      EXPECT_THAT(pairs(d), testing::ElementsAre("/a 200", "/b 404"));
      EXPECT_EQ(d.abandoned(), 0u);
    }
  }
}

}  // namespace
}  // namespace weft::protocol::http1
