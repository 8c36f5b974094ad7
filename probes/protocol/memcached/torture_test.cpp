// SPDX-License-Identifier: Apache-2.0
// Every conversation, split, cut, holed and mutated at every byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

#include "probes/protocol/memcached/conversation_test.h"
#include "tests/support/session_torture.h"

namespace weft::protocol::memcached {
namespace {

using test::Conversation;
using test::Part;
using test::SessionDriver;
using test::Told;
using testing::Contains;

const std::vector<Conversation>& conversations() {
  static const std::vector<Conversation> kAll = {
      {{kRequest, "set k 0 0 7\r\na\r\nEND\r\r\n"}, {kResponse, "STORED\r\n"}},
      {{kRequest, "get a b c\r\n"},
       {kResponse, value("a", "1") + value("c", "END\r\n") + "END\r\n"},
       {kRequest, "gets a\r\nincr n 5\r\ndelete k\r\nversion\r\n"},
       {kResponse, "END\r\n17\r\nNOT_FOUND\r\nVERSION 1.6.18\r\n"}},
      {{kRequest, "set a 0 0 1 noreply\r\nx\r\nadd a 0 0 1 noreply\r\ny\r\nget a\r\n"},
       {kResponse, value("a", "x") + "END\r\n"},
       {kRequest, "delete a noreply\r\nquit\r\n"}},
      {{kRequest, "mg a v k q O1\r\nmg b v k q O2\r\nms c 2 q O3\r\nhi\r\nmn\r\n"},
       {kResponse, "VA 3 kb O2\r\nMN\r\r\nMN\r\n"},
       {kRequest, "md c q\r\nma n v\r\n"},
       {kResponse, "VA 2\r\n42\r\n"}},
      {{kRequest, "stats\r\n"},
       {kResponse, "STAT pid 1\r\nSTAT uptime 2\r\nEND\r\n"},
       {kRequest, "nonsense\r\nincr k 1\r\n"},
       {kResponse, "ERROR\r\nCLIENT_ERROR cannot increment\r\n"}},
      {{kRequest, "me k\r\nwatch fetchers\r\n"},
       {kResponse, "ME k exp=-1\r\nOK\r\nts=1 gid=1\r\n"}}};
  return kAll;
}

TEST(Splits, EverySplitTellsTheSame) {
  for (const Conversation& parts : conversations()) {
    for (const Role role : {Role::kServer, Role::kClient}) {
      test::every_split(kProtocol, parts, as(role));
    }
  }
}

TEST(Splits, WholeConversationsAreTold) {
  for (const Conversation& parts : conversations()) {
    for (const Role role : {Role::kServer, Role::kClient}) {
      SessionDriver d(kProtocol, as(role));
      test::play(d, parts);
      d.finish();
      EXPECT_EQ(d.abandoned(), 0u) << test::signature(d);
    }
  }
}

// A quiet command that ends with the connection says that its outcome was not seen.
TEST(Truncation, AtEveryByteNothingIsInvented) {
  const auto seen = [](const Told& told) { return told.outcome.unseen ? "" : pair(told); };
  for (Conversation parts : conversations()) {
    parts.insert(parts.begin(), {{kRequest, "md k q\r\nget a\r\n"}, {kResponse, "END\r\n"}});
    parts.insert(parts.end(), {{kRequest, "md unanswered q\r\n"}});
    test::no_end_invents(kProtocol, parts, seen);
  }
}

// Turns of one command or of three; answers of which each shows whose it is.
Conversation numbered(std::vector<std::string>& expected) {
  static const std::string kCodes[] = {"ERROR", "CLIENT_ERROR", "SERVER_ERROR"};
  Conversation parts;
  for (int turn = 0; turn < 5; ++turn) {
    Part asked{kRequest, ""};
    Part told{kResponse, ""};
    for (int i = 0; i < (turn % 2 ? 3 : 1); ++i) {
      const std::string& code = kCodes[(turn + i) % 3];
      const std::string key = code + std::to_string(turn * 10 + i);
      asked.second +=
          i == 1 ? "set " + key + " 0 0 9\r\nEND\r\nVALU\r\n" : "incr " + key + " 7\r\n";
      told.second += code + " text\r\n";
      expected.push_back((i == 1 ? "set " + key + " ? ? ? " : "incr " + key + " ? ") + code);
    }
    parts.push_back(asked);
    parts.push_back(told);
  }
  return parts;
}

// The property that matters most: whatever is missed, a pair that is told is a true one.
TEST(Holes, AtEveryByteNoPairIsWrong) {
  std::vector<std::string> expected;
  const Conversation parts = numbered(expected);
  test::every_hole(kProtocol, parts, [&](const SessionDriver& d, size_t behind) {
    for (const Told& told : d.ended()) {
      if (told.outcome.error_type.empty()) continue;
      ASSERT_THAT(expected, Contains(pair(told)));
    }
    if (behind < 2) return;
    ASSERT_THAT(pairs(d), Contains(expected.back())) << "it finds back in step";
  });
}

// The same of quiet commands: an answer makes the one that has it end later.
TEST(Holes, AtEveryByteNoQuietAnswerIsAnothers) {
  Conversation parts;
  for (int turn = 0; turn < 4; ++turn) {
    const std::string n = std::to_string(turn);
    parts.push_back({kRequest, "ms a" + n + " 1 q O" + n + "1\r\nx\r\nms b" + n + " 1 q O" + n +
                                   "2\r\nx\r\nmn\r\n"});
    parts.push_back({kResponse, "NS O" + n + "2\r\nMN\r\n"});
  }
  test::every_hole(kProtocol, parts, [&](const SessionDriver& d, size_t behind) {
    std::map<char, uint64_t> ends_of_a;  // by turn
    for (const Told& told : d.ended()) {
      if (told.outcome.unseen || !told.outcome.error_type.empty()) continue;
      const std::string command = text(told);
      if (command.starts_with("ms a")) ends_of_a[command[4]] = told.outcome.end_time;
      if (!command.starts_with("ms b") || !ends_of_a.contains(command[4])) continue;
      ASSERT_LT(ends_of_a[command[4]], told.outcome.end_time) << "the answer is b's";
    }
    if (behind < 2) return;
    ASSERT_THAT(pairs(d), Contains("ms b3 ? q O?")) << "it finds back in step";
  });
}

TEST(Mutations, NeverCrashNorStayOpen) {
  test::mutations(kProtocol, conversations(), "\r\n qOk1", 3000);
}

}  // namespace
}  // namespace weft::protocol::memcached
