// SPDX-License-Identifier: Apache-2.0
// Replies of every shape, through a session.
#include "probes/protocol/redis/resp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probes/protocol/redis/conversation_test.h"

namespace weft::protocol::redis {
namespace {

using test::SessionDriver;
using testing::ElementsAre;

TEST(Header, IsTheSameWhateverTheNumberOfDigits) {
  for (const std::string digits :
       {"0", "7", "007", "12345678", "999999999", "1000000000", "1099511627776"}) {
    const auto header = read_header("$" + digits + "\r\nabc");
    ASSERT_TRUE(header) << digits;
    EXPECT_EQ(header->type, '$');
    EXPECT_FALSE(header->streamed);
    EXPECT_EQ(header->count, std::stoll(digits));
    EXPECT_EQ(header->size, digits.size() + 3);
  }
  for (const std::string broken :
       {"$\r\n", "$1\n", "$-2\r\n", "$1x\r\n", "$1\rx\n", "$1099511627777\r\n", "$x"})
    EXPECT_FALSE(read_header(broken)) << broken;
  for (const std::string part : {"$", "$1", "$1\r", "$123456789", "$1234567890"})
    EXPECT_EQ(read_header(part).value().size, 0u) << part;
}

TEST(Resp, EveryTypeOfRESP3) {
  SessionDriver d(kProtocol);
  const std::string big(70000, 'v');
  for (const std::string& reply : std::vector<std::string>{
           "_\r\n", "#t\r\n", ",1.5\r\n", ",inf\r\n",
           "(3492890328409238509324850943850943825024385\r\n", "=7\r\ntxt:abc\r\n",
           "%2\r\n+a\r\n:1\r\n$1\r\nb\r\n*0\r\n", "~2\r\n:1\r\n:2\r\n",
           "|1\r\n+ttl\r\n:3600\r\n$1\r\nx\r\n",
           "|1\r\n+a\r\n%1\r\n+b\r\n*2\r\n:1\r\n:2\r\n*1\r\n|1\r\n+c\r\n_\r\n:5\r\n",
           "$?\r\n;4\r\nHell\r\n;1\r\no\r\n;0\r\n",
           "*?\r\n:1\r\n*2\r\n:2\r\n:3\r\n*?\r\n.\r\n.\r\n", "%?\r\n+a\r\n:1\r\n.\r\n", "*0\r\n",
           "*-1\r\n", "$0\r\n\r\n", "$-1\r\n", "$70000\r\n" + big + "\r\n",
           "*3\r\n*2\r\n:1\r\n*1\r\n$1\r\nx\r\n*0\r\n:3\r\n"}) {
    for (const size_t piece : {SIZE_MAX, size_t{1}}) {
      if (piece == 1 && reply.size() > 1000) continue;
      d.request(ask({"EVAL", "return x", "0"})).response(reply, piece);
      ASSERT_EQ(d.open(), 0u) << reply;
      ASSERT_FALSE(d.over()) << reply;
      ASSERT_EQ(pairs(d).back(), "EVAL ? ?") << reply;
    }
  }
}

TEST(Resp, AMillionElementsTakeNoMemory) {
  SessionDriver d(kProtocol);
  std::string elements;
  for (int i = 0; i < 1000; ++i) elements += "$3\r\nabc\r\n";
  d.request(ask({"SMEMBERS", "k"})).response("*1000000\r\n");
  for (int i = 0; i < 999; ++i) d.response(elements);
  EXPECT_EQ(d.open(), 1u);
  d.response(elements);
  EXPECT_THAT(pairs(d), ElementsAre("SMEMBERS k"));
}

TEST(Resp, NestsAsDeepAsItLikes) {
  SessionDriver d(kProtocol);
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "*1\r\n";
  d.request(ask({"EVAL", "x", "0"})).response(deep).response(":1\r\n");
  EXPECT_THAT(pairs(d), ElementsAre("EVAL ? ?"));
  std::string streams;
  for (int i = 0; i < 20; ++i) streams += "*?\r\n";
  d.request(ask({"EVAL", "x", "0"})).response(streams);
  EXPECT_TRUE(d.lost(kResponse)) << "streams within streams need memory";
  EXPECT_EQ(d.abandoned(), 1u);
}

TEST(Resp, ALostReaderBelievesOnlyWholeHeaders) {
  for (const std::string_view good : {"+OK\r\n", "+", "-ERR a", "$3", "$-1\r\n", "*2\r\n", "_\r\n",
                                      "%2\r\n+a", "*?\r\n", ":12\r\n", "!5\r\nERR a\r\n"}) {
    EXPECT_TRUE(may_be_value(good)) << good;
  }
  for (const std::string_view bad :
       {"", "x", "$abc\r\n", "$3\n", "*2x", "$-2\r\n", ";3\r\n", ".\r\n", "+\x01\r\n", "-a\n",
        "*99999999999999\r\n", "$?x\r\n"}) {
    EXPECT_FALSE(may_be_value(bad)) << bad;
  }
}

TEST(Resp, ABulkEndsWithItsLineEnd) {
  for (const std::string_view bytes : {"abc\r\n", "abcxx", "abc\rx", "abc\n\n"}) {
    for (size_t cut = 0; cut < bytes.size(); ++cut) {
      Bulk bulk;
      bulk.begin(3);
      const Progress first = bulk.read(bytes.substr(0, cut));
      const Progress second = bulk.read(bytes.substr(cut));
      const bool good = first.status == ParseStatus::kOk && second.status == ParseStatus::kOk;
      EXPECT_EQ(good, bytes == "abc\r\n") << bytes << " " << cut;
      EXPECT_EQ(first.consumed + second.consumed, bytes.size());
    }
  }
}

}  // namespace
}  // namespace weft::protocol::redis
