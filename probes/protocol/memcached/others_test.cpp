// SPDX-License-Identifier: Apache-2.0
// Protocols that are not this one.
#include <gtest/gtest.h>

#include "tests/support/line_dialogues.h"

namespace weft::protocol::memcached {

extern const Protocol kProtocol;

namespace {

using test::dialogue;

TEST(Others, LineProtocolsAreNoSpans) {
  test::expect_no_span(kProtocol, "memcached");
}

TEST(Others, NorIfTheyGetPastTheSniffer) {
  test::expect_no_span_of_the_session(kProtocol, "memcached");
}

// Lines that memcached's clients send too: the answers tell.
TEST(Others, WhatBeginsAsMemcachedDoesIsNoSpanEither) {
  for (const test::Dialogue& said :
       {dialogue("Redis by hand, in small letters",
                 "C: get k\nS: $1\nS: v\nC: incr n\nS: :1\nC: touch a 1\nS: :0\nC: quit\nS: +OK\n"),
        dialogue("Redis by hand, refused",
                 "C: get k\nS: -WRONGTYPE Operation\nC: get k\nS: -ERR\n"),
        dialogue("beanstalkd, cut short",
                 "C: stats\nS: OK 8\nS: --- a: 1\nC: delete 7\nS: DELETED\n"),
        dialogue("IRC", "C: version\nS: :irc.example 351 bob x :y\nC: stats u\nS: :h 219 bob u\n"),
        dialogue("one that only listens",
                 "C: get some lines of text\nC: set a b c\nC: touch it 1\n"),
        dialogue("MPD", "C: stats\nS: artists: 3\nS: OK\n", "\n")}) {
    for (size_t piece : {size_t{1}, size_t{7}, SIZE_MAX}) {
      test::expect_no_span_from(kProtocol, said, 0, piece, Role::kServer);
      test::expect_no_span_from(kProtocol, said, 0, piece, Role::kClient);
    }
  }
}

}  // namespace
}  // namespace weft::protocol::memcached
