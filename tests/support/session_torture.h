// SPDX-License-Identifier: Apache-2.0
// What every protocol's session must tolerate at every byte of a conversation: a split, an end, a
// hole, and arbitrary bytes. The protocol's test defines what is right.
#pragma once

#include <algorithm>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/session_driver.h"

namespace weft::test {

using Part = std::pair<Direction, std::string>;
using Conversation = std::vector<Part>;  // no part is empty

inline void play(SessionDriver& d, std::span<const Part> parts, size_t piece = SIZE_MAX) {
  for (const auto& [direction, bytes] : parts) d.bytes(direction, bytes, piece);
}

// All reported exchanges, one per line, without times and batches.
inline std::string signature(const SessionDriver& d) {
  std::string out;
  const auto text = [](const Value& value) {
    if (const auto* s = std::get_if<std::string>(&value)) return *s;
    if (const auto* i = std::get_if<int64_t>(&value)) return std::to_string(*i);
    return std::string("?");
  };
  for (const Told& told : d.told()) {
    out += told.state == Told::State::kEnded ? "ended " : "abandoned ";
    out += std::to_string(told.start.pos) + " " + std::to_string(told.start.statement) + " " +
           told.outcome.name + " " + told.outcome.error_type;
    out += told.context ? " " + told.context->parent.hex() + told.context->trace_state : "";
    for (const Attribute& a : told.outcome.attributes)
      out += " " + std::string(a.key.text()) + "=" + text(a.value);
    out += "\n";
  }
  return out;
}

// Split in two at every byte, and in pieces of every small size: the same is reported.
inline void every_split(const Protocol& protocol, const Conversation& parts,
                        const SessionOptions& options = {}) {
  const auto ended = [](SessionDriver& d) {
    d.close(Direction::kResponse).close(Direction::kRequest);
    EXPECT_EQ(d.open(), 0u);
    return signature(d);
  };
  const auto in_pieces = [&](size_t size) {
    SessionDriver d(protocol, options);
    play(d, parts, size);
    return ended(d);
  };
  const std::string whole = in_pieces(SIZE_MAX);
  ASSERT_NE(whole.find("ended"), std::string::npos) << whole;
  for (size_t which = 0; which < parts.size(); ++which) {
    const auto& [direction, bytes] = parts[which];
    for (size_t cut = 1; cut < bytes.size(); ++cut) {
      SessionDriver d(protocol, options);
      play(d, std::span(parts).first(which));
      d.bytes(direction, bytes.substr(0, cut)).bytes(direction, bytes.substr(cut));
      play(d, std::span(parts).subspan(which + 1));
      ASSERT_EQ(ended(d), whole) << "part " << which << " cut at " << cut;
    }
  }
  for (size_t size = 1; size < 60; ++size)
    ASSERT_EQ(in_pieces(size), whole) << "pieces of " << size;
}

// The connection is reset at every byte: nothing stays open. check: tests what was reported.
inline void every_end(const Protocol& protocol, const Conversation& parts,
                      const std::function<void(const SessionDriver&)>& check) {
  for (size_t which = 0; which < parts.size(); ++which) {
    for (size_t cut = 0; cut < parts[which].second.size(); ++cut) {
      SessionDriver d(protocol);
      play(d, std::span(parts).first(which));
      d.bytes(parts[which].first, parts[which].second.substr(0, cut));
      d.gone(Direction::kResponse, CloseReason::kReset);
      ASSERT_EQ(d.open(), 0u) << "part " << which << " cut at " << cut;
      check(d);
    }
  }
}

// An exchange as the protocol's test describes it, so that a wrong response is recognised.
using Pair = std::string (*)(const Told& told);

// The same: each reported exchange is one of the whole conversation, or lacks its response.
inline void no_end_invents(const Protocol& protocol, const Conversation& parts, Pair pair) {
  SessionDriver full(protocol);
  play(full, parts);
  full.finish();
  std::vector<std::string> expected;
  for (const Told& told : full.ended()) expected.push_back(pair(told));
  every_end(protocol, parts, [&](const SessionDriver& d) {
    for (const Told& told : d.ended()) {
      if (told.outcome.error_type == "connection_reset") continue;
      ASSERT_THAT(expected, testing::Contains(pair(told)));
    }
  });
}

// The check of a hole in a part. behind: the number of whole parts after it.
using HoleCheck = std::function<void(const SessionDriver&, size_t behind)>;

// Holes from every byte on, of increasing lengths in growing steps.
inline void every_hole(const Protocol& protocol, const Conversation& parts,
                       const HoleCheck& check) {
  for (size_t which = 0; which < parts.size(); ++which) {
    const auto& [direction, bytes] = parts[which];
    const size_t size = bytes.size();
    for (size_t from = 0; from < size; ++from) {
      for (size_t to = from + 1; to <= size;
           to += to == size ? 1 : std::min(size - to, 1 + (to - from) / 8)) {
        SessionDriver d(protocol);
        play(d, std::span(parts).first(which));
        if (from > 0) d.bytes(direction, bytes.substr(0, from));
        d.gap(direction, to - from);
        if (to < size) d.bytes(direction, bytes.substr(to));
        play(d, std::span(parts).subspan(which + 1));
        d.finish();
        check(d, parts.size() - 1 - which);
        if (testing::Test::HasFailure())
          FAIL() << "part " << which << ", hole " << from << " to " << to;
      }
    }
  }
}

// Bytes changed, lost and inserted: no crash, and nothing stays open. filler: bytes with a meaning
// in the protocol.
inline void mutations(const Protocol& protocol, std::span<const Conversation> all,
                      std::string_view filler, int rounds) {
  std::mt19937 random(1);
  for (int round = 0; round < rounds; ++round) {
    Conversation parts = all[random() % all.size()];
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
          bytes.insert(at, std::string(random() % 5, filler[random() % filler.size()]));
          break;
      }
      if (bytes.empty()) bytes = filler.substr(0, 1);
    }
    SessionDriver d(protocol);
    for (const auto& [direction, bytes] : parts) d.bytes(direction, bytes, 1 + random() % 60);
    d.finish();
  }
}

}  // namespace weft::test
