// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/postgresql/sniff.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <random>

#include "probes/protocol/postgresql/conversation_test.h"

namespace weft::protocol::postgresql {
namespace {

// From a heap block of exactly n bytes, so that a sanitizer sees a read past the end.
int sniff(std::string_view bytes) {
  const auto copy = std::make_unique<unsigned char[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), copy.get());
  return weft_sniff_postgresql(copy.get(), static_cast<unsigned>(bytes.size()));
}

TEST(PostgresqlSniff, Requests) {
  for (const std::string& bytes : {startup(),
                                   packet(196610, z("user") + z("u") + z("")),
                                   packet(80877103),
                                   packet(80877104),
                                   packet(80877102, be(1, 4) + be(2, 4)),
                                   packet(80877102, be(1, 4) + std::string(32, 'k')),
                                   query("SELECT 1"),
                                   query(""),
                                   query("BEGIN"),
                                   query("\n\tSELECT 1"),
                                   query("SELECT '\xc3\xa9'"),
                                   query(std::string(5000, 'x')),
                                   parse("", "SELECT $1"),
                                   parse("a_rather_long_statement_name", "SELECT $1"),
                                   parse("s", "BEGIN"),
                                   bind_portal("", "") + execute() + kSync,
                                   bind_portal("", "S_1"),
                                   bind_portal("", "__asyncpg_stmt_12__"),
                                   execute() + kSync,
                                   execute() + kFlush,
                                   execute()}) {
    EXPECT_EQ(sniff(bytes), WEFT_SNIFF_REQUEST) << testing::PrintToString(bytes);
  }
}

TEST(PostgresqlSniff, Responses) {
  for (const std::string& bytes :
       {greeting(), message('R', be(10, 4) + z("SCRAM-SHA-256") + z("")), ready(), ready('T'),
        complete("BEGIN") + ready(), complete("INSERT 0 1"), rows(), error("42P01"),
        notice("01000"), kParsed + kBound, kParsed + message('t', be(0, 2)), kBound + row(),
        kBound + kNoData, kClosed + ready(), kBound + error("23505")}) {
    EXPECT_EQ(sniff(bytes), WEFT_SNIFF_RESPONSE) << testing::PrintToString(bytes);
  }
}

TEST(PostgresqlSniff, OtherProtocolsAndPartsOfMessages) {
  for (const std::string& bytes :
       {std::string("GET / HTTP/1.1\r\nHost: x\r\n"),
        std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n"),
        std::string("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n"),
        std::string("QUIT\r\n"),
        std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11),
        std::string("\x4a\x00\x00\x00\x0a"
                    "8.0.33\x00",
                    12),
        std::string("\x00\x00\x00\x20\x00\x03\x00\x00\x00\x00\x00\x01\x00\x04rdka", 18),
        std::string("\x00\x00\x00\x20\x00\x03\x00\x00\x00\x00zz\x00\x04rdka", 18),
        std::string("\x00\x00\x00\x12\x04\x01\x00\x00\x00\x00", 10),
        std::string(24, '\0'),
        packet(131072, z("user") + z("u")),
        packet(196608),
        std::string("Q\0\0\0\x0d\x01\x02\x03\x04\x05\x06\x07\x08\0", 14),
        std::string("Q\0\0\0\x0dSELECT 12345678", 20),
        std::string("T\0\0\0\x20\0\0a\0\0\0", 11),
        std::string("C\0\0\0\x0bhello\0", 11),
        row("hello"),
        kSync,
        kFlush,
        kTerminate,
        message('p', z("md5secret")),
        message('d', "1\t2\n"),
        std::string("{\"a\": 1}"),
        std::string("S"),
        std::string("Q\0\x01", 3),
        std::string("\0\x01", 2),
        std::string("\0\0\x01\0\x05", 5)}) {
    EXPECT_EQ(sniff(bytes), WEFT_SNIFF_NO) << testing::PrintToString(bytes);
  }
}

// A message's result may only become surer as more of it is seen, and never NO.
TEST(PostgresqlSniff, EveryPrefixOfAMessageFits) {
  for (const std::string& bytes :
       {startup(), packet(80877103), packet(80877102, be(1, 4) + be(2, 4)), query("SELECT 1"),
        query(""), parse("s", "SELECT $1"), bind_portal("", "s") + execute() + kSync, execute(),
        greeting(), rows(), error("42P01"), notice("01000"), kParsed + kBound, ready(),
        complete("BEGIN")}) {
    int last = WEFT_SNIFF_MAYBE;
    for (size_t n = 0; n <= bytes.size(); ++n) {
      const int result = sniff(bytes.substr(0, n));
      EXPECT_NE(result, WEFT_SNIFF_NO) << testing::PrintToString(bytes.substr(0, n));
      EXPECT_TRUE(last == WEFT_SNIFF_MAYBE || result == last)
          << testing::PrintToString(bytes.substr(0, n));
      last = result;
    }
    EXPECT_NE(last, WEFT_SNIFF_MAYBE) << testing::PrintToString(bytes);
  }
}

TEST(PostgresqlSniff, FiveBytesAreTooFew) {
  for (const char type : {'Q', 'P', 'B', 'E', '1', '2', '3', 'Z', 'R', 'C', 'T', 'N'}) {
    for (size_t n = 1; n <= 5; ++n) {
      EXPECT_EQ(sniff(std::string({type, 0, 0, 0, 32}).substr(0, n)), WEFT_SNIFF_MAYBE) << type;
    }
  }
}

TEST(PostgresqlSniff, RandomBytesAreNoMessage) {
  std::mt19937 random(7);
  for (int round = 0; round < 300000; ++round) {
    std::string bytes(6 + random() % (WEFT_SNIFF_LEN - 5), '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    ASSERT_EQ(sniff(bytes), WEFT_SNIFF_NO) << testing::PrintToString(bytes);
  }
}

}  // namespace
}  // namespace weft::protocol::postgresql
