// SPDX-License-Identifier: Apache-2.0
// Every conversation, split, cut, holed and mutated at every byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

#include "probes/protocol/redis/conversation_test.h"
#include "probes/protocol/redis/session.h"

namespace weft::protocol::redis {
namespace {

using test::SessionDriver;
using test::Told;

using Part = std::pair<Direction, std::string>;

const std::vector<std::vector<Part>>& conversations() {
  static const std::vector<std::vector<Part>> kAll = {
      {{kRequest, ask({"SET", "k", "a value"})}, {kResponse, "+OK\r\n"}},
      {{kRequest, ask({"SELECT", "2"}) + ask({"HMSET", "h", "f", "1"}) + ask({"GET", "k"})},
       {kResponse, "+OK\r\n+OK\r\n$3\r\na\r\n\r\n"},
       {kRequest, ask({"MULTI"}) + ask({"INCR", "n"}) + ask({"EXEC"})},
       {kResponse, "+OK\r\n+QUEUED\r\n*1\r\n-ERR no\r\n"}},
      {{kRequest, "*0\r\nPING\r\nset k \"v\"\r\n"}, {kResponse, "+PONG\r\n+OK\r\n"}},
      {{kRequest, ask({"HELLO", "3", "AUTH", "u", "p"})},
       {kResponse, "|1\r\n+a\r\n*1\r\n_\r\n%2\r\n$6\r\nserver\r\n$5\r\nredis\r\n+p\r\n:3\r\n"},
       {kRequest, ask({"SUBSCRIBE", "a", "b"})},
       {kResponse,
        ">3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n>3\r\n$7\r\nmessage\r\n$1\r\na\r\n+x\r\n"},
       {kResponse, ">3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n"}},
      {{kRequest, ask({"SUBSCRIBE", "a"})},
       {kResponse, "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n" + array({"message", "a", "x"})},
       {kRequest, ask({"PING"})},
       {kResponse, array({"message", "a", "y"}) + array({"pong", ""})}},
      {{kRequest, ask({"EVAL", "x", "0"})},
       {kResponse, "*?\r\n$?\r\n;2\r\nab\r\n;0\r\n*?\r\n.\r\n.\r\n"}},
      {{kRequest, ask({"CLIENT", "REPLY", "SKIP"}) + ask({"DEL", "a"}) + ask({"GET", "b"})},
       {kResponse, "!9\r\nWRONG not\r\n"}},
      {{kRequest, ask({"MONITOR"})}, {kResponse, "+OK\r\n+1.1 [0] \"x\"\r\n"}}};
  return kAll;
}

// Everything but times and batches.
std::string signature(const SessionDriver& d) {
  std::string out;
  for (const Told& told : d.told()) {
    out += told.state == Told::State::kEnded ? "ended " : "abandoned ";
    out += std::to_string(told.start.pos) + " " + told.outcome.name + " " + told.outcome.error_type;
    for (const Attribute& a : told.outcome.attributes)
      out += " " + std::string(a.key.text()) + "=" + std::get<std::string>(a.value);
    out += "\n";
  }
  return out;
}

std::string play(const std::vector<Part>& parts, size_t piece, Role role) {
  SessionDriver d(kProtocol, as(role));
  for (const auto& [direction, bytes] : parts) d.bytes(direction, bytes, piece);
  d.close(kResponse).close(kRequest);
  return signature(d);
}

TEST(RedisSplits, EverySplitTellsTheSame) {
  for (const auto& parts : conversations()) {
    for (const Role role : {Role::kServer, Role::kClient}) {
      const std::string whole = play(parts, SIZE_MAX, role);
      ASSERT_NE(whole.find("ended"), std::string::npos);
      ASSERT_EQ(whole.find("abandoned"), std::string::npos) << whole;
      for (size_t which = 0; which < parts.size(); ++which) {
        for (size_t cut = 1; cut < parts[which].second.size(); ++cut) {
          SessionDriver d(kProtocol, as(role));
          for (size_t i = 0; i < parts.size(); ++i) {
            const auto& [direction, bytes] = parts[i];
            d.bytes(direction, i == which ? bytes.substr(0, cut) : bytes);
            if (i == which) d.bytes(direction, bytes.substr(cut));
          }
          d.close(kResponse).close(kRequest);
          ASSERT_EQ(signature(d), whole) << "part " << which << " cut at " << cut;
        }
      }
    }
  }
}

TEST(RedisSplits, PiecesOfEverySizeTellTheSame) {
  for (const auto& parts : conversations()) {
    const std::string whole = play(parts, SIZE_MAX, Role::kServer);
    for (size_t piece = 1; piece < 40; ++piece)
      ASSERT_EQ(play(parts, piece, Role::kServer), whole) << piece;
  }
}

TEST(RedisTruncation, AtEveryByteNothingIsInvented) {
  for (const auto& parts : conversations()) {
    SessionDriver full(kProtocol);
    for (const auto& [direction, bytes] : parts) full.bytes(direction, bytes);
    full.finish();
    const std::vector<std::string> expected = pairs(full);
    for (size_t which = 0; which < parts.size(); ++which) {
      for (size_t cut = 0; cut < parts[which].second.size(); ++cut) {
        SessionDriver d(kProtocol);
        for (size_t i = 0; i < which; ++i) d.bytes(parts[i].first, parts[i].second);
        d.bytes(parts[which].first, parts[which].second.substr(0, cut));
        d.gone(kResponse, CloseReason::kReset);
        ASSERT_EQ(d.open(), 0u);
        for (const Told& told : d.ended()) {
          const bool unanswered = told.outcome.error_type == "connection_reset";
          ASSERT_TRUE(unanswered || testing::Value(expected, testing::Contains(pair(told))))
              << pair(told);
        }
      }
    }
  }
}

// A turn of one command, or of three; answers of which each shows whose it is.
std::vector<Part> numbered(std::vector<std::string>& expected) {
  std::vector<Part> parts;
  for (int turn = 0; turn < 5; ++turn) {
    Part asked{kRequest, ""};
    Part told{kResponse, ""};
    for (int i = 0; i < (turn % 2 ? 3 : 1); ++i) {
      const std::string n = std::to_string(turn * 10 + i);
      asked.second += i ? ask({"SET", n, "a value that is longer"}) : ask({"EVALSHA", n, "0"});
      told.second += i == 1 ? "!8\r\nE" + std::string(2 - n.size(), '0') + n + " text\r\n"
                            : "-E" + std::string(2 - n.size(), '0') + n + "\r\n";
      expected.push_back((i ? "SET " + n + " ?" : "EVALSHA " + n + " ?") + " E" +
                         std::string(2 - n.size(), '0') + n);
    }
    parts.push_back(asked);
    parts.push_back(told);
  }
  return parts;
}

// The property that matters most: whatever is missed, a pair that is told is a true one.
TEST(RedisHoles, AtEveryByteNoPairIsWrong) {
  std::vector<std::string> expected;
  const std::vector<Part> parts = numbered(expected);
  for (size_t which = 0; which < parts.size(); ++which) {
    const size_t size = parts[which].second.size();
    for (size_t from = 0; from < size; ++from) {
      for (size_t to = from + 1; to <= size;
           to += to == size ? 1 : std::min(size - to, 1 + (to - from) / 3)) {
        SessionDriver d(kProtocol);
        for (size_t i = 0; i < parts.size(); ++i) {
          const auto& [direction, bytes] = parts[i];
          if (i != which) {
            d.bytes(direction, bytes);
            continue;
          }
          if (from > 0) d.bytes(direction, bytes.substr(0, from));
          d.gap(direction, to - from);
          if (to < size) d.bytes(direction, bytes.substr(to));
        }
        d.finish();
        for (const Told& told : d.ended()) {
          // A hole within the words themselves leaves less of them.
          if (told.outcome.error_type.empty()) continue;
          ASSERT_THAT(expected, testing::Contains(pair(told))) << which << " " << from << " " << to;
        }
        if (which >= 8) continue;
        ASSERT_THAT(pairs(d), testing::Contains(expected.back())) << "it finds back in step";
      }
    }
  }
}

TEST(RedisMutations, NeverCrashNorStayOpen) {
  std::mt19937 random(1);
  for (int round = 0; round < 3000; ++round) {
    auto parts = conversations()[random() % conversations().size()];
    for (unsigned edits = random() % 8; edits > 0; --edits) {
      std::string& bytes = parts[random() % parts.size()].second;
      const size_t at = random() % bytes.size();
      switch (random() % 3) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes.erase(at, random() % 9);
          break;
        case 2:
          bytes.insert(at, std::string(random() % 5, "\r\n*$1"[random() % 5]));
          break;
      }
      if (bytes.empty()) bytes = "\n";
    }
    SessionDriver d(kProtocol);
    for (const auto& [direction, bytes] : parts) d.bytes(direction, bytes, 1 + random() % 60);
    d.finish();
  }
}

}  // namespace
}  // namespace weft::protocol::redis
