// SPDX-License-Identifier: Apache-2.0
// Responses that come before the request has ended, truncated heads, and bytes that are no request.
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

const std::string kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::string post(const std::string& path, size_t length) {
  return "POST " + path + " HTTP/1.1\r\nContent-Length: " + std::to_string(length) +
         "\r\nExpect: 100-continue\r\n\r\n";
}

std::string refused(int code, bool close) {
  return "HTTP/1.1 " + std::to_string(code) + " No\r\n" + (close ? "Connection: close\r\n" : "") +
         "Content-Length: 2\r\n\r\nno";
}

Value attribute(const Told& told, Key key) {
  const Value* value = told.outcome.attributes.find(key);
  return value ? *value : Value("absent");
}

// ---- after an early response ----

// Each body is the part that is sent after the response; the next request follows it.
struct EarlyCase {
  const char* name;
  std::string head;
  std::string before;  // part of the body sent before the response
  std::string after;
};

class Http1Early : public testing::TestWithParam<EarlyCase> {};

const std::string kChunkedHead = "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
const std::string kRequestText = "GET /fake HTTP/1.1\r\nHost: x\r\n\r\n";

INSTANTIATE_TEST_SUITE_P(
    Bodies, Http1Early,
    testing::Values(EarlyCase{"left_out", post("/a", 5000), "", ""},
                    EarlyCase{"left_out_shorter_than_a_line", post("/a", 3), "", ""},
                    EarlyCase{"left_out_chunked", kChunkedHead, "", ""},
                    EarlyCase{"stopped_within", post("/a", 5000), "abc", ""},
                    EarlyCase{"stopped_within_a_chunk", kChunkedHead, "100\r\nabc", ""},
                    EarlyCase{"sent_all_the_same", post("/a", 500), "", std::string(500, 'b')},
                    EarlyCase{"sent_short", post("/a", 3), "", "abc"},
                    EarlyCase{"sent_like_a_method", post("/a", 3), "", "ABC"},
                    EarlyCase{"sent_words", post("/a", 11), "", "hello world"},
                    EarlyCase{"sent_lines", post("/a", 12), "", "\r\n\r\nab\r\ncd\r\n"},
                    EarlyCase{"sent_the_rest", post("/a", 500), "abc", std::string(497, 'b')},
                    EarlyCase{"sent_chunked", kChunkedHead, "", "3\r\nabc\r\n0\r\n\r\n"},
                    EarlyCase{"sent_rest_of_a_chunk", kChunkedHead, "3\r\na", "bc\r\n0\r\n\r\n"},
                    EarlyCase{"ended_early_chunked", kChunkedHead, "3\r\nabc\r\n", "0\r\n\r\n"}),
    [](const auto& each) { return each.param.name; });

TEST_P(Http1Early, AnswerIsFollowedByTheRestOrTheNextRequest) {
  const EarlyCase& c = GetParam();
  for (const Role role : {Role::kServer, Role::kClient}) {
    for (const int code : {417, 401, 413, 500, 200, 307}) {
      for (const bool interim : {false, true}) {
        for (const bool close : {false, true}) {
          for (const size_t piece : {SIZE_MAX, size_t{1}, size_t{7}}) {
            SessionDriver d(kProtocol, as(role));
            d.request(c.head + c.before, piece);
            d.response((interim ? "HTTP/1.1 102 P\r\n\r\n" : "") + refused(code, close), piece);
            d.request(c.after + get("/b"), piece).response(answer(201, ""));
            d.request(get("/c")).response(answer(202, "")).request(get("/d"));
            d.response(answer(203, "")).finish();
            ASSERT_THAT(pairs(d),
                        ElementsAre("/a " + std::to_string(code), "/b 201", "/c 202", "/d 203"))
                << code << " interim " << interim << " piece " << piece;
            ASSERT_EQ(d.abandoned(), 0u);
          }
        }
      }
    }
  }
}

// A body that looks like a request: nothing of it is reported, whatever else is lost.
TEST(Http1EarlyBody, ThatReadsLikeARequestIsNeverTold) {
  for (const std::string& before : {std::string(), std::string("start of it ")}) {
    for (const std::string& fill :
         {std::string(), std::string(700, 'b'), kRequestText + kRequestText}) {
      const std::string body = kRequestText + fill;
      for (const size_t piece : {SIZE_MAX, size_t{1}, size_t{40}}) {
        SessionDriver d(kProtocol);
        d.request(post("/a", before.size() + body.size()) + before).response(refused(413, false));
        d.request(body + get("/b"), piece).response(answer(201, ""));
        d.request(get("/c")).response(answer(202, "")).finish();
        for (const std::string& told : pairs(d)) {
          ASSERT_THAT((std::vector<std::string>{"/a 413", "/b 201", "/c 202"}),
                      testing::Contains(told))
              << before.size() << " " << fill.size() << " " << piece;
        }
        ASSERT_EQ(pairs(d).front(), "/a 413");
        ASSERT_EQ(pairs(d).back(), "/c 202");
      }
    }
  }
}

