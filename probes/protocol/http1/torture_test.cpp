// SPDX-License-Identifier: Apache-2.0
// Every conversation, split, cut, holed and mutated at every byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

#include "probes/protocol/http1/conversation_test.h"
#include "probes/protocol/http1/session.h"

namespace weft::protocol::http1 {
namespace {

using test::SessionDriver;
using test::Told;

using Part = std::pair<Direction, std::string>;

const std::vector<std::vector<Part>>& conversations() {
  static const std::string kTrace =
      "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\ntracestate: a=1\r\n";
  static const std::vector<std::vector<Part>> kAll = {
      {{kRequest, "GET /0?q=1 HTTP/1.1\r\nHost: x:1\r\n" + kTrace + "\r\n"},
       {kResponse, answer(201, "body")}},
      {{kRequest, get("/0")},
       {kResponse, answer(201, "")},
       {kRequest, get("/1")},
       {kResponse, answer(202, "b")}},
      {{kRequest,
        "POST /0 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;e\r\nabc\r\n0\r\nT: "
        "1\r\n\r\n"},
       {kResponse, "HTTP/1.1 201 X\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"}},
      {{kRequest,
        "PUT /0 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"},
       {kResponse, "HTTP/1.1 100 Continue\r\n\r\n"},
       {kRequest, "abc"},
       {kResponse, "HTTP/1.1 103 E\r\nL: 1\r\n\r\n" + answer(201, "z")}},
      {{kRequest, get("/0") + get("/1") + "HEAD /2 HTTP/1.1\r\n\r\n" + get("/3")},
       {kResponse, answer(201, "a") + "HTTP/1.1 204 N\r\n\r\n" +
                       "HTTP/1.1 203 N\r\nContent-Length: 9\r\n\r\n" + answer(205, "bb")}},
      {{kRequest, "GET /0 HTTP/1.1\r\nX: a\r\n\tb\r\nHost: x\r\n\r\n"},
       {kResponse, "HTTP/1.0 201 OK\nA: b\n\nuntil the close"}},
      {{kRequest, "GET /0 HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"},
       {kResponse, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x05hello"}},
      {{kRequest, "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"},
       {kResponse, "HTTP/1.1 200 OK\r\n\r\n\x16\x03\x01"}}};
  return kAll;
}

std::string text(const Value& value) {
  if (const auto* s = std::get_if<std::string>(&value)) return *s;
  if (const auto* i = std::get_if<int64_t>(&value)) return std::to_string(*i);
  return "?";
}

// Everything but times.
std::string signature(const SessionDriver& d) {
  std::string out;
  for (const Told& told : d.told()) {
    out += told.state == Told::State::kEnded ? "ended " : "abandoned ";
    out += std::to_string(told.start.pos) + " " + told.outcome.name + " " + told.outcome.error_type;
    out += told.context ? " " + told.context->parent.hex() + told.context->trace_state : "";
    for (const Attribute& a : told.outcome.attributes) {
      out += " " + std::string(a.key.text()) + "=" + text(a.value);
    }
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

TEST(Http1Splits, EverySplitTellsTheSame) {
  for (const auto& parts : conversations()) {
    for (const Role role : {Role::kServer, Role::kClient}) {
      const std::string whole = play(parts, SIZE_MAX, role);
      EXPECT_NE(whole.find("ended"), std::string::npos);
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

TEST(Http1Splits, PiecesOfEverySizeTellTheSame) {
  for (const auto& parts : conversations()) {
    const std::string whole = play(parts, SIZE_MAX, Role::kServer);
    for (size_t piece = 1; piece < 40; ++piece)
      ASSERT_EQ(play(parts, piece, Role::kServer), whole) << piece;
  }
}

TEST(Http1Truncation, AtEveryByteNothingIsInvented) {
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

// The property that matters most: whatever is missed, a pair that is told is a true one.
TEST(Http1Holes, AtEveryByteNoPairIsWrong) {
  std::vector<Part> parts;
  std::vector<std::string> expected;
  for (int i = 0; i < 4; ++i) {
    const std::string n = std::to_string(i);
    parts.emplace_back(
        kRequest,
        i % 2 ? get("/" + n) : "POST /" + n + " HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello");
    parts.emplace_back(
        kResponse, i == 1
                       ? "HTTP/1.1 211 X\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
                       : answer(210 + i, "response body"));
    expected.push_back("/" + n + " " + std::to_string(210 + i));
  }
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
        for (const std::string& told : pairs(d)) {
          ASSERT_THAT(expected, testing::Contains(told));
        }
        if (which >= 6) continue;
        ASSERT_THAT(pairs(d), testing::Contains(expected[3])) << "it finds back in step";
      }
    }
  }
}

TEST(Http1Mutations, NeverCrashNorStayOpen) {
  std::mt19937 random(1);
  for (int round = 0; round < 1500; ++round) {
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
          bytes.insert(at, std::string(random() % 5, "\r\n 0:"[random() % 5]));
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
}  // namespace weft::protocol::http1
