// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/http1/redact.h"

#include <gtest/gtest.h>
#include <string>

namespace weft::protocol::http1 {
namespace {

std::string redacted(std::string bytes) {
  redact(bytes);
  return bytes;
}

TEST(Http1Redact, KeepsWhatAnExchangeIsMadeOf) {
  EXPECT_EQ(
      redacted(
          "POST /a/b?key=secret&flag&n=1 HTTP/1.1\r\nHost: h\r\nCookie: id=1\r\n"
          "Content-Length: 6\r\ntraceparent: 00-x\r\n\r\nsecretGET /next HTTP/1.1\r\nX: y\r\n\r\n"),
      "POST /a/b?key=xxxxxx&xxxx&n=x HTTP/1.1\r\nHost: h\r\nCookie:xxxxx\r\n"
      "Content-Length: 6\r\ntraceparent: 00-x\r\n\r\nxxxxxxGET /next HTTP/1.1\r\nX:xx\r\n\r\n");
  EXPECT_EQ(redacted("GET http://u:p@h/x HTTP/1.1\r\nAuthorization: Basic x"),
            "GET http://xxx@h/x HTTP/1.1\r\nAuthorization:xxxxxxxx");
}

TEST(Http1Redact, KeepsTheHeadersThatSpansShowUnasked) {
  const std::string head =
      "GET / HTTP/1.1\r\nX-Request-ID: a\r\nX-Correlation-ID: b\r\nCorrelation-ID: c\r\n\r\n";
  EXPECT_EQ(redacted(head), head);
  EXPECT_EQ(redacted("HTTP/1.1 200 xx\r\nX-Request-Key: a\r\n\r\n"),
            "HTTP/1.1 200 xx\r\nX-Request-Key:xx\r\n\r\n");
}

TEST(Http1Redact, KeepsTheFramingOfChunks) {
  EXPECT_EQ(
      redacted("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;e=1\r\nhello\r\n0\r\nT: "
               "s\r\n\r\n"),
      "HTTP/1.1 200 xx\r\nTransfer-Encoding: chunked\r\n\r\n5;xxx\r\nxxxxx\r\n0\r\nT:xx\r\n\r\n");
  EXPECT_EQ(redacted("5\r\nhello\r\n0\r\n\r\n"), "5\r\nxxxxx\r\n0\r\n\r\n");
  EXPECT_EQ(redacted("\r\n0\r\n\r\n"), "\r\n0\r\n\r\n");
}

TEST(Http1Redact, OverwritesWhatItDoesNotKnow) {
  EXPECT_EQ(redacted("{\"password\": \"a\"}"), std::string(17, 'x'));
  EXPECT_EQ(redacted("HTTP/1.0 200 OK\r\n\r\nall of this"), "HTTP/1.0 200 xx\r\n\r\nxxxxxxxxxxx");
  EXPECT_EQ(redacted("gth: 5\r\nHost: h\r\nCookie: a\r\n\r\nhello"),
            "xxxxxx\r\nHost: h\r\nCookie:xx\r\n\r\nxxxxx");
  EXPECT_EQ(redacted(""), "");
}

TEST(Http1Redact, NoPlaceOfAHeadLetsASecretOut) {
  for (const char* head : {
           "GET /?S3CRET HTTP/1.1\r\n\r\n",
           "GET /?a&S3CRET&b HTTP/1.1\r\n\r\n",
           "GET /?S3CRET== HTTP/1.1\r\n\r\n",
           "GET /?a=b=S3CRET HTTP/1.1\r\n\r\n",
           "GET /?a=1;b=S3CRET HTTP/1.1\r\n\r\n",
           "GET /?a=1#S3CRET HTTP/1.1\r\n\r\n",
           "GET /#S3CRET HTTP/1.1\r\n\r\n",
           "GET /a;jsessionid=S3CRET/b HTTP/1.1\r\n\r\n",
           "GET /a;S3CRET HTTP/1.1\r\n\r\n",
           "GET http://u:S3CRET@h/ HTTP/1.1\r\n\r\n",
           "GET http://S3CRET@h?a HTTP/1.1\r\n\r\n",
           "CONNECT u:S3CRET@h:443 HTTP/1.1\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: u:S3CRET@h\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: h\r\n S3CRET\r\n\r\n",
           "GET / HTTP/1.1\r\nX: S3CRET",
           "GET / HTTP/1.1\r\nS3CRET",
           "GET /S3CRET",
           "HTTP/1.1 500 S3CRET\r\n\r\n",
           "HTTP/1.1 500 no S3CRET",
           "HTTP/1.1 200 OK\r\nSet-Cookie: S3CRET\r\n\r\n",
           "user-agent: x\nhost: S3CRET\n",
           "a line\r\nhost: S3CRET\r\nof text\r\n",
       }) {
    const std::string whole(head);
    EXPECT_EQ(redacted(whole).size(), whole.size());
    for (size_t cut = 0; cut <= whole.size(); ++cut) {  // wherever a record ends
      for (const std::string& record : {whole.substr(0, cut), whole.substr(cut)}) {
        EXPECT_EQ(redacted(record).find("S3CRET"), std::string::npos) << record;
      }
    }
  }
}

}  // namespace
}  // namespace weft::protocol::http1
