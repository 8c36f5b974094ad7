// SPDX-License-Identifier: Apache-2.0
// What every protocol's session must tolerate: the loss of any one record, and the ends of the two
// directions in any order.
#pragma once

#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/exchange/failure.h"
#include "tests/support/session_torture.h"
#include "tests/support/truth.h"

namespace weft::test {

// Adds an exchange, each part of its request and its response a record.
inline auto exchanges_into(Conversation& all) {
  return [&all](const std::vector<std::string>& request, const std::vector<std::string>& response) {
    for (const std::string& part : request) all.emplace_back(Direction::kRequest, part);
    for (const std::string& part : response) all.emplace_back(Direction::kResponse, part);
  };
}

// Each part is one record, and each is lost in turn: what is reported is true (truth.h), and the
// second exchange that begins after the loss is reported. An exchange is identified by the position
// of its beginning, which a loss before it does not change, unless the beginning itself was lost.
inline void every_loss(const Protocol& protocol, const Conversation& parts,
                       const SessionOptions& options = {}) {
  const auto run = [&](SessionDriver& d, size_t lost) {
    for (size_t i = 0; i < parts.size(); ++i) {
      if (i == lost) d.lose(parts[i].first, parts[i].second);
      if (i != lost) d.bytes(parts[i].first, parts[i].second);
    }
    d.finish();
  };
  SessionDriver whole(protocol, options);
  run(whole, SIZE_MAX);
  ASSERT_EQ(whole.abandoned(), 0u);
  std::map<uint64_t, Outcome> truth;
  for (const Told& told : whole.ended()) truth[told.start.pos] = told.outcome;
  for (size_t lost = 0; lost < parts.size(); ++lost) {
    SessionDriver d(protocol, options);
    run(d, lost);
    std::set<uint64_t> found;
    for (const Told& told : d.ended()) {
      const auto after = truth.upper_bound(told.start.pos);
      ASSERT_NE(after, truth.begin()) << "record " << lost << " lost: " << line(told.outcome);
      const auto known = std::prev(after);
      ASSERT_TRUE(is_true(told.outcome, known->second))
          << "record " << lost << " lost: " << line(told.outcome) << "\n"
          << line(known->second);
      ASSERT_TRUE(found.insert(known->first).second) << "told twice: " << line(told.outcome);
    }
    size_t behind = 0;
    for (const Told& told : whole.ended()) {
      if (told.start.stamp.time <= (lost + 1) * 1000 || behind++ < 1) continue;
      ASSERT_TRUE(found.contains(told.start.pos))
          << "record " << lost << " lost: " << line(told.outcome);
    }
  }
}

// Requests and their responses, in order; a response ends its request's exchange.
struct Halves {
  std::vector<std::string> requests;
  std::vector<std::string> answers;
  Pair pair;                                      // an exchange as text
  std::vector<std::string> answered, unanswered;  // by pair(); errors by the end not included
};

// Every order of requests, responses and the two directions' ends: a request with a response is
// reported with it, one without by agent/exchange/failure.h. `before` is played first.
class HalfCloses {
 public:
  HalfCloses(const Protocol& protocol, const SessionOptions& options, Conversation before,
             Halves halves)
      : protocol_(protocol),
        options_(options),
        before_(std::move(before)),
        halves_(std::move(halves)) {}

  void run() { extend({}, 0, 0, false, false); }

 private:
  enum class Step : char { kAsk = 'Q', kAnswer = 'A', kNoMoreAsked = 'q', kNoMoreTold = 'a' };

  void extend(const std::string& steps, size_t asked, size_t told, bool q, bool a) {
    if (testing::Test::HasFatalFailure()) return;
    if (q && a) return check(steps);
    const auto with = [&](Step step) { return steps + static_cast<char>(step); };
    if (!q && !a && asked < halves_.requests.size())
      extend(with(Step::kAsk), asked + 1, told, q, a);
    if (!a && told < asked) extend(with(Step::kAnswer), asked, told + 1, q, a);
    if (!q) extend(with(Step::kNoMoreAsked), asked, told, true, a);
    if (!a) extend(with(Step::kNoMoreTold), asked, told, q, true);
  }

  void check(const std::string& steps) {
    SessionDriver d(protocol_, options_);
    play(d, before_);
    const size_t first = d.ended().size();
    size_t asked = 0, told = 0;
    bool left = false;
    std::string error;
    for (const char step : steps) {
      switch (static_cast<Step>(step)) {
        case Step::kAsk:
          d.request(halves_.requests[asked++]);
          break;
        case Step::kAnswer:
          d.response(halves_.answers[told++]);
          break;
        case Step::kNoMoreAsked:
          left = true;
          d.close(Direction::kRequest);
          break;
        case Step::kNoMoreTold:
          error = failure(CloseReason::kEnd, options_.role, left, false);
          d.close(Direction::kResponse);
          break;
      }
    }
    const std::vector<Told> ended = d.ended();
    ASSERT_EQ(d.abandoned(), 0u) << steps;
    ASSERT_EQ(ended.size() - first, asked) << steps;
    for (size_t i = 0; i < asked; ++i) {
      const Told& each = ended[first + i];
      const std::string& expected = i < told ? halves_.answered[i] : halves_.unanswered[i];
      ASSERT_EQ(halves_.pair(each), expected) << steps;
      if (i < told) continue;
      ASSERT_EQ(each.outcome.error_type, error) << steps;
    }
  }

  const Protocol& protocol_;
  SessionOptions options_;
  Conversation before_;
  Halves halves_;
};

}  // namespace weft::test