TEST(Http1EarlyBody, ThatIsNotAnsweredAgainIsNeverTold) {
  SessionDriver d(kProtocol);
  d.request(post("/a", 500)).response(refused(413, true)).request(kRequestText).finish();
  EXPECT_THAT(pairs(d), ElementsAre("/a 413"));
  EXPECT_EQ(d.abandoned(), 1u);
}

// The first request is refused and repeated at once, with its body, which is longer than the cap.
TEST(Http1EarlyBody, RepeatedRequestWithItsBodyUnseen) {
  SessionDriver d(kProtocol);
  const std::string again = "PUT /a HTTP/1.1\r\nContent-Length: 2000000\r\n\r\n";
  d.request(post("/a", 2000000)).response(refused(417, false));
  d.request(again + std::string(100, 'b')).request_gap(1999900).response(answer(200, ""));
  d.request(get("/b")).response(answer(201, "")).finish();
  EXPECT_THAT(pairs(d), ElementsAre("/a 417", "/a 200", "/b 201"));
}

TEST(Http1EarlyBody, OfAHeadThatIsNotComplete) {
  for (const std::string& head : {std::string("POST /a HTTP/1.1\r\nX: y\r\n"),
                                  std::string("POST /a HTTP/1.1\r\nX: y\r\nCookie: half a line")}) {
    SessionDriver d(kProtocol);
    d.request(head).response(refused(431, false)).request(get("/b")).response(answer(201, ""));
    EXPECT_THAT(pairs(d), ElementsAre("/a 431", "/b 201"));
  }
}

TEST(Http1EarlyBody, OfALineThatIsNotComplete) {
  SessionDriver d(kProtocol);
  d.request("GET /a HT").response(refused(408, false)).request(get("/b"));
  d.response(answer(201, ""));
  EXPECT_THAT(pairs(d), ElementsAre("/a 408", "/b 201"));
}

TEST(Http1EarlyBody, AfterALostAnswerIsLookedFor) {
  SessionDriver d(kProtocol);
  d.request(post("/a", 5000)).lose(kResponse, refused(417, false));
  d.request(get("/b")).response(answer(201, "")).request(get("/c")).response(answer(202, ""));
  EXPECT_THAT(pairs(d), ElementsAre("/b 201", "/c 202"));
}

TEST(Http1EarlyBody, AfterALostContinueIsTheBody) {
  SessionDriver d(kProtocol);
  d.request(post("/a", 5)).lose(kResponse, kContinue).request("hello").response(answer(200, ""));
  d.request(get("/b")).response(answer(201, ""));
  EXPECT_THAT(pairs(d), ElementsAre("/a 200", "/b 201"));
}

// ---- truncated heads ----

TEST(Http1Cut, RequestLineTellsWhatIsWhole) {
  for (const Role role : {Role::kServer, Role::kClient}) {
    for (const int code : {200, 400, 414, 431}) {
      SessionDriver d(kProtocol, as(role));
      d.request("GET /a?q=" + std::string(16000, 'x')).request_gap(20000);
      d.response(answer(code, "")).request(get("/b")).response(answer(201, ""));
      ASSERT_EQ(d.ended().size(), 2u);
      const Told told = d.ended()[0];
      EXPECT_EQ(pair(told), "/a " + std::to_string(code));
      EXPECT_EQ(told.outcome.name, "GET");
      EXPECT_EQ(attribute(told, semconv::kUrlQuery), Value("absent"));
      EXPECT_EQ(attribute(told, semconv::kUrlFull), Value("absent"));
      const std::string missing = role == Role::kServer ? "url.query" : "url.full";
      EXPECT_EQ(attribute(told, semconv::kWeftTruncated), Value(std::vector<std::string>{missing}));
    }
  }
}

TEST(Http1Cut, PathIsNoPath) {
  SessionDriver d(kProtocol);
  d.request("DELETE /" + std::string(16000, 'x')).request_gap(20000).response(answer(414, ""));
  EXPECT_EQ(pair(d.only()), " 414");
  EXPECT_EQ(d.only().outcome.name, "DELETE");
  EXPECT_EQ(attribute(d.only(), semconv::kWeftTruncated),
            Value(std::vector<std::string>{"url.path", "url.query"}));
}

TEST(Http1Cut, LineThatIsNoRequestForSureIsNothing) {
  for (const char* begin : {"GET ", "GET key", "get /a", "hello there", "G /a"}) {
    SessionDriver d(kProtocol);
    d.request(begin).request_gap(5000).response(answer(414, "")).finish();
    EXPECT_THAT(d.ended(), IsEmpty()) << begin;
  }
}

