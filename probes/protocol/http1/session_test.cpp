// SPDX-License-Identifier: Apache-2.0
// The exchanges of an HTTP/1 connection, by the behaviour of connections.
#include "probes/protocol/http1/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/protocol/http1/conversation_test.h"

namespace weft::protocol::http1 {

namespace {

using test::SessionDriver;
using test::Told;
using testing::ElementsAre;
using testing::IsEmpty;

const std::string kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

int64_t status(const Told& told) {
  const Value* value = told.outcome.attributes.find(semconv::kHttpResponseStatusCode);
  return value ? std::get<int64_t>(*value) : 0;
}

TEST(Http1, OneExchangeFromItsFirstByteToItsLast) {
  SessionDriver d(kProtocol);
  d.request(kGet).response(kOk);
  const Told told = d.only();
  EXPECT_EQ(told.outcome.name, "GET");
  EXPECT_EQ(told.start.stamp.time, 1000u);
  EXPECT_EQ(told.start.pos, 0u);
  EXPECT_EQ(told.outcome.end_time, 2000u);
  EXPECT_TRUE(told.head);
  EXPECT_FALSE(told.outcome.error);
  EXPECT_EQ(status(told), 200);
  d.finish();
}

TEST(Http1, KeepAlive) {
  SessionDriver d(kProtocol);
  for (int i = 0; i < 5; ++i)
    d.request(get("/" + std::to_string(i))).response(answer(210 + i, "abc"));
  EXPECT_THAT(pairs(d), ElementsAre("/0 210", "/1 211", "/2 212", "/3 213", "/4 214"));
  EXPECT_EQ(d.ended()[1].start.pos, get("/0").size());
  EXPECT_EQ(d.ended()[4].start.stamp.time, 9000u);
  EXPECT_EQ(d.ended()[4].outcome.end_time, 10000u);
  d.finish();
}

TEST(Http1, EndIsTheLastByteOfTheBodyNotOfTheHead) {
  SessionDriver d(kProtocol);
  d.request(kGet)
      .response("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n")
      .response("ab")
      .response("cd");
  EXPECT_EQ(d.only().outcome.end_time, 4000u);
}

TEST(Http1, BeginIsTheFirstByteThoughTheHeadComesLater) {
  SessionDriver d(kProtocol);
  d.request("GET / HT").request("TP/1.1\r\nHo").request("st: x\r\n\r\n").response(kOk);
  EXPECT_EQ(d.only().start.stamp.time, 1000u);
}

TEST(Http1, OneByteReads) {
  SessionDriver d(kProtocol);
  d.request(get("/one/byte"), 1).response(kOk, 1);
  EXPECT_THAT(pairs(d), ElementsAre("/one/byte 200"));
}

TEST(Http1, JoinedMidConnection) {
  SessionDriver d(kProtocol);
  d.joined_late();
  d.request("rest of a body").response(kOk).request(get("/next")).response(answer(201, ""));
  EXPECT_THAT(pairs(d), ElementsAre("/next 201"));
  EXPECT_EQ(d.abandoned(), 0u);
}

TEST(Http1, JoinedBetweenRequestAndResponse) {
  SessionDriver d(kProtocol);
  d.response("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");  // perhaps to a HEAD
  d.request(get("/next")).response(answer(404, "no"));
  EXPECT_THAT(pairs(d), ElementsAre("/next 404"));
  EXPECT_EQ(d.told().size(), 1u);
}

TEST(Http1, JoinedWithinAResponseHead) {
  SessionDriver d(kProtocol);
  d.response("HTTP/1.1 200 OK\r\nContent-Le").request(get("/a")).response("ngth: 0\r\n\r\n");
  d.response(answer(500, "")).request(get("/b")).response(answer(201, ""));
  EXPECT_THAT(pairs(d), ElementsAre("/b 201"));
}

TEST(Http1, TraceparentAnywhereInTheHead) {
  const std::string parent =
      "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n";
  for (const size_t filler : {0u, 1000u, 8000u, 60000u}) {
    const std::string head = "GET / HTTP/1.1\r\nX-Filler: " + std::string(filler, 'f') + "\r\n" +
                             parent + "TraceState: a=1\r\nHost: x\r\ntRaCeStAtE: b=2\r\n\r\n";
    for (const size_t piece : {SIZE_MAX, size_t{4096}, size_t{37}}) {
      SessionDriver d(kProtocol);
      d.request(head, piece).response(kOk);
      const Told told = d.only();
      ASSERT_TRUE(told.context) << filler << " " << piece;
      EXPECT_EQ(told.context->parent.hex(), "b7ad6b7169203331");
      EXPECT_EQ(told.context->trace_state, "a=1,b=2");
    }
  }
}

TEST(Http1, HeadersThatOnlyResembleTraceparentAreIgnored) {
  for (const char* name : {"trace-parent", "trace.parent", "traceparents", "xtraceparent"}) {
    SessionDriver d(kProtocol);
    d.request(
        "GET / HTTP/1.1\r\n" + std::string(name) +
        ": 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\ntrace-state: a=1\r\n\r\n");
    d.response(kOk);
    EXPECT_TRUE(d.only().head);
    EXPECT_FALSE(d.only().context) << name;
  }
}

TEST(Http1, HeadIsToldBeforeTheBodyIsThere) {
  SessionDriver d(kProtocol);
  d.request("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n");
  ASSERT_EQ(d.told().size(), 1u);
  EXPECT_TRUE(d.told()[0].head);
}

TEST(Http1, HeadsOf64KiBAreReadAndLongerOnesAsFarAsThat) {
  const auto with_head = [](size_t total) {
    const std::string frame = "GET / HTTP/1.1\r\nX: \r\n\r\n";
    return "GET / HTTP/1.1\r\nX: " + std::string(total - frame.size(), 'x') + "\r\n\r\n";
  };
  for (const size_t piece : {SIZE_MAX, size_t{1000}}) {
    SessionDriver fits(kProtocol);
    fits.request(with_head(kMaxHead), piece).response(kOk);
    EXPECT_EQ(fits.ended().size(), 1u);
    SessionDriver beyond(kProtocol);
    beyond.request(with_head(kMaxHead + 100), piece).response(kOk);
    EXPECT_EQ(beyond.ended().size(), 1u);
    beyond.request(get("/next")).response(kOk);
    EXPECT_THAT(pairs(beyond), ElementsAre("/ 200", "/next 200"));
  }
}

TEST(Http1, EndlessRequestLineHasNoPath) {
  SessionDriver d(kProtocol);
  d.request("GET /" + std::string(kMaxHead + 10, 'a'), 5000);
  d.response(answer(414, ""));
  d.request(get("/next")).response(kOk);
  EXPECT_THAT(pairs(d), ElementsAre(" 414", "/next 200"));
}

TEST(Http1, EndlessResponseHeadTellsItsStatus) {
  SessionDriver d(kProtocol);
  d.request(kGet).response("HTTP/1.1 200 OK\r\nX: " + std::string(kMaxHead, 'x') + "\r\n\r\n",
                           5000);
  d.request(get("/next")).response(kOk);
  EXPECT_THAT(pairs(d), ElementsAre("/ 200", "/next 200"));
}

struct BodyCase {
  const char* name;
  std::string request;
  std::string response;
};

// Each conversation is one exchange that ends with the last byte of its response, and
// the connection stays in step after it.
class Conversation : public testing::TestWithParam<BodyCase> {};

TEST_P(Conversation, EndsWhereItEnds) {
  const auto& [name, request, response] = GetParam();
  SessionDriver d(kProtocol);
  d.request(request).response(response.substr(0, response.size() - 1));
  EXPECT_EQ(d.ended().size(), 0u) << "not before the last byte";
  d.response(response.substr(response.size() - 1));
  EXPECT_EQ(d.ended().size(), 1u);
  d.request(get("/next")).response(answer(418, ""));
  ASSERT_EQ(d.ended().size(), 2u);
  EXPECT_EQ(pairs(d)[1], "/next 418");
  EXPECT_EQ(d.abandoned(), 0u);
  d.finish();
}

const std::string kChunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

INSTANTIATE_TEST_SUITE_P(
    Framing, Conversation,
    testing::Values(
        BodyCase{"empty", kGet, answer(200, "")}, BodyCase{"sized", kGet, answer(200, "hello")},
        BodyCase{"chunked", kGet, kChunked + "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"},
        BodyCase{"chunk_extensions", kGet, kChunked + "5;a=b;c=\"d\"\r\nhello\r\n0;last\r\n\r\n"},
        BodyCase{"chunk_blank_after_size", kGet, kChunked + "5 \r\nhello\r\n0\r\n\r\n"},
        BodyCase{"chunk_upper_hex", kGet, kChunked + "A\r\n0123456789\r\n00\r\n\r\n"},
        BodyCase{"chunk_leading_zeros", kGet, kChunked + "0005\r\nhello\r\n000\r\n\r\n"},
        BodyCase{"chunk_bare_lf", kGet, kChunked + "5\nhello\n0\n\n"},
        BodyCase{"trailers", kGet, kChunked + "2\r\nok\r\n0\r\nX-A: 1\r\nX-B: 2\r\n\r\n"},
        BodyCase{"chunked_request",
                 "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
                 answer(200, "x")},
        BodyCase{"gzip_chunked", kGet,
                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nzz\r\n0\r\n\r\n"},
        BodyCase{"two_codings_two_fields", kGet,
                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: "
                 "Chunked\r\n\r\n0\r\n\r\n"},
        BodyCase{"length_and_chunked", kGet,
                 "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: "
                 "chunked\r\n\r\n6\r\nabcdef\r\n0\r\n\r\n"},
        BodyCase{"length_and_chunked_request",
                 "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: "
                 "4\r\n\r\n5\r\nGET /\r\n0\r\n\r\n",
                 answer(200, "x")},
        BodyCase{"chunked_on_1_0", kGet,
                 "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"},
        BodyCase{"equal_lengths", kGet,
                 "HTTP/1.1 200 OK\r\nContent-Length: 2\r\ncontent-length: 2\r\n\r\nok"},
        BodyCase{"equal_lengths_in_a_list", kGet,
                 "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok"},
        BodyCase{"head", "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n",
                 "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"},
        BodyCase{"head_chunked", "HEAD / HTTP/1.1\r\n\r\n", kChunked},
        BodyCase{"no_content", kGet, "HTTP/1.1 204 No Content\r\n\r\n"},
        BodyCase{"not_modified", kGet, "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n"},
        BodyCase{"no_reason", kGet, "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"},
        BodyCase{"continue",
                 "POST / HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc",
                 "HTTP/1.1 100 Continue\r\n\r\n" + answer(200, "y")},
        BodyCase{"early_hints", kGet,
                 "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 7\r\n\r\n" +
                     answer(200, "y")},
        BodyCase{"chain_of_1xx", kGet,
                 "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early "
                 "Hints\r\n\r\n"
                 "HTTP/1.1 103 Early Hints\r\n\r\n" +
                     answer(200, "y")},
        BodyCase{"bare_lf", "GET / HTTP/1.1\nHost: x\n\n",
                 "HTTP/1.1 200 OK\nContent-Length: 2\n\nok"},
        BodyCase{"obs_fold",
                 "POST / HTTP/1.1\r\nX: a\r\n b\r\n\tc\r\nContent-Length:\r\n 3\r\n\r\nabc",
                 "HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n\tchunked\r\n\r\n0\r\n\r\n"},
        BodyCase{"blank_lines_between", "\r\n\r\nGET / HTTP/1.1\r\n\r\n",
                 "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
        BodyCase{"field_without_colon", "GET / HTTP/1.1\r\nnonsense\r\nHost: x\r\n\r\n",
                 answer(200, "y")},
        BodyCase{"no_fields", "GET / HTTP/1.0\r\n\r\n", answer(200, "y")},
        BodyCase{"connect_refused", "CONNECT a:443 HTTP/1.1\r\n\r\n", answer(407, "no")},
        BodyCase{"upgrade_ignored", "GET / HTTP/1.1\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
                 answer(200, "y")},
        BodyCase{"refused_length",
                 "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
                 answer(400, "no")}),
    [](const auto& each) { return each.param.name; });

TEST(Http1, CloseDelimitedBodyEndsWithTheConnection) {
  for (const char* head :
       {"HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"}) {
    SessionDriver d(kProtocol);
    d.request(kGet).response(head).response("abc").response(
        "HTTP/1.1 500 part of the body\r\n\r\n");
    d.response_gap(1000);
    EXPECT_EQ(d.ended().size(), 0u);
    d.close(kResponse);
    EXPECT_EQ(d.only().outcome.end_time, 5000u) << "its last byte, not the close";
    EXPECT_FALSE(d.only().outcome.error);
    d.finish();
  }
}

TEST(Http1, EventStreamEndsAtItsEnd) {
  SessionDriver d(kProtocol);
  d.request(kGet).response(
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 100; ++i) d.response("9\r\ndata: x\n\n\r\n");
  EXPECT_EQ(d.ended().size(), 0u);
  d.response("0\r\n\r\n");
  EXPECT_EQ(d.only().outcome.end_time, 103000u);
}

TEST(Http1, EightPipelinedRequestsInOneWrite) {
  std::string requests;
  std::string responses;
  for (int i = 0; i < 8; ++i) {
    requests += get("/" + std::to_string(i));
    responses += answer(210 + i, std::string(static_cast<size_t>(i), 'b'));
  }
  for (size_t piece = 1; piece < responses.size(); piece += 7) {
    SessionDriver d(kProtocol);
    d.request(requests).response(responses, piece);
    EXPECT_THAT(pairs(d), ElementsAre("/0 210", "/1 211", "/2 212", "/3 213", "/4 214", "/5 215",
                                      "/6 216", "/7 217"));
    d.finish();
  }
}

TEST(Http1, PipeliningAcrossTurns) {
  SessionDriver d(kProtocol);
  d.request(get("/a") + get("/b")).response(answer(201, "x")).request(get("/c"));
  d.response(answer(202, "x") + answer(203, "x"));
  EXPECT_THAT(pairs(d), ElementsAre("/a 201", "/b 202", "/c 203"));
}

TEST(Http1, PipeliningBeyondTheBoundIsAbandonedAndStaysInStep) {
  SessionDriver d(kProtocol);
  std::string requests;
  std::string responses;
  for (int i = 0; i < 130; ++i) {
    requests += get("/" + std::to_string(i));
    responses += answer(310 + i, "x");
  }
  d.request(requests).response(responses);
  EXPECT_EQ(d.ended().size(), 128u);
  EXPECT_EQ(d.abandoned(), 2u);
  ASSERT_EQ(pairs(d).size(), 128u);
  EXPECT_EQ(pairs(d)[127], "/127 437");
  d.request(get("/after")).response(kOk);
  EXPECT_EQ(pairs(d).back(), "/after 200");
}

TEST(Http1, EarlyResponseWhileTheRequestBodyIsStillComing) {
  SessionDriver d(kProtocol);
  d.request("POST /big HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc").response(answer(413, "no"));
  EXPECT_THAT(pairs(d), ElementsAre("/big 413"));
  d.request("defghij").request(get("/next")).response(kOk);
  EXPECT_THAT(pairs(d), ElementsAre("/big 413", "/next 200"));
}

TEST(Http1, RefusalOfAnIncompleteHead) {
  SessionDriver d(kProtocol);
  d.request("GET /slow HTTP/1.1\r\nHost: x\r\n").response(answer(408, "")).close(kResponse);
  EXPECT_THAT(pairs(d), ElementsAre("/slow 408"));
  EXPECT_FALSE(d.only().head);
}

TEST(Http1, SuccessToAnIncompleteHeadIsNotBelieved) {
  SessionDriver d(kProtocol);
  d.request("GET /slow HTTP/1.1\r\nHost: x\r\n").response(kOk);
  EXPECT_THAT(pairs(d), IsEmpty());
  EXPECT_EQ(d.abandoned(), 1u);
}

TEST(Http1, ConnectTunnelEndsAtTheHeadAndIsOpaque) {
  SessionDriver d(kProtocol);
  d.request("CONNECT db:443 HTTP/1.1\r\nHost: db:443\r\n\r\n")
      .response("HTTP/1.1 200 Connected\r\n\r\n");
  EXPECT_EQ(d.over(), ParseStatus::kDone);
  EXPECT_EQ(d.only().outcome.name, "CONNECT");
  EXPECT_EQ(d.only().outcome.end_time, 2000u);
  d.request(kGet).response(kOk).finish();
  EXPECT_EQ(d.told().size(), 1u);
}

TEST(Http1, UpgradesEndAtTheHeadAndAreOpaque) {
  for (const char* to : {"websocket", "h2c"}) {
    SessionDriver d(kProtocol);
    d.request("GET /chat HTTP/1.1\r\nUpgrade: " + std::string(to) +
              "\r\nConnection: Upgrade\r\n\r\n");
    d.response("HTTP/1.1 101 Switching Protocols\r\nUpgrade: " + std::string(to) +
               "\r\n\r\n\x81\x05hello");
    EXPECT_EQ(d.over(), ParseStatus::kDone);
    EXPECT_THAT(pairs(d), ElementsAre("/chat 101"));
    d.request("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").finish();
  }
}

TEST(Http1, AnyMethodToken) {
  for (const char* method : {"PROPFIND", "QUERY", "get", "M-SEARCH", "x!y", "A"}) {
    SessionDriver d(kProtocol);
    d.request(std::string(method) + " /m HTTP/1.1\r\nHost: x\r\n\r\n", 1).response(kOk);
    EXPECT_THAT(pairs(d), ElementsAre("/m 200")) << method;
  }
}

TEST(Http1, TransferEncodingThatIsNotChunkedLast) {
  // The request's end is unknown (RFC 9112 §6.3): a server refuses it. Nothing in the rest is
  // mistaken for a request.
  SessionDriver d(kProtocol);
  d.request(
      "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n");
  d.response("HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("/x 400"));
  d.request(get("/next")).response(kOk);
  EXPECT_THAT(pairs(d), ElementsAre("/x 400", "/next 200"));
}

TEST(Http1, GarbageIsNeverASpan) {
  for (const std::string& bytes :
       {std::string("\x16\x03\x01\x02\x00", 5), std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        std::string("GET /\r\n"), std::string("GET key\r\n"), std::string("GET / HTTP/0.9\r\n\r\n"),
        std::string("*1\r\n$4\r\nPING\r\n"), std::string("hello world\r\n"),
        std::string("GET / HTTP/1.x\r\n\r\n"), std::string("GET /\x01 HTTP/1.1\r\n\r\n"),
        std::string("G\xc3\xa9T / HTTP/1.1\r\n\r\n"), std::string(1000, '\xff')}) {
    SessionDriver d(kProtocol);
    d.request(bytes).response(bytes).finish();
    EXPECT_EQ(d.ended().size(), 0u) << bytes;
  }
}

TEST(Http1, DirectionsSwapped) {
  SessionDriver d(kProtocol);
  for (int i = 0; i < 3; ++i) d.response(kGet).request(kOk);
  d.finish();
  EXPECT_EQ(d.told().size(), 0u);
}

TEST(Http1, ConnectionRecoversFromGarbage) {
  SessionDriver d(kProtocol);
  d.request("garbage\r\n").response("garbage\r\n").request(get("/a")).response(kOk);
  EXPECT_THAT(pairs(d), ElementsAre("/a 200"));
}

TEST(Http1, GarbageForAResponseAbandonsTheRequest) {
  SessionDriver d(kProtocol);
  d.request(kGet).response("<html>HTTP/0.9</html>");
  EXPECT_EQ(d.abandoned(), 1u);
  d.request(get("/a")).response(kOk);
  EXPECT_THAT(pairs(d), ElementsAre("/a 200"));
}

}  // namespace
}  // namespace weft::protocol::http1
