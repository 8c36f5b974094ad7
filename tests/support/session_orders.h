// SPDX-License-Identifier: Apache-2.0
// What every protocol's session must stand beside its bytes: the loss of any one record, and
// the two directions' ends in any order.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "agent/exchange/failure.h"
#include "tests/support/session_torture.h"

namespace weft::test {

// One exchange without its times. By its beginning, which a loss before it does not move.
inline std::string told_line(const Told& told) {
  std::string out =
      std::to_string(told.start.pos) + " " + told.outcome.name + " " + told.outcome.error_type;
  for (const Attribute& a : told.outcome.attributes) {
    out += " " + std::string(a.key.text()) + "=";
    if (const auto* text = std::get_if<std::string>(&a.value)) out += *text;
    if (const auto* number = std::get_if<int64_t>(&a.value)) out += std::to_string(*number);
  }
  return out;
}

struct LossRules {
  // What of an exchange must be as it is without the loss.
  std::function<std::string(const Told&)> line = told_line;
  // Of those that begin behind the loss, so many may be missing.
  size_t blind = 1;
};

// Each part is one record, and each is lost in turn: what is told is told as it is without the
// loss, no later, and the second exchange that begins behind it is told.
inline void every_loss(const Protocol& protocol, const Conversation& parts,
                       const SessionOptions& options = {}, const LossRules& rules = {}) {
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
  std::map<std::string, uint64_t> truth;
  for (const Told& told : whole.ended()) truth[rules.line(told)] = told.outcome.end_time;
  for (size_t lost = 0; lost < parts.size(); ++lost) {
    SessionDriver d(protocol, options);
    run(d, lost);
    std::vector<std::string> lines;
    for (const Told& told : d.ended()) {
      lines.push_back(rules.line(told));
      const auto known = truth.find(lines.back());
      ASSERT_NE(known, truth.end()) << "record " << lost << " lost: " << lines.back() << "\nof\n"
                                    << signature(whole);
      ASSERT_LE(told.outcome.end_time, known->second) << "record " << lost << " lost";
    }
    size_t behind = 0;
    for (const Told& told : whole.ended()) {
      if (told.start.stamp.time <= (lost + 1) * 1000 || behind++ < rules.blind) continue;
      ASSERT_THAT(lines, testing::Contains(rules.line(told))) << "record " << lost << " lost";
    }
  }
}

// Requests and their answers, in order; an answer ends its request's exchange.
struct Halves {
  std::vector<std::string> requests;
  std::vector<std::string> answers;
  Pair pair;                                      // what an exchange is told as
  std::vector<std::string> answered, unanswered;  // by pair(), the ends' errors apart
};

// Every order of requests, answers and the two directions' ends: an answer that came is told
// with its request, one that did not by agent/exchange/failure.h. `before` goes ahead.
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
