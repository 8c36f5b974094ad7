// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/http1/sniff.h"

#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <string>
#include <string_view>

namespace weft::protocol::http1 {
namespace {

// From a heap block of exactly n bytes, so that a sanitizer sees a read past the end.
int sniff(std::string_view bytes) {
  const auto copy = std::make_unique<unsigned char[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), copy.get());
  return weft_sniff_http1(copy.get(), static_cast<unsigned>(bytes.size()));
}

struct Case {
  std::string bytes;
  int result;
};

class Sniff : public testing::TestWithParam<Case> {};

TEST_P(Sniff, Result) {
  const auto& [bytes, result] = GetParam();
  EXPECT_EQ(sniff(bytes), result) << bytes;
  const std::string padded = bytes.size() >= WEFT_SNIFF_LEN ? bytes + " more" : bytes;
  EXPECT_EQ(sniff(padded), result) << "bytes beyond the window do not matter";
}

INSTANTIATE_TEST_SUITE_P(
    Requests, Sniff,
    testing::Values(
        Case{"GET / HTTP/1.1\r\n", WEFT_SNIFF_REQUEST}, Case{"GET /", WEFT_SNIFF_REQUEST},
        Case{"GET / http/1.1\r\n", WEFT_SNIFF_REQUEST},
        Case{"POST /a/long/path/that/goes/on", WEFT_SNIFF_REQUEST},
        Case{"DELETE http://x/ HTTP/1.1", WEFT_SNIFF_REQUEST},
        Case{"GET https://example.com/index.html HTTP/1.1", WEFT_SNIFF_REQUEST},
        Case{"OPTIONS * HTTP/1.1\r\n", WEFT_SNIFF_REQUEST},
        Case{"CONNECT example.com:443 HTTP/1.1", WEFT_SNIFF_REQUEST},
        Case{"CONNECT [::1]:443 HTTP/1.1", WEFT_SNIFF_REQUEST},
        Case{"PROPFIND /dav HTTP/1.1", WEFT_SNIFF_REQUEST},
        Case{"QUERY /q HTTP/1.0\r\n", WEFT_SNIFF_REQUEST},
        Case{"M-SEARCH * HTTP/1.1", WEFT_SNIFF_REQUEST},
        Case{"VERSION-CONTROL /x HTTP/1.1", WEFT_SNIFF_REQUEST},
        Case{"get / HTTP/1.1", WEFT_SNIFF_REQUEST}, Case{"x-y_z!1 / HTTP/1.1", WEFT_SNIFF_REQUEST},
        Case{"HEAD / HTTP/1.1", WEFT_SNIFF_REQUEST}, Case{"HTTP / HTTP/1.1", WEFT_SNIFF_REQUEST},
        Case{"GET /caf\xc3\xa9 HTTP/1.1", WEFT_SNIFF_REQUEST},
        Case{"get /a/path/beyond/the/window", WEFT_SNIFF_REQUEST},
        Case{"Custom-Method /beyond/the/window", WEFT_SNIFF_REQUEST},
        Case{"get http://a.example/beyond/the", WEFT_SNIFF_REQUEST}));

// RFC 9112 §2.2: a server ignores an empty line before a request.
INSTANTIATE_TEST_SUITE_P(
    BehindLineEnds, Sniff,
    testing::Values(Case{"\r\nGET / HTTP/1.1\r\n", WEFT_SNIFF_REQUEST},
                    Case{"\nGET / HTTP/1.1\r\n", WEFT_SNIFF_REQUEST},
                    Case{"\r\n\r\nPOST /a HTTP/1.1\r\n", WEFT_SNIFF_REQUEST},
                    Case{"\r\nHTTP/1.1 200 OK\r\n", WEFT_SNIFF_RESPONSE},
                    Case{"\r\nCONNECT a.example:443 HTTP/1.1", WEFT_SNIFF_REQUEST},
                    Case{"\r\n\r\nCONNECT a.example:443", WEFT_SNIFF_NO},
                    Case{"\r\nget /a/path/beyond/the/window", WEFT_SNIFF_REQUEST},
                    Case{"\r", WEFT_SNIFF_MAYBE}, Case{"\r\n", WEFT_SNIFF_MAYBE},
                    Case{"\r\nGE", WEFT_SNIFF_MAYBE}, Case{"\r\nHTTP/1.", WEFT_SNIFF_MAYBE},
                    Case{"\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n", WEFT_SNIFF_MAYBE},
                    Case{"\r\nPING\r\n", WEFT_SNIFF_NO}, Case{"\r\n GET / HTTP/1.1", WEFT_SNIFF_NO},
                    Case{"\r\nGET \r\n", WEFT_SNIFF_NO}, Case{"\r\n220 mx.example", WEFT_SNIFF_NO},
                    Case{std::string("\r\n\r\n\0\r\nQUIT\n!\x11\0\x0c", 16), WEFT_SNIFF_NO}));

INSTANTIATE_TEST_SUITE_P(Responses, Sniff,
                         testing::Values(Case{"HTTP/1.1 200 OK\r\n", WEFT_SNIFF_RESPONSE},
                                         Case{"HTTP/1.0 404 Not Found", WEFT_SNIFF_RESPONSE},
                                         Case{"http/1.1 200 OK\r\n", WEFT_SNIFF_RESPONSE},
                                         Case{"HTTP/1.1 100\r\n", WEFT_SNIFF_RESPONSE},
                                         Case{"HTTP/1.1 20", WEFT_SNIFF_MAYBE},
                                         Case{"HTTP/2.0 200 OK", WEFT_SNIFF_NO},
                                         Case{"HTTP/1.1 2x0 OK", WEFT_SNIFF_NO},
                                         Case{"HTTP/1.1\t200 OK", WEFT_SNIFF_NO},
                                         Case{"ICY 200 OK\r\n", WEFT_SNIFF_NO}));

INSTANTIATE_TEST_SUITE_P(TooFewToSay, Sniff,
                         testing::Values(Case{"", WEFT_SNIFF_MAYBE}, Case{"G", WEFT_SNIFF_MAYBE},
                                         Case{"GET", WEFT_SNIFF_MAYBE},
                                         Case{"GET ", WEFT_SNIFF_MAYBE},
                                         Case{"H", WEFT_SNIFF_MAYBE},
                                         Case{"HTTP", WEFT_SNIFF_MAYBE},
                                         Case{"GET http:/", WEFT_SNIFF_MAYBE},
                                         Case{"get /a/path/before/the", WEFT_SNIFF_MAYBE},
                                         Case{"0032git-upload-pack /project", WEFT_SNIFF_MAYBE},
                                         Case{"OPTIONS * HTTP/", WEFT_SNIFF_MAYBE}));

INSTANTIATE_TEST_SUITE_P(
    OtherProtocols, Sniff,
    testing::Values(
        Case{std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), WEFT_SNIFF_NO},
        Case{std::string("\x17\x03\x03\x00\x45", 5), WEFT_SNIFF_NO},
        Case{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", WEFT_SNIFF_NO},
        Case{"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n", WEFT_SNIFF_NO}, Case{"+OK\r\n", WEFT_SNIFF_NO},
        Case{"-ERR unknown command", WEFT_SNIFF_NO}, Case{"$5\r\nhello\r\n", WEFT_SNIFF_NO},
        Case{"PING\r\n", WEFT_SNIFF_NO}, Case{"GET key\r\n", WEFT_SNIFF_NO},
        Case{"GET user:1\r\n", WEFT_SNIFF_NO}, Case{"SET k v\r\n", WEFT_SNIFF_NO},
        Case{"GET /key\r\n", WEFT_SNIFF_NO}, Case{"get k\r\n", WEFT_SNIFF_NO},
        Case{"set k 0 0 5\r\nhello\r\n", WEFT_SNIFF_NO}, Case{"VALUE k 0 5\r\n", WEFT_SNIFF_NO},
        Case{"HELO example.com\r\n", WEFT_SNIFF_NO}, Case{"EHLO [1.2.3.4]\r\n", WEFT_SNIFF_NO},
        Case{"MAIL FROM:<a@example.com>\r\n", WEFT_SNIFF_NO},
        Case{"220 mx.example ESMTP\r\n", WEFT_SNIFF_NO}, Case{"250-mx.example\r\n", WEFT_SNIFF_NO},
        Case{"RETR /file\r\n", WEFT_SNIFF_NO}, Case{"USER anonymous\r\n", WEFT_SNIFF_NO},
        Case{"SSH-2.0-OpenSSH_9.2p1\r\n", WEFT_SNIFF_NO},
        Case{std::string("\x00\x00\x00\x08\x04\xd2\x16\x2f", 8), WEFT_SNIFF_NO},
        Case{std::string("\x00\x00\x00\x54\x00\x03\x00\x00user\x00", 13), WEFT_SNIFF_NO},
        Case{std::string("Q\x00\x00\x00\x0dSELECT 1\x00", 14), WEFT_SNIFF_NO},
        Case{std::string("p\x00\x00\x00\x28md5", 8), WEFT_SNIFF_NO},
        Case{std::string("\x4a\x00\x00\x00\x0a"
                         "8.0.33\x00",
                         12),
             WEFT_SNIFF_NO},
        Case{std::string("\x21\x00\x00\x00\x03SELECT", 11), WEFT_SNIFF_NO},
        Case{"SELECT * FROM t WHERE a = 1", WEFT_SNIFF_NO}, Case{"{\"json\": true}", WEFT_SNIFF_NO},
        Case{"<html><body>", WEFT_SNIFF_NO}, Case{"GET /", WEFT_SNIFF_REQUEST},
        Case{"GET / HTTP/0.9\r\n", WEFT_SNIFF_NO}, Case{"GET /\r\n", WEFT_SNIFF_NO},
        Case{"GET / SIP/2.0", WEFT_SNIFF_NO},
        Case{"INVITE sip:bob@example.com SIP/2.0", WEFT_SNIFF_NO},
        Case{"OPTIONS rtsp:x", WEFT_SNIFF_NO}, Case{" GET / HTTP/1.1", WEFT_SNIFF_NO},
        Case{"GET  / HTTP/1.1", WEFT_SNIFF_NO}, Case{"G\tET / HTTP/1.1", WEFT_SNIFF_NO},
        Case{"dGhpcyBpcyBhIGJhc2U2NCBzdHJpbmc", WEFT_SNIFF_NO},
        Case{"CONNECT /x HTTP/1.1", WEFT_SNIFF_REQUEST}, Case{"\xff\xfe\xfd", WEFT_SNIFF_NO}));

// A message's result may only become surer as more of it is seen, and never NO.
TEST(Sniff, EveryPrefixOfAMessageFits) {
  for (const std::string_view message :
       {"GET /index.html HTTP/1.1\r\nHost: x\r\n", "OPTIONS * HTTP/1.1\r\nHost: x\r\n",
        "CONNECT a.example:443 HTTP/1.1\r\n", "get http://x/ HTTP/1.1\r\nHost: x",
        "HTTP/1.1 204 No Content\r\n", "H / HTTP/1.1\r\nHost: x.example\r\n",
        "UPDATEREDIRECTREF /a HTTP/1.1\r\n"}) {
    int last = WEFT_SNIFF_MAYBE;
    for (size_t n = 0; n <= message.size(); ++n) {
      const int result = sniff(message.substr(0, n));
      EXPECT_NE(result, WEFT_SNIFF_NO) << message.substr(0, n);
      EXPECT_TRUE(last == WEFT_SNIFF_MAYBE || result == last) << message.substr(0, n);
      last = result;
    }
  }
}

TEST(Sniff, RandomBytesAreNoMessage) {
  std::mt19937 random(7);
  for (int round = 0; round < 30000; ++round) {
    std::string bytes(WEFT_SNIFF_LEN, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    ASSERT_EQ(sniff(bytes), WEFT_SNIFF_NO) << round;
  }
}

}  // namespace
}  // namespace weft::protocol::http1