TEST(Http1Cut, RequestHeadOfAClientWithoutItsHostHasNoUrl) {
  SessionDriver d(kProtocol, as(Role::kClient));
  d.request("GET /a HTTP/1.1\r\nCookie: ").request_gap(20000).response(answer(200, ""));
  EXPECT_EQ(pair(d.only()), "/a 200");
  EXPECT_EQ(attribute(d.only(), semconv::kUrlFull), Value("absent"));
}

TEST(Http1Cut, ResponseHeadTellsItsStatus) {
  for (const Role role : {Role::kServer, Role::kClient}) {
    SessionDriver d(kProtocol, as(role));
    const std::string head = "HTTP/1.1 302 Found\r\nContent-Length: 100\r\nSet-Cookie: ";
    for (int i = 0; i < 3; ++i) {
      d.request(get("/" + std::to_string(i)));
      d.response(head + std::string(4000, 'c')).response_gap(20000).response("end of the body");
    }
    d.request(get("/3")).response(answer(203, ""));
    d.request(get("/4")).response(head + std::string(4000, 'c')).response_gap(20000);
    d.close(kResponse).finish();
    if (role == Role::kServer) {
      EXPECT_THAT(pairs(d), ElementsAre("/0 302", "/1 302", "/2 302", "/3 203", "/4 302"));
    }
    EXPECT_EQ(d.ended().size(), 5u);
    EXPECT_EQ(d.ended()[4].outcome.error, false);
    EXPECT_EQ(d.abandoned(), 0u);
  }
}

TEST(Http1Cut, ResponseHeadAmongPipelinedOnesTellsItsOwn) {
  SessionDriver d(kProtocol);
  d.request(get("/a") + get("/b")).response("HTTP/1.1 201 X\r\nA: ").response_gap(9000);
  d.response(answer(202, "")).request(get("/c")).response(answer(203, ""));
  EXPECT_THAT(pairs(d), ElementsAre("/a 201"));
  EXPECT_EQ(d.abandoned(), 1u);
}

// ---- what is no request ----

TEST(Http1Malformed, RefusedIsAnExchangeOfAnotherMethod) {
  for (const Role role : {Role::kServer, Role::kClient}) {
    for (const char* bytes : {"GET / HTTP/9.9\r\n\r\n", "GET\r\n\r\n", "\x16\x03\x01\r\n",
                              "GET / http/1.1\r\n\r\n", "=\r\n"}) {
      SessionDriver d(kProtocol, as(role));
      d.request(get("/a")).response(answer(200, ""));
      d.request(bytes).response(answer(400, "bad")).request(get("/b")).response(answer(201, ""));
      ASSERT_EQ(d.ended().size(), 3u) << bytes;
      const Told told = d.ended()[1];
      EXPECT_EQ(told.outcome.name, "HTTP");
      EXPECT_EQ(attribute(told, semconv::kHttpRequestMethod), Value("_OTHER"));
      EXPECT_EQ(attribute(told, semconv::kHttpResponseStatusCode), Value(int64_t{400}));
      EXPECT_EQ(attribute(told, semconv::kHttpRequestMethodOriginal), Value("absent"));
      EXPECT_EQ(attribute(told, semconv::kUrlPath), Value("absent"));
      EXPECT_EQ(attribute(told, semconv::kUrlFull), Value("absent"));
      EXPECT_EQ(attribute(told, semconv::kNetworkProtocolVersion),
                role == Role::kServer ? Value("absent") : Value("1.1"));
    }
  }
}

TEST(Http1Malformed, AnythingElseIsNothing) {
  SessionDriver d(kProtocol);
  d.request(get("/a")).response(answer(200, "")).request("=\r\n").response(answer(200, ""));
  d.request(get("/b")).response(answer(201, "")).request("=\r\n").close(kRequest).finish();
  EXPECT_THAT(pairs(d), ElementsAre("/a 200", "/b 201"));
}

TEST(Http1Malformed, HeadersLeaveTheirRequestWhatItIs) {
  SessionDriver d(kProtocol);
  d.request("GET /a HTTP/1.1\r\n=\x01 nonsense\r\n: \r\n\r\n").response(answer(400, ""));
  EXPECT_THAT(pairs(d), ElementsAre("/a 400"));
}

TEST(Http1Malformed, StatusLineInLowerCaseIsOne) {
  for (const size_t piece : {SIZE_MAX, size_t{1}}) {
    SessionDriver d(kProtocol);
    d.request(get("/a")).response("http/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", piece);
    d.request(get("/b")).response("Http/1.0 404 No\r\nContent-Length: 0\r\n\r\n", piece);
    EXPECT_THAT(pairs(d), ElementsAre("/a 200", "/b 404"));
  }
}

}  // namespace
}  // namespace weft::protocol::http1
