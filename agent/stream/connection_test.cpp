// SPDX-License-Identifier: Apache-2.0
#include "agent/stream/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <utility>

namespace weft {
namespace {

using testing::ElementsAre;

// A line protocol: "?…\n" is a request, any other line one message; "#N\n" announces N body bytes
// that may be a gap.
class LineSession : public Session {
 public:
  explicit LineSession(std::vector<std::string>& log) : log_(log) {}

  Progress on_bytes(Direction direction, const Chunk& chunk, ExchangeSink&) override {
    const std::string_view bytes = chunk.bytes();
    size_t& body = body_[static_cast<size_t>(direction)];
    if (body > 0) {
      const size_t n = std::min(body, bytes.size());
      body -= n;
      return {n, ParseStatus::kOk};
    }
    const size_t end = bytes.find('\n');
    if (end == std::string_view::npos) return {0, ParseStatus::kNeedMore};
    const std::string line(bytes.substr(0, end));
    log_.push_back((direction == Direction::kRequest ? "req " : "resp ") + line + "@" +
                   std::to_string(chunk.stamp(0).time));
    if (line == "bye") return {end + 1, ParseStatus::kDone};
    if (line == "garbage") return {end + 1, ParseStatus::kHopeless};
    if (line.starts_with('#')) body = std::stoul(line.substr(1));
    return {end + 1, ParseStatus::kOk};
  }
  Progress on_gap(Direction direction, uint64_t n, const Stamp&, ExchangeSink&) override {
    size_t& body = body_[static_cast<size_t>(direction)];
    const size_t taken = std::min<uint64_t>(body, n);
    body -= taken;
    if (taken < n) log_.push_back(direction == Direction::kRequest ? "hole req" : "hole resp");
    return {taken, ParseStatus::kOk};
  }
  void on_close(Direction direction, CloseReason, uint64_t, ExchangeSink&) override {
    log_.push_back(direction == Direction::kRequest ? "close req" : "close resp");
  }
  bool starts_message(Direction, std::string_view bytes) const override {
    return bytes.starts_with('?');
  }

 private:
  std::vector<std::string>& log_;
  size_t body_[2] = {0, 0};
};

// One long response that begins with "rows" and ends with the line "ok" or "failed"; nothing
// between is needed.
class LongAnswer : public Session {
 public:
  explicit LongAnswer(std::vector<std::string>& log) : log_(log) {}

  Progress on_bytes(Direction, const Chunk& chunk, ExchangeSink&) override {
    const std::string_view bytes = chunk.bytes();
    for (const std::string_view end : {"\nok\n", "\nfailed\n"}) {
      if (bytes.ends_with(end)) {
        log_.push_back(std::string(end.substr(1, end.size() - 2)) + "@" +
                       std::to_string(chunk.pos() + bytes.size()));
      }
    }
    return {bytes.size(), ParseStatus::kOk};
  }
  Progress on_gap(Direction, uint64_t n, const Stamp&, ExchangeSink&) override {
    return {n, ParseStatus::kOk};
  }
  void on_close(Direction, CloseReason, uint64_t, ExchangeSink&) override {}
  bool starts_message(Direction, std::string_view) const override { return false; }

 private:
  std::vector<std::string>& log_;
};

class NoSink : public ExchangeSink {
 public:
  ExchangeHandle begin(const RequestStart&) override { return 1; }
  void head(ExchangeHandle, const std::optional<TraceContext>&) override {}
  void end(ExchangeHandle, Outcome&&) override {}
  void abandon(ExchangeHandle) override {}
};

class ConnectionTest : public testing::Test {
 protected:
  void SetUp() override { current = &log_; }
  Connection make(bool late = false, Role role = Role::kServer) {
    return with<LineSession>(late, role);
  }
  template <class ASession>
  Connection with(bool late = false, Role role = Role::kServer) {
    ConnectionInfo info;
    info.role = role;
    info.late = late;
    info.protocol = &row<ASession>();
    return {std::make_shared<const ConnectionInfo>(info), sessions_, std::make_unique<NoSink>(),
            /*opened=*/0, /*opener=*/1};
  }
  template <class ASession>
  static const Protocol& row() {
    static const Protocol kRow{.id = 200,
                               .name = "fake",
                               .make = [](const SessionOptions&) -> std::unique_ptr<Session> {
                                 return std::make_unique<ASession>(*current);
                               },
                               .sniff = nullptr};
    return kRow;
  }
  Connection::State rx(Connection& c, uint64_t pos, std::string_view bytes, uint8_t flags = 0,
                       uint32_t len = 0) {
    return move(c, WEFT_DIR_RX, pos, bytes, flags, len);
  }
  Connection::State tx(Connection& c, uint64_t pos, std::string_view bytes, uint8_t flags = 0) {
    return move(c, WEFT_DIR_TX, pos, bytes, flags, 0);
  }
  Connection::State move(Connection& c, uint8_t dir, uint64_t pos, std::string_view bytes,
                         uint8_t flags, uint32_t len) {
    weft_ev_data data{};
    data.h.time = ++time_;
    data.pos = pos;
    data.len = len ? len : static_cast<uint32_t>(bytes.size());
    data.captured = static_cast<uint32_t>(bytes.size());
    data.dir = dir;
    const bool dir_change = std::exchange(last_[&c], dir + 1) != dir + 1;
    data.flags = dir_change ? flags | WEFT_DATA_DIR_CHANGE : flags;
    return c.on_data(data, bytes);
  }
  struct Positions {
    uint64_t rx_end = 0;
    uint64_t rx = 0;
    uint64_t tx = 0;
  };
  static void close(Connection& c, uint8_t how, const Positions& at = {0, 0, 0},
                    CloseReason reason = CloseReason::kEnd) {
    weft_ev_close close{};
    close.how = how;
    close.rx_end = at.rx_end;
    close.rx_pos = at.rx;
    close.tx_pos = at.tx;
    c.on_close(close, reason);
  }
  inline static std::vector<std::string>* current = nullptr;  // of the test that runs
  std::vector<std::string> log_;

