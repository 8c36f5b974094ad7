// SPDX-License-Identifier: Apache-2.0
// Holes, cuts and ends that are not ordinary ones; splits and mutations of everything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

#include "agent/base/semconv.h"
#include "probes/protocol/http1/session.h"
#include "tests/support/session_driver.h"

namespace weft::protocol::http1 {

extern const Protocol kProtocol;

namespace {

using test::SessionDriver;
using test::Told;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Direction kRequest = Direction::kRequest;
constexpr Direction kResponse = Direction::kResponse;

std::string get(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

std::string answer(int code, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(code) +
         " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

SessionOptions as(Role role) {
  SessionOptions options;
  options.role = role;
  return options;
}

std::string pair(const Told& told) {
  const Value* code = told.outcome.attributes.find(semconv::kHttpResponseStatusCode);
  return std::string(told.outcome.attributes.text(semconv::kUrlPath)) + " " +
         (code ? std::to_string(std::get<int64_t>(*code)) : "-");
}

std::vector<std::string> pairs(const SessionDriver& d) {
  std::vector<std::string> out;
  for (const Told& told : d.ended()) out.push_back(pair(told));
  return out;
}

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

TEST(Http1Hole, InAResponseHeadAbandons) {
  SessionDriver d(kProtocol);
  EXPECT_EQ(d.session().wanted_head(), 0u);
  d.request(get("/a"))
      .response("HTTP/1.1 200 OK\r\nSet-Cookie: a")
      .response_gap(100)
      .response("ok");
  EXPECT_EQ(d.abandoned(), 1u);
  EXPECT_EQ(d.session().wanted_head(), kMaxHead) << "heads are longer than what is captured";
  d.request(get("/b")).response(answer(201, ""));
  EXPECT_THAT(pairs(d), ElementsAre("/b 201"));
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

TEST(Http1Hole, InAFirstLineAbandonsAndSkipsItsResponse) {
  SessionDriver d(kProtocol);
  d.request("GET /a HT").request_gap(20).response(answer(200, "a"));
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
  d.response_gap(0);  // moved, and nobody said so: the next request is another turn
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
    EXPECT_EQ(d.over(), Verdict::kHopeless);
    EXPECT_EQ(d.abandoned(), 3u);
  }
}

// ---- ends ----

struct EndCase {
  const char* name;
  Role role;
  std::string response;           // what of it was seen
  std::vector<Direction> closes;  // in order, orderly; then the socket is gone
  CloseReason reason;
  std::string error_type;
  bool ends;
};

class Http1End : public testing::TestWithParam<EndCase> {};

TEST_P(Http1End, IsToldAsTheTableSays) {
  const EndCase& c = GetParam();
  SessionDriver d(kProtocol, as(c.role));
  d.request(get("/a")).response(c.response);
  for (const Direction direction : c.closes) d.close(direction);
  d.gone(c.role == Role::kServer ? kResponse : kRequest, c.reason);
  ASSERT_EQ(d.ended().size(), c.ends ? 1u : 0u);
  ASSERT_EQ(d.abandoned(), c.ends ? 0u : 1u);
  if (!c.ends) return;
  const Outcome& outcome = d.only().outcome;
  EXPECT_EQ(outcome.error_type, c.error_type);
  EXPECT_EQ(outcome.error, !c.error_type.empty());
}

const std::string kPart = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc";
const std::string kPart500 = "HTTP/1.1 500 X\r\nContent-Length: 10\r\n\r\nabc";
const std::string kToClose = "HTTP/1.0 200 OK\r\n\r\nabc";
constexpr Role kServer = Role::kServer;
constexpr Role kClient = Role::kClient;
constexpr CloseReason kEnd = CloseReason::kEnd;
constexpr CloseReason kReset = CloseReason::kReset;
constexpr CloseReason kKilled = CloseReason::kKilled;

INSTANTIATE_TEST_SUITE_P(
    Table, Http1End,
    testing::Values(
        EndCase{"server_reset_unanswered", kServer, "", {}, kReset, "connection_reset", true},
        EndCase{"client_reset_unanswered", kClient, "", {}, kReset, "connection_reset", true},
        EndCase{"server_reset_answering", kServer, kPart, {}, kReset, "connection_reset", true},
        EndCase{"client_reset_answering", kClient, kPart, {}, kReset, "connection_reset", true},
        EndCase{"server_reset_to_close", kServer, kToClose, {}, kReset, "connection_reset", true},
        EndCase{"server_killed", kServer, "", {}, kKilled, "process_exited", true},
        EndCase{"client_killed", kClient, "", {}, kKilled, "process_exited", true},
        EndCase{"server_killed_answering", kServer, kPart, {}, kKilled, "process_exited", true},
        EndCase{"server_closes_unanswered", kServer, "", {}, kEnd, "connection_closed", true},
        EndCase{"server_closes_answering", kServer, kPart, {}, kEnd, "connection_closed", true},
        EndCase{"server_closes_first", kServer, "", {kResponse}, kEnd, "connection_closed", true},
        EndCase{"client_gives_up", kClient, "", {}, kEnd, "", true},
        EndCase{"client_gives_up_answering", kClient, kPart, {}, kEnd, "", true},
        EndCase{"client_gives_up_then_fin", kClient, "", {kRequest, kResponse}, kEnd, "", true},
        EndCase{
            "peer_closes_unanswered", kClient, "", {kResponse}, kEnd, "connection_closed", true},
        EndCase{
            "peer_closes_answering", kClient, kPart, {kResponse}, kEnd, "connection_closed", true},
        EndCase{
            "client_left_unanswered", kServer, "", {kRequest}, kEnd, "client_disconnected", true},
        EndCase{"client_left_answering", kServer, kPart, {kRequest}, kEnd, "", true},
        EndCase{"status_wins", kServer, kPart500, {}, kReset, "500", true},
        EndCase{"server_to_close", kServer, kToClose, {kResponse}, kEnd, "", true},
        EndCase{"client_to_close", kClient, kToClose, {kResponse}, kEnd, "", true},
        EndCase{"response_head_cut", kServer, "HTTP/1.1 200 OK\r\nX: ", {}, kReset, "", false},
        EndCase{"status_line_cut", kServer, "HTTP/1.1 20", {}, kReset, "connection_reset", true}),
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
  EXPECT_EQ(d.abandoned(), 1u);
}

TEST(Http1Ends, RequestAfterTheEndOfResponsesIsAbandoned) {
  SessionDriver d(kProtocol);
  d.close(kResponse).request(get("/a")).close(kRequest);
  EXPECT_EQ(d.abandoned(), 1u);
}

// ---- every conversation, every way to cut it ----

using Part = std::pair<Direction, std::string>;

const std::vector<std::vector<Part>>& conversations() {
  static const std::string kTrace =
      "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\ntracestate: a=1\r\n";
  static const std::vector<std::vector<Part>> kAll = {
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

std::string text(const Value& value) {
  if (const auto* s = std::get_if<std::string>(&value)) return *s;
  if (const auto* i = std::get_if<int64_t>(&value)) return std::to_string(*i);
  return "?";
}

// Everything but times.
std::string signature(const SessionDriver& d) {
  std::string out;
  for (const Told& told : d.told()) {
    out += told.state == Told::State::kEnded ? "ended " : "abandoned ";
    out += std::to_string(told.start.pos) + " " + told.outcome.name + " " + told.outcome.error_type;
    out += told.context ? " " + told.context->parent.hex() + told.context->trace_state : "";
    for (const Attribute& a : told.outcome.attributes) {
      out += " " + std::string(a.key.text()) + "=" + text(a.value);
    }
    out += "\n";
  }
  return out;
}

std::string play(const std::vector<Part>& parts, size_t piece, Role role) {
  SessionDriver d(kProtocol, as(role));
  for (const auto& [direction, bytes] : parts) d.bytes(direction, bytes, piece);
  d.close(kResponse).close(kRequest);
  return signature(d);
}

TEST(Http1Splits, EverySplitTellsTheSame) {
  for (const auto& parts : conversations()) {
    for (const Role role : {kServer, kClient}) {
      const std::string whole = play(parts, SIZE_MAX, role);
      EXPECT_NE(whole.find("ended"), std::string::npos);
      for (size_t which = 0; which < parts.size(); ++which) {
        for (size_t cut = 1; cut < parts[which].second.size(); ++cut) {
          SessionDriver d(kProtocol, as(role));
          for (size_t i = 0; i < parts.size(); ++i) {
            const auto& [direction, bytes] = parts[i];
            d.bytes(direction, i == which ? bytes.substr(0, cut) : bytes);
            if (i == which) d.bytes(direction, bytes.substr(cut));
          }
          d.close(kResponse).close(kRequest);
          ASSERT_EQ(signature(d), whole) << "part " << which << " cut at " << cut;
        }
      }
    }
  }
}

TEST(Http1Splits, PiecesOfEverySizeTellTheSame) {
  for (const auto& parts : conversations()) {
    const std::string whole = play(parts, SIZE_MAX, kServer);
    for (size_t piece = 1; piece < 40; ++piece)
      ASSERT_EQ(play(parts, piece, kServer), whole) << piece;
  }
}

TEST(Http1Truncation, AtEveryByteNothingIsInvented) {
  for (const auto& parts : conversations()) {
    SessionDriver full(kProtocol);
    for (const auto& [direction, bytes] : parts) full.bytes(direction, bytes);
    full.finish();
    const std::vector<std::string> expected = pairs(full);
    for (size_t which = 0; which < parts.size(); ++which) {
      for (size_t cut = 0; cut < parts[which].second.size(); ++cut) {
        SessionDriver d(kProtocol);
        for (size_t i = 0; i < which; ++i) d.bytes(parts[i].first, parts[i].second);
        d.bytes(parts[which].first, parts[which].second.substr(0, cut));
        d.gone(kResponse, kReset);
        ASSERT_EQ(d.open(), 0u);
        for (const Told& told : d.ended()) {
          const bool unanswered = told.outcome.error_type == "connection_reset";
          ASSERT_TRUE(unanswered || testing::Value(expected, testing::Contains(pair(told))))
              << pair(told);
        }
      }
    }
  }
}

// The property that matters most: whatever is missed, a pair that is told is a true one.
TEST(Http1Holes, AtEveryByteNoPairIsWrong) {
  std::vector<Part> parts;
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
  for (size_t which = 0; which < parts.size(); ++which) {
    const size_t size = parts[which].second.size();
    for (size_t from = 0; from < size; ++from) {
      for (size_t to = from + 1; to <= size;
           to += to == size ? 1 : std::min(size - to, 1 + (to - from) / 3)) {
        SessionDriver d(kProtocol);
        for (size_t i = 0; i < parts.size(); ++i) {
          const auto& [direction, bytes] = parts[i];
          if (i != which) {
            d.bytes(direction, bytes);
            continue;
          }
          if (from > 0) d.bytes(direction, bytes.substr(0, from));
          d.gap(direction, to - from);
          if (to < size) d.bytes(direction, bytes.substr(to));
        }
        d.finish();
        for (const std::string& told : pairs(d)) {
          ASSERT_THAT(expected, testing::Contains(told));
        }
        if (which >= 6) continue;
        ASSERT_THAT(pairs(d), testing::Contains(expected[3])) << "it finds back in step";
      }
    }
  }
}

TEST(Http1Mutations, NeverCrashNorStayOpen) {
  std::mt19937 random(1);
  for (int round = 0; round < 1500; ++round) {
    auto parts = conversations()[random() % conversations().size()];
    for (unsigned edits = random() % 8; edits > 0; --edits) {
      std::string& bytes = parts[random() % parts.size()].second;
      const size_t at = random() % bytes.size();
      switch (random() % 3) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes.erase(at, random() % 9);
          break;
        case 2:
          bytes.insert(at, std::string(random() % 5, "\r\n 0:"[random() % 5]));
          break;
      }
      if (bytes.empty()) bytes = "\n";
    }
    SessionDriver d(kProtocol);
    for (const auto& [direction, bytes] : parts) d.bytes(direction, bytes, 1 + random() % 60);
    d.finish();
  }
}

}  // namespace
}  // namespace weft::protocol::http1
