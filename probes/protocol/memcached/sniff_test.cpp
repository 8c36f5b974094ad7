// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/memcached/sniff.h"

#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <string>
#include <string_view>

namespace weft::protocol::memcached {
namespace {

// From a heap block of exactly n bytes, so that a sanitizer sees a read past the end.
int sniff(std::string_view bytes) {
  const auto copy = std::make_unique<unsigned char[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), copy.get());
  return weft_sniff_memcached(copy.get(), static_cast<unsigned>(bytes.size()));
}

// Each of them, whole; and nothing that is said of a beginning is taken back.
TEST(Sniff, Requests) {
  for (const std::string_view message : {"get k\r\n",
                                         "get /a/path other keys\r\n",
                                         "gets a\r\n",
                                         "gat 60 a\r\n",
                                         "gats -1 a b\r\n",
                                         "set k 0 0 5\r\n",
                                         "set user:1 4294967295 -1 1048576\r\n",
                                         "add k 0 0 5 noreply\r\n",
                                         "replace k 1 2 3\r\n",
                                         "append k 0 0 1\r\n",
                                         "prepend k 0 0 1\r\n",
                                         "cas k 0 0 1 77\r\n",
                                         "delete k\r\n",
                                         "delete k noreply\r\n",
                                         "delete 1a\r\n",
                                         "incr k 1\r\n",
                                         "decr k 1 noreply\r\n",
                                         "touch k 60\r\n",
                                         "stats\r\n",
                                         "stats items\r\n",
                                         "flush_all\r\n",
                                         "flush_all 5 noreply\r\n",
                                         "version\r\n",
                                         "verbosity 1\r\n",
                                         "mn\r\n",
                                         "mg k\r\n",
                                         "mg k s v Oabc k q\r\n",
                                         "ms k 5 T60\r\n",
                                         "ms k 5\r\n",
                                         "md k q\r\n",
                                         "ma k N0 J1\r\n",
                                         "me k\r\n",
                                         "get a_key_of_many_more_letters_than_24\r\n",
                                         "set a_key_of_many_more_letters_than_24 0 0 1",
                                         "get \xc3\xa9t\xc3\xa9\r\n",
                                         "set k 0 0 5\r\nhello\r\nget k\r\n"}) {
    int last = WEFT_SNIFF_MAYBE;
    for (size_t n = 0; n <= message.size(); ++n) {
      const int status = sniff(message.substr(0, n));
      EXPECT_TRUE(status == WEFT_SNIFF_REQUEST || status == WEFT_SNIFF_MAYBE)
          << message.substr(0, n);
      EXPECT_TRUE(last == WEFT_SNIFF_MAYBE || status == last) << message.substr(0, n);
      last = status;
    }
    EXPECT_EQ(last, WEFT_SNIFF_REQUEST) << message;
  }
}

TEST(Sniff, TooFewToSay) {
  for (const std::string_view bytes :
       {"", "g", "ge", "get", "get ", "get k", "get k\r", "set k 0 0", "set k 0 0 5", "flush_al",
        "verbosity", "prepen", "m", "ms k", "gat -", "delete 1", "stats", "mn\r"})
    EXPECT_EQ(sniff(bytes), WEFT_SNIFF_MAYBE) << bytes;
}

TEST(Sniff, Neighbours) {
  for (const std::string_view bytes :
       {// arguments that are missing, too many or no numbers
        "get\r\n", "get \r\n", "get  k\r\n", "gat k\r\n", "gat 60\r\n", "set k\r\n", "set k v\r\n",
        "set k 0 0\r\n", "set k 0 0 x\r\n", "set k a 0 5\r\n", "set k 0 - 5\r\n", "incr k\r\n",
        "incr k x\r\n", "touch k\r\n", "ms k\r\n", "ms k v\r\n", "mn k\r\n", "version 1\r\n",
        "mg\r\n", "delete\r\n", "append k v\r\n", "add \"uri\"\r\n",
        // beanstalkd
        "delete 1\r\n", "put 0 0 60 5\r\n", "reserve\r\n", "touch 9\r\n", "watch t\r\n",
        // other words, other letters, other line ends
        "quit\r\n", "gett k\r\n", "getx", "ge k\r\n", "GET k\r\n", "Get k\r\n", "SET k 0 0 5\r\n",
        "set_k 0 0 5\r\n", "flush_alk\r\n", "verbosit 1\r\n", "verbosityy 1\r\n", "get k\n",
        "get k\rx", "get \x01\r\n", "get\tk\r\n", " get k\r\n", "\r\nget k\r\n", "stats\n",
        "abcdefghijklmnopqrstuvwxyz", "mailfrom:<a>\r\n", "mail from:<a>\r\n", "ping\r\n", "ruok\n",
        "user anonymous\r\n", "retr 1\r\n", "list\r\n", "stat\r\n", "noop\r\n"})
    EXPECT_EQ(sniff(bytes), WEFT_SNIFF_NO) << bytes;
}

// Answers tell nothing: others have the same.
TEST(Sniff, Answers) {
  for (const std::string_view bytes :
       {"STORED\r\n", "END\r\n", "VALUE k 0 5\r\n", "HD\r\n", "VA 5\r\n", "NOT_FOUND\r\n",
        "DELETED\r\n", "ERROR\r\n", "VERSION 1.6.18\r\n", "STAT pid 1\r\n", "OK\r\n", "42\r\n"})
    EXPECT_EQ(sniff(bytes), WEFT_SNIFF_NO) << bytes;
}

TEST(Sniff, OtherProtocols) {
  for (const std::string& bytes :
       {std::string("\x80\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00", 16),
        std::string("\x81\x00\x00\x00", 4), std::string("GET / HTTP/1.1\r\n"),
        std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), std::string("HTTP/1.1 200 OK\r\n"),
        std::string("*1\r\n$4\r\nPING\r\n"), std::string("+OK\r\n"), std::string("$-1\r\n"),
        std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11),
        std::string("\x00\x00\x00\x08\x04\xd2\x16\x2f", 8),
        std::string("Q\x00\x00\x00\x0dSELECT 1\x00", 14), std::string("p\x00\x00\x00\x28", 5),
        std::string("d\x00\x00\x00\x07", 5), std::string("c\x00\x00\x00\x04", 5),
        std::string("EHLO example.com\r\n"), std::string("a1 LOGIN a b\r\n"),
        std::string("NICK bob\r\n"), std::string("get\0k\r\n", 7), std::string("CONNECT {}\r\n")})
    EXPECT_EQ(sniff(bytes), WEFT_SNIFF_NO) << bytes;
}

TEST(Sniff, BytesBeyondTheWindowDoNotMatter) {
  const std::string window = std::string("get a_key_of_twenty_bytes").substr(0, WEFT_SNIFF_LEN);
  EXPECT_EQ(sniff(window), WEFT_SNIFF_REQUEST);
  EXPECT_EQ(sniff(window + "\x01\n"), WEFT_SNIFF_REQUEST);
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
}  // namespace weft::protocol::memcached