 private:
  const SessionFactory sessions_{{}};
  uint64_t time_ = 0;
  std::map<const Connection*, int> last_;  // direction of the newest record, plus one
};

TEST_F(ConnectionTest, RoleGivesTheDirection) {
  Connection server = make();
  rx(server, 0, "?a\n");
  tx(server, 0, "b\n");
  Connection client = make(false, Role::kClient);
  tx(client, 0, "?c\n");
  EXPECT_THAT(log_, ElementsAre("req ?a@1", "resp b@2", "req ?c@3"));
}

TEST_F(ConnectionTest, AMessageOverSeveralRecordsHasTheFirstOnesStamp) {
  Connection c = make();
  rx(c, 0, "?lo");
  rx(c, 3, "ng");
  rx(c, 5, "er\n?next\n");
  EXPECT_THAT(log_, ElementsAre("req ?longer@1", "req ?next@3"));
}

// Exchanges were left out on purpose: that is no hole, and nothing of before is continued.
TEST_F(ConnectionTest, ResumesWhereARequestBegins) {
  Connection c = make();
  rx(c, 0, "?a\n");
  tx(c, 0, "hal");
  rx(c, 500, "?b\n", WEFT_DATA_RESUMED);
  tx(c, 900, "c\n");
  rx(c, 503, "?d\n");
  EXPECT_THAT(log_, ElementsAre("req ?a@1", "req ?b@3", "resp c@4", "req ?d@5"));
}

TEST_F(ConnectionTest, WhatWasLeftOutBeforeTheEndIsNotMissed) {
  Connection c = make();
  rx(c, 0, "?a\n");
  tx(c, 0, "b\n");
  close(c, WEFT_CLOSE_RX | WEFT_CLOSE_TX);
  EXPECT_THAT(log_, ElementsAre("req ?a@1", "resp b@2", "close resp", "close req"));
}

TEST_F(ConnectionTest, BytesToldLateHaveTheTimeTheyMoved) {
  Connection c = make();
  weft_ev_data data{};
  data.h.time = 7'000'000;
  data.age = 5000;
  data.len = data.captured = 3;
  data.dir = WEFT_DIR_RX;
  c.on_data(data, "?a\n");
  EXPECT_THAT(log_, ElementsAre("req ?a@2000000"));
}

TEST_F(ConnectionTest, ABodyMayBeAGap) {
  Connection c = make();
  rx(c, 0, "#100\n", 0, 105);
  rx(c, 105, "?next\n");
  EXPECT_THAT(log_, ElementsAre("req #100@1", "req ?next@2"));
}

TEST_F(ConnectionTest, ATailIsShownBehindWhatWasNotCopied) {
  Connection c = with<LongAnswer>();
  move(c, WEFT_DIR_TX, 1000, "rows\n1\n2\n", WEFT_DATA_DIR_CHANGE, 8180);
  move(c, WEFT_DIR_TX, 9180, "\n31\n3", 0, 6);  // the end of a call, but not of a message
  move(c, WEFT_DIR_TX, 9186, "2\n33", 0, 4080);
  move(c, WEFT_DIR_TX, 13266, "7\nfailed\n", 0, 9);
  EXPECT_THAT(log_, ElementsAre("failed@13275"));
}

TEST_F(ConnectionTest, AGapInAHeadLosesTheWayUntilATurnThatBeginsAMessage) {
  Connection c = make();
  rx(c, 0, "?hea", 0, 50);
  rx(c, 50, "tail\n");
  rx(c, 55, "middle\n", WEFT_DATA_DIR_CHANGE);
  rx(c, 62, "?found\n", WEFT_DATA_DIR_CHANGE);
  EXPECT_THAT(log_, ElementsAre("hole req", "req ?found@4"));
}

TEST_F(ConnectionTest, JoinedLateWaitsForABeginning) {
  Connection c = make(/*late=*/true);
  rx(c, 700, "rest of something\n", WEFT_DATA_DIR_CHANGE);
  rx(c, 718, "?first\n", WEFT_DATA_DIR_CHANGE);
  EXPECT_THAT(log_, ElementsAre("req ?first@2"));
}

// A lost record is revealed by positions; before a direction's first record, by direction changes.
TEST_F(ConnectionTest, WhatIsMissingBeforeTheFirstRecordIsAGap) {
  Connection c = make();
  rx(c, 100, "?a\n");
  rx(c, 103, "?b\n", WEFT_DATA_DIR_CHANGE);  // a response was missed between them
  tx(c, 500, "b\n");
  rx(c, 106, "?c\n");
  tx(c, 502, "?d\n");
  EXPECT_THAT(log_, ElementsAre("req ?a@1", "req ?b@2", "hole resp", "req ?c@4", "resp ?d@5"))
      << "the way was lost until a message begins at a direction change";
}

TEST_F(ConnectionTest, TunnelAndGarbageEndTheReading) {
  Connection tunnel = make();
  EXPECT_EQ(rx(tunnel, 0, "bye\n?more\n"), Connection::State::kTunnel);
  Connection garbage = make();
  EXPECT_EQ(rx(garbage, 0, "garbage\n"), Connection::State::kHopeless);
  EXPECT_EQ(rx(garbage, 8, "?later\n", WEFT_DATA_DIR_CHANGE), Connection::State::kHopeless);
  EXPECT_THAT(log_, ElementsAre("req bye@1", "req garbage@2"));
}

TEST_F(ConnectionTest, EachSideClosesOnce) {
  Connection c = make();
  rx(c, 0, "?a\n");
  close(c, WEFT_CLOSE_RX, {.rx_end = 3});
  close(c, WEFT_CLOSE_GONE);
  EXPECT_THAT(log_, ElementsAre("req ?a@1", "close req", "close resp"));
}

TEST_F(ConnectionTest, AnEndWaitsUntilTheProcessHasReadUpToIt) {
  Connection client = make(false, Role::kClient);
  tx(client, 0, "?a\n");
  close(client, WEFT_CLOSE_RX, {.rx_end = 104});
  rx(client, 100, "b\n");
  EXPECT_THAT(log_, ElementsAre("req ?a@1", "resp b@2"));
  rx(client, 102, "c\n");
  EXPECT_THAT(log_, ElementsAre("req ?a@1", "resp b@2", "resp c@3", "close resp"));
}

TEST_F(ConnectionTest, AnEndWithNothingLeftToReadIsNow) {
  Connection client = make(false, Role::kClient);
  tx(client, 0, "?a\n");
  close(client, WEFT_CLOSE_RX);
  EXPECT_THAT(log_, ElementsAre("req ?a@1", "close resp"));
}

TEST_F(ConnectionTest, AnEndThatIsNeverReadComesWithTheSocketsOwn) {
  Connection client = make(false, Role::kClient);
  tx(client, 0, "?a\n");
  close(client, WEFT_CLOSE_RX, {.rx_end = 104}, CloseReason::kReset);
  close(client, WEFT_CLOSE_GONE);
  EXPECT_THAT(log_, ElementsAre("req ?a@1", "close req", "close resp"));
}

// No later record reveals that the last one of a direction was lost: the close does.
TEST_F(ConnectionTest, WhatIsMissingBeforeAnEndIsAGap) {
  const std::pair<uint8_t, Positions> ends[] = {
      {WEFT_CLOSE_RX, {.rx = 102}},
      {WEFT_CLOSE_TX, {.tx = 5}},
      {WEFT_CLOSE_GONE, {.rx = 102, .tx = 3}},
      {WEFT_CLOSE_GONE, {.rx = 100, .tx = 5}},
  };
  for (const auto& [how, positions] : ends) {
    Connection client = make(false, Role::kClient);
    rx(client, 98, "a\n");
    tx(client, 0, "?a\n");
    log_.clear();
    close(client, how, positions);
    const bool answer = positions.rx == 102;
    EXPECT_EQ(log_.front(), answer ? "hole resp" : "hole req") << int{how};
    EXPECT_EQ(std::ranges::count_if(log_, [](auto& l) { return l.starts_with("hole"); }), 1);
  }
}

TEST_F(ConnectionTest, WhatIsMissingOfADirectionWithoutRecordsIsAGap) {
  Connection client = make(false, Role::kClient);
  tx(client, 0, "?a\n");
  close(client, WEFT_CLOSE_GONE, {.rx = 700, .tx = 3});
  EXPECT_THAT(log_, ElementsAre("req ?a@1", "hole resp", "close req", "close resp"));
}

TEST_F(ConnectionTest, AnEndThatIsNotReadYetMissesNothing) {
  Connection client = make(false, Role::kClient);
  rx(client, 98, "a\n");
  close(client, WEFT_CLOSE_RX, {.rx_end = 102, .rx = 101});
  rx(client, 100, "b\n");
  EXPECT_THAT(log_, ElementsAre("resp a@1", "resp b@2", "close resp"));
}

}  // namespace
}  // namespace weft
