// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/memcached/redact.h"

#include <gtest/gtest.h>

#include "probes/protocol/memcached/conversation_test.h"

namespace weft::protocol::memcached {
namespace {

std::string redacted(std::string bytes) {
  redact(bytes);
  std::string again = bytes;
  redact(again);
  EXPECT_EQ(again, bytes) << "once is enough";
  return bytes;
}

TEST(Redact, ArgumentsGoAndFramingStays) {
  EXPECT_EQ(redacted("set user:1 7 60 6\r\nse\r\net\r\n"), "set xxxxxx 1 10 6\r\nxxxxxx\r\n");
  EXPECT_EQ(redacted("cas k 0 0 2 77 noreply\r\nhi\r\n"), "cas x 0 0 2 11 noreply\r\nxx\r\n");
  EXPECT_EQ(redacted("get a 12 noreply\r\n"), "get x 11 noreply\r\n");
  EXPECT_EQ(redacted("gat 60 key\r\n"), "gat 10 xxx\r\n");
  EXPECT_EQ(redacted("incr key 42\r\ntouch key -1\r\n"), "incr xxx 11\r\ntouch xxx -1\r\n");
  EXPECT_EQ(redacted("mg key v q k O123 Lpath\r\n"), "mg xxx v q k O123 Lxxxx\r\n");
  EXPECT_EQ(redacted("mg key Osecret T60\r\n"), "mg xxx Oxxxxxx T10\r\n");
  EXPECT_EQ(redacted("ms key 3 F7\r\nabc\r\nmn\r\n"), "ms xxx 3 F1\r\nxxx\r\nmn\r\n");
  EXPECT_EQ(redacted("lru_crawler metadump all\r\n"), "lru_crawler metadump xxx\r\n");
}

TEST(Redact, AnswersGoAndWhatTheyMeanStays) {
  EXPECT_EQ(redacted("VALUE key 7 5 99\r\nEND\r\n\r\nEND\r\n"),
            "VALUE xxx 1 5 11\r\nxxxxx\r\nEND\r\n");
  EXPECT_EQ(redacted("VA 2 kkey O7 s2\r\nhi\r\nHD t-1\r\n"), "VA 2 kxxx O7 s1\r\nxx\r\nHD t-1\r\n");
  EXPECT_EQ(redacted("1207\r\nSTORED\r\nSERVER_ERROR out of secrets\r\n"),
            "1101\r\nSTORED\r\nSERVER_ERROR xxx xx xxxxxxx\r\n");
  EXPECT_EQ(redacted("STAT pid 42\r\nVERSION 1.6\r\nEND\r\n"),
            "STAT xxx 11\r\nVERSION xxx\r\nEND\r\n");
  EXPECT_EQ(redacted("key=secret exp=-1\r\nME key exp=-1\r\n"),
            "key=xxxxxx xxxxxx\r\nME xxx xxxxxx\r\n");
}

TEST(Redact, NoValueLetsASecretOutWhereverARecordEnds) {
  for (const std::string value :
       {"S3CRET",         "a\r\nS3CRET",       "set S3CRET",         "a\r\nget S3CRET\r\n",
        "END S3CRET",     "STORED S3CRET",     "\r\nERROR S3CRET",   "VALUE S3CRET 0 1",
        "key=S3CRET",     "mg S3CRET OS3CRET", "O S3CRET",           "VA 1 kS3CRET OS3CRET",
        "HD S3CRET",      "ms k 2 S3CRET",     "lru_crawler S3CRET", "stats S3CRET",
        "noreply S3CRET", "set k 0 0 S3CRET",  "version S3CRET",     "-S3CRET"}) {
    const std::string size = std::to_string(value.size());
    for (const std::string& whole : {"set k 0 0 " + size + "\r\n" + value + "\r\n",
                                     "ms k " + size + " T0\r\n" + value + "\r\n",
                                     "VALUE k 0 " + size + "\r\n" + value + "\r\nEND\r\n",
                                     "VA " + size + "\r\n" + value + "\r\n"}) {
      for (size_t cut = 0; cut <= whole.size(); ++cut) {
        for (const std::string& record : {whole.substr(0, cut), whole.substr(cut)}) {
          EXPECT_EQ(redacted(record).find("S3CRET"), std::string::npos) << record;
        }
      }
    }
  }
}

TEST(Redact, TheExchangesAreTheSame) {
  const std::string asked =
      "set key 1 2 5\r\nhello\r\nget key other\r\nmg a v q O1\r\nmg b v q O2\r\nmn\r\n"
      "delete k noreply\r\nincr n 1\r\nnonsense\r\n";
  const std::string told =
      "STORED\r\n" + value("other", "END\r\n") + "END\r\nVA 1 O2\r\nx\r\nMN\r\n7\r\nERROR\r\n";
  test::SessionDriver before(kProtocol);
  before.request(asked).response(told);
  test::SessionDriver after(kProtocol);
  after.request(redacted(asked)).response(redacted(told));
  ASSERT_EQ(before.ended().size(), 8u);
  ASSERT_EQ(after.ended().size(), 8u);
  for (size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(after.ended()[i].outcome.name, before.ended()[i].outcome.name);
    EXPECT_EQ(after.ended()[i].start.pos, before.ended()[i].start.pos);
  }
}

}  // namespace
}  // namespace weft::protocol::memcached
