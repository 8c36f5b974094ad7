// SPDX-License-Identifier: Apache-2.0
// Holes, truncations, and unusual ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/protocol/http1/conversation_test.h"
#include "probes/protocol/http1/session.h"

namespace weft::protocol::http1 {

namespace {

using test::SessionDriver;
using test::Told;
using testing::ElementsAre;
using testing::IsEmpty;

// ---- holes ----

TEST(Http1Hole, WithinABody) {
  SessionDriver d(kProtocol);
  d.request("POST /a HTTP/1.1\r\nContent-Length: 1000\r\n\r\nab")
      .request_gap(900)
      .request(std::string(98, 'x'));
  d.response("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nab").response_gap(99000);
  EXPECT_THAT(d.ended(), IsEmpty());
  d.response(std::string(998, 'x'));
  EXPECT_THAT(pairs(d), ElementsAre("/a 200"));
  EXPECT_EQ(d.only().outcome.end_time, 6000u);
  d.request(get("/b")).response(answer(201, ""));
  EXPECT_THAT(pairs(d), ElementsAre("/a 200", "/b 201"));
}

TEST(Http1Hole, ThatEndsExactlyWithTheBody) {
  SessionDriver d(kProtocol);
  d.request("POST /a HTTP/1.1\r\nContent-Length: 1000\r\n\r\n").request_gap(1000);
  d.response("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n").response_gap(5000);
  EXPECT_EQ(d.only().outcome.end_time, 4000u);
  d.request(get("/b")).response(answer(201, ""));
  EXPECT_THAT(pairs(d), ElementsAre("/a 200", "/b 201"));
  EXPECT_EQ(d.abandoned(), 0u);
}

TEST(Http1Hole, BeyondTheBody) {
  SessionDriver d(kProtocol);
  d.request(get("/a")).response("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n").response_gap(30);
  EXPECT_THAT(pairs(d), ElementsAre("/a 200")) << "its body was within the hole";
  EXPECT_TRUE(d.lost(kResponse));
  d.request(get("/b")).response(answer(201, ""));
  EXPECT_THAT(pairs(d), ElementsAre("/a 200", "/b 201"));
}

TEST(Http1Hole, InAResponseHeadTellsItsStatus) {
  SessionDriver d(kProtocol);
  EXPECT_EQ(d.session().wanted_head(), 0u);
  d.request(get("/a"))
      .response("HTTP/1.1 200 OK\r\nSet-Cookie: a")
      .response_gap(100)
      .response("ok");
  EXPECT_EQ(d.session().wanted_head(), kMaxHead) << "heads are longer than what is captured";
  EXPECT_EQ(d.open(), 1u) << "where its body ends is not known";
  d.request(get("/b")).response(answer(201, ""));
  EXPECT_THAT(pairs(d), ElementsAre("/a 200", "/b 201"));
  EXPECT_EQ(d.ended()[0].outcome.end_time, 4000u) << "the last byte before the next request";
}

TEST(Http1Hole, OverAWholeResponseHead) {
  SessionDriver d(kProtocol);
  d.request(get("/a")).response_gap(500).response("tail of a body");
  d.request(get("/b")).response(answer(201, ""));
  EXPECT_THAT(pairs(d), ElementsAre("/b 201"));
  EXPECT_EQ(d.abandoned(), 1u);
}

TEST(Http1Hole, InARequestHeadTellsWhatWasSeen) {
  SessionDriver d(kProtocol);
  d.request("GET /a HTTP/1.1\r\nHost: x").request_gap(20).response(answer(200, "a"));
  d.request(get("/b")).response(answer(201, ""));
  EXPECT_THAT(pairs(d), ElementsAre("/a 200", "/b 201"));
  EXPECT_EQ(d.abandoned(), 0u);
}

TEST(Http1Hole, InAFirstLineThatMayBeAnythingSkipsItsResponse) {
  SessionDriver d(kProtocol);
  d.request("GE").request_gap(20).response(answer(200, "a"));
  d.request(get("/b")).response(answer(201, ""));
  EXPECT_THAT(pairs(d), ElementsAre("/b 201"));
}

TEST(Http1Hole, OverAWholeRequestSkipsItsResponse) {
  SessionDriver d(kProtocol);
  d.request_gap(100).response(answer(200, "a")).request(get("/b")).response(answer(201, ""));
  EXPECT_THAT(pairs(d), ElementsAre("/b 201"));
}

TEST(Http1Hole, OverAResponseThatShowsOnlyWithTheNextOne) {
  // A lost record is noticed when the next one of its direction comes.
  SessionDriver d(kProtocol);
  d.request(get("/a"));
  d.response_gap(0);  // moved without a record: the next request is another direction change
  d.request(get("/b")).response_gap(40).response(answer(201, ""));
  d.request(get("/c")).response(answer(202, ""));
  EXPECT_THAT(pairs(d), testing::Not(testing::Contains("/a 201")));
  EXPECT_EQ(pairs(d).back(), "/c 202");
  EXPECT_FALSE(d.over());
}

TEST(Http1Hole, AfterOneAnExchangeMayTakeSeveralTurns) {
  SessionDriver d(kProtocol);
  d.request_gap(100).response(answer(200, ""));
  d.request("PUT /a HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  d.response("HTTP/1.1 100 Continue\r\n\r\n").request("abc").response(answer(201, ""));
  EXPECT_THAT(pairs(d), ElementsAre("/a 201"));
}

TEST(Http1Hole, InAChunkOfKnownSize) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const uint64_t hole : {100u, 65536u - 10u, 65536u - 10u + 2u}) {
    SessionDriver d(kProtocol);
    d.request(get("/a")).response(head + "10000\r\n" + std::string(10, 'x')).response_gap(hole);
    const uint64_t left = 65536 + 2 - 10 - hole;
    std::string rest = std::string(left > 2 ? left - 2 : 0, 'x') + "\r\n";
    if (left < 2) rest = "";
    d.response(rest + "3\r\nabc\r\n0\r\nT: 1\r\n\r\n");
    EXPECT_THAT(pairs(d), ElementsAre("/a 200")) << hole;
  }
}

TEST(Http1Hole, OverChunkSizesLastsUntilTheNextRequest) {
  SessionDriver d(kProtocol);
  d.request(get("/a")).response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe");
  d.response_gap(100000).response("tail");
  EXPECT_THAT(d.ended(), IsEmpty());
  d.request(get("/b"));
  EXPECT_EQ(d.only().outcome.end_time, 4000u) << "the last byte before the next request";
  d.response(answer(201, ""));
  EXPECT_THAT(pairs(d), ElementsAre("/a 200", "/b 201"));
}

TEST(Http1Hole, OverChunkSizesEndsAtTheLastChunkIfItIsSeen) {
  SessionDriver d(kProtocol);
  d.request(get("/a")).response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe");
  d.response_gap(100000).response("0\r\n\r\n");
  EXPECT_EQ(d.only().outcome.end_time, 4000u);
  SessionDriver closed(kProtocol);
  closed.request(get("/a")).response(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe");
  closed.response_gap(100000).close(kResponse);
  EXPECT_EQ(closed.only().outcome.end_time, 3000u);
  EXPECT_FALSE(closed.only().outcome.error);
}

TEST(Http1Hole, InAChunkedRequestKeepsTheExchange) {
  SessionDriver d(kProtocol);
  d.request("POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe").request_gap(100000);
  d.request("GET /inside HTTP/1.1\r\n\r\n").response(answer(200, ""));
  d.request(get("/b")).response(answer(201, ""));
  EXPECT_THAT(pairs(d), ElementsAre("/a 200", "/b 201"));
}

TEST(Http1Hole, OnAPipelinedConnectionGivesItUp) {
  for (const uint64_t hole : {1u, 40u, 200u}) {
    SessionDriver d(kProtocol);
    d.request(get("/a") + get("/b") + get("/c"));
    d.response_gap(hole).response(answer(203, "")).request(get("/d")).response(answer(204, ""));
    EXPECT_THAT(pairs(d), IsEmpty());
    EXPECT_EQ(d.over(), ParseStatus::kHopeless);
    EXPECT_EQ(d.abandoned(), 3u);
  }
}

// The client has sent again after the lost response, and the other response is still to come.
TEST(Http1Hole, OverAPipelinedAnswerPairsNothingWithTheNext) {
  SessionDriver d(kProtocol);
  d.request(get("/a") + get("/b")).lose(kResponse, answer(201, "")).request(get("/c"));
  d.response(answer(202, "") + answer(203, "")).request(get("/d")).response(answer(204, ""));
  EXPECT_THAT(pairs(d), IsEmpty());
}

// ---- ends ----

struct EndCase {
  const char* name;
  Role role;
  std::string response;           // the part that was seen
  std::vector<Direction> closes;  // in this order, orderly; then the socket is gone
  CloseReason reason;
  std::string error_type;
};

class Http1End : public testing::TestWithParam<EndCase> {};

TEST_P(Http1End, IsToldAsTheTableSays) {
  const EndCase& c = GetParam();
  SessionDriver d(kProtocol, as(c.role));
  d.request(get("/a")).response(c.response);
  for (const Direction direction : c.closes) d.close(direction);
  d.gone(c.role == Role::kServer ? kResponse : kRequest, c.reason);
  ASSERT_EQ(d.ended().size(), 1u);
  const Outcome& outcome = d.only().outcome;
  EXPECT_EQ(outcome.error_type, c.error_type);
  EXPECT_EQ(outcome.error, !c.error_type.empty());
}

const std::string kPart = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc";
const std::string kPart500 = "HTTP/1.1 500 X\r\nContent-Length: 10\r\n\r\nabc";
const std::string kHead = "HTTP/1.1 200 OK\r\nX: ";
const std::string kHead500 = "HTTP/1.1 500 OK\r\nX: ";
const std::string kToClose = "HTTP/1.0 200 OK\r\n\r\nabc";
constexpr Role kServer = Role::kServer;
constexpr Role kClient = Role::kClient;
constexpr CloseReason kEnd = CloseReason::kEnd;
constexpr CloseReason kReset = CloseReason::kReset;
constexpr CloseReason kKilled = CloseReason::kKilled;

INSTANTIATE_TEST_SUITE_P(
    Table, Http1End,
    testing::Values(
        EndCase{"server_reset_unanswered", kServer, "", {}, kReset, "connection_reset"},
        EndCase{"client_reset_unanswered", kClient, "", {}, kReset, "connection_reset"},
        EndCase{"server_reset_answering", kServer, kPart, {}, kReset, "connection_reset"},
        EndCase{"client_reset_answering", kClient, kPart, {}, kReset, "connection_reset"},
        EndCase{"server_reset_to_close", kServer, kToClose, {}, kReset, "connection_reset"},
        EndCase{"server_killed", kServer, "", {}, kKilled, "process_exited"},
        EndCase{"client_killed", kClient, "", {}, kKilled, "process_exited"},
        EndCase{"server_killed_answering", kServer, kPart, {}, kKilled, "process_exited"},
        EndCase{"server_closes_unanswered", kServer, "", {}, kEnd, "connection_closed"},
        EndCase{"server_closes_answering", kServer, kPart, {}, kEnd, "connection_closed"},
        EndCase{"server_closes_first", kServer, "", {kResponse}, kEnd, "connection_closed"},
        EndCase{"client_gives_up", kClient, "", {}, kEnd, ""},
        EndCase{"client_gives_up_answering", kClient, kPart, {}, kEnd, ""},
        EndCase{"client_gives_up_then_fin", kClient, "", {kRequest, kResponse}, kEnd, ""},
        EndCase{"peer_closes_unanswered", kClient, "", {kResponse}, kEnd, "connection_closed"},
        EndCase{"peer_closes_answering", kClient, kPart, {kResponse}, kEnd, "connection_closed"},
        EndCase{"client_left_unanswered", kServer, "", {kRequest}, kEnd, "client_disconnected"},
        EndCase{"client_left_answering", kServer, kPart, {kRequest}, kEnd, ""},
        EndCase{"status_wins", kServer, kPart500, {}, kReset, "500"},
        EndCase{"server_to_close", kServer, kToClose, {kResponse}, kEnd, ""},
        EndCase{"client_to_close", kClient, kToClose, {kResponse}, kEnd, ""},
        EndCase{"server_head_reset", kServer, kHead, {}, kReset, "connection_reset"},
        EndCase{"client_head_reset", kClient, kHead, {}, kReset, "connection_reset"},
        EndCase{"server_head_end", kServer, kHead, {kResponse}, kEnd, "connection_closed"},
        EndCase{"client_head_end", kClient, kHead, {kResponse}, kEnd, "connection_closed"},
        EndCase{"head_cut_of_an_error", kServer, kHead500, {}, kReset, "500"},
        EndCase{"interim_head", kServer, "HTTP/1.1 100 C\r\n", {}, kReset, "connection_reset"},
        EndCase{"status_line_cut", kServer, "HTTP/1.1 20", {}, kReset, "connection_reset"}),
    [](const auto& each) { return each.param.name; });

TEST(Http1Ends, CutRequestHeadIsAbandoned) {
  for (const CloseReason reason : {kEnd, kReset, kKilled}) {
    SessionDriver d(kProtocol);
    d.request("GET /a HTTP/1.1\r\nHost: ").gone(kResponse, reason);
    EXPECT_THAT(d.ended(), IsEmpty());
    EXPECT_EQ(d.abandoned(), 1u);
  }
}

TEST(Http1Ends, CutRequestLineIsNothing) {
  SessionDriver d(kProtocol);
  d.request("GET /a HTTP/1").gone(kResponse, kReset);
  EXPECT_THAT(d.told(), IsEmpty());
}

TEST(Http1Ends, EveryUnansweredPipelinedRequestFails) {
  SessionDriver d(kProtocol);
  d.request(get("/a") + get("/b") + get("/c")).response(answer(200, "") + kPart).close(kResponse);
  EXPECT_THAT(pairs(d), ElementsAre("/a 200", "/b 200", "/c -"));
  EXPECT_EQ(d.ended()[1].outcome.error_type, "connection_closed");
  EXPECT_EQ(d.ended()[2].outcome.error_type, "connection_closed");
}

TEST(Http1Ends, HalfCloseByTheClientIsNoEnd) {
  SessionDriver d(kProtocol);
  d.request(get("/a")).close(kRequest).response(answer(200, "ok"));
  EXPECT_THAT(pairs(d), ElementsAre("/a 200"));
  EXPECT_FALSE(d.only().outcome.error);
  d.finish();
}

TEST(Http1Ends, IdleConnectionEndsQuietly) {
  SessionDriver d(kProtocol);
  d.request(get("/a")).response(answer(200, "ok")).gone(kResponse, kReset);
  EXPECT_EQ(d.told().size(), 1u);
  EXPECT_FALSE(d.only().outcome.error);
}

TEST(Http1Ends, BytesAfterTheCloseAreANewBeginning) {
  SessionDriver d(kProtocol);
  d.request(get("/a"))
      .response("HTTP/1.1 200 OK\r\nX")
      .close(kResponse)
      .response(": y\r\n\r\n")
      .finish();
  EXPECT_THAT(pairs(d), ElementsAre("/a 200"));
  EXPECT_EQ(d.only().outcome.error_type, "connection_closed");
}

TEST(Http1Ends, RequestAfterTheEndOfResponsesIsAbandoned) {
  SessionDriver d(kProtocol);
  d.close(kResponse).request(get("/a")).close(kRequest);
  EXPECT_EQ(d.abandoned(), 1u);
}

}  // namespace
}  // namespace weft::protocol::http1
