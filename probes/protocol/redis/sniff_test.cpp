// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/redis/sniff.h"

#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <string>
#include <string_view>

namespace weft::protocol::redis {
namespace {

// From a heap block of exactly n bytes, so that a sanitizer sees a read past the end.
int sniff(std::string_view bytes) {
  const auto copy = std::make_unique<unsigned char[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), copy.get());
  return weft_sniff_redis(copy.get(), static_cast<unsigned>(bytes.size()));
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

INSTANTIATE_TEST_SUITE_P(Requests, Sniff,
                         testing::Values(Case{"*1\r\n$4\r\nPING\r\n", WEFT_SNIFF_REQUEST},
                                         Case{"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n", WEFT_SNIFF_REQUEST},
                                         Case{"*2\r\n$8\r\njson.get\r\n", WEFT_SNIFF_REQUEST},
                                         Case{"*1000001\r\n$4\r\nMSET", WEFT_SNIFF_REQUEST},
                                         Case{"*9999999\r\n$16\r\nG", WEFT_SNIFF_REQUEST}));

INSTANTIATE_TEST_SUITE_P(TooFewToSay, Sniff,
                         testing::Values(Case{"", WEFT_SNIFF_MAYBE}, Case{"*", WEFT_SNIFF_MAYBE},
                                         Case{"*1", WEFT_SNIFF_MAYBE},
                                         Case{"*12\r\n", WEFT_SNIFF_MAYBE},
                                         Case{"*12\r\n$", WEFT_SNIFF_MAYBE},
                                         Case{"*12\r\n$3\r\n", WEFT_SNIFF_MAYBE}));

// Other protocols have such responses too: POP3 and NATS, for example.
INSTANTIATE_TEST_SUITE_P(AnswersAndLinesAlone, Sniff,
                         testing::Values(Case{"+OK\r\n", WEFT_SNIFF_NO},
                                         Case{"+PONG\r\n", WEFT_SNIFF_NO},
                                         Case{"-ERR unknown command", WEFT_SNIFF_NO},
                                         Case{"+", WEFT_SNIFF_NO}, Case{"$-1\r\n", WEFT_SNIFF_NO},
                                         Case{"PING\r\n", WEFT_SNIFF_NO},
                                         Case{"P", WEFT_SNIFF_NO}));

INSTANTIATE_TEST_SUITE_P(
    OtherProtocols, Sniff,
    testing::Values(
        Case{"GET / HTTP/1.1\r\n", WEFT_SNIFF_NO}, Case{"PUT / HTTP/1.1\r\n", WEFT_SNIFF_NO},
        Case{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", WEFT_SNIFF_NO},
        Case{"HTTP/1.1 200 OK\r\n", WEFT_SNIFF_NO},
        Case{std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), WEFT_SNIFF_NO},
        Case{std::string("\x00\x00\x00\x08\x04\xd2\x16\x2f", 8), WEFT_SNIFF_NO},
        Case{std::string("\x00\x00\x00\x54\x00\x03\x00\x00user\x00", 13), WEFT_SNIFF_NO},
        Case{std::string("Q\x00\x00\x00\x0dSELECT 1\x00", 14), WEFT_SNIFF_NO},
        Case{std::string("P\x00\x00\x00\x28", 5), WEFT_SNIFF_NO},
        Case{std::string("$\x00\x00\x00\x03SELECT", 11), WEFT_SNIFF_NO},
        Case{"+OK POP3 server ready\r\n", WEFT_SNIFF_NO},
        Case{"* OK IMAP4rev1 ready\r\n", WEFT_SNIFF_NO}, Case{"PINGX\r\n", WEFT_SNIFF_NO},
        Case{"PING :irc.example\r\n", WEFT_SNIFF_NO}, Case{"ping\r\n", WEFT_SNIFF_NO},
        Case{"SET k v\r\n", WEFT_SNIFF_NO}, Case{"get k\r\n", WEFT_SNIFF_NO},
        Case{"-ERROR text", WEFT_SNIFF_NO}, Case{":1\r\n", WEFT_SNIFF_NO},
        Case{"$5\r\nhello\r\n", WEFT_SNIFF_NO}, Case{"*0\r\n", WEFT_SNIFF_NO},
        Case{"*-1\r\n", WEFT_SNIFF_NO}, Case{"*01\r\n$4\r\nPING", WEFT_SNIFF_NO},
        Case{"*1\n$4\nPING\n", WEFT_SNIFF_NO}, Case{"*1\r\r$4\r\nPING", WEFT_SNIFF_NO},
        Case{"*1\r\n:1\r\n", WEFT_SNIFF_NO}, Case{"*1\r\n$0\r\n\r\n", WEFT_SNIFF_NO},
        Case{"*1\r\n$100\r\nP", WEFT_SNIFF_NO}, Case{"*12345678\r\n$4\r\nPING", WEFT_SNIFF_NO},
        Case{"*1\r\n$4\r\n\x01\x02", WEFT_SNIFF_NO}, Case{"*x", WEFT_SNIFF_NO},
        Case{"\xff\xfe\xfd", WEFT_SNIFF_NO}));

// A message's result may only become surer as more of it is seen, and never NO.
TEST(Sniff, EveryPrefixOfAMessageFits) {
  for (const std::string_view message :
       {"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n", "*9999999\r\n$16\r\nGEORADIUSBYMEMBER"}) {
    int last = WEFT_SNIFF_MAYBE;
    for (size_t n = 0; n <= message.size(); ++n) {
      const int result = sniff(message.substr(0, n));
      EXPECT_NE(result, WEFT_SNIFF_NO) << message.substr(0, n);
      EXPECT_TRUE(last == WEFT_SNIFF_MAYBE || result == last) << message.substr(0, n);
      last = result;
    }
    EXPECT_NE(last, WEFT_SNIFF_MAYBE) << message;
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
}  // namespace weft::protocol::redis
