// SPDX-License-Identifier: Apache-2.0
#include "agent/stream/connection_table.h"

#include <gtest/gtest.h>

#include "tests/support/framed_protocol.h"

namespace weft {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;
constexpr uint32_t kWanted = 12345;

// Requests long heads; "x" is not its protocol.
class NoSession : public Session {
 public:
  Progress on_bytes(Direction, const Chunk& chunk, ExchangeSink&) override {
    const bool wrong = chunk.bytes().starts_with('x');
    return {chunk.bytes().size(), wrong ? ParseStatus::kHopeless : ParseStatus::kOk};
  }
  Progress on_gap(Direction, uint64_t n, const Stamp&, ExchangeSink&) override { return {n}; }
  void on_close(Direction, CloseReason, uint64_t, ExchangeSink&) override {}
  bool starts_message(Direction, std::string_view) const override { return true; }
  uint32_t wanted_head() const override { return kWanted; }
};

const Protocol kProtocols[] = {
    {.id = 1,
     .name = "none",
     .make = [](const SessionOptions&) -> std::unique_ptr<Session> {
       return std::make_unique<NoSession>();
     },
     .sniff = nullptr},
    test::kFramed,
    test::kLines,
};

class NoSink : public ExchangeSink {
 public:
  ExchangeHandle begin(const RequestStart&) override { return 1; }
  void head(ExchangeHandle, const std::optional<TraceContext>&) override {}
  void end(ExchangeHandle, Outcome&&) override {}
  void abandon(ExchangeHandle) override {}
};

class NoSinks : public ExchangeSinkFactory {
 public:
  std::unique_ptr<ExchangeSink> open(ConnectionInfoPtr) override {
    return std::make_unique<NoSink>();
  }
};

class ConnectionTableTest : public testing::Test {
 protected:
  void open(uint64_t id, uint32_t pid, uint16_t family, uint64_t time, uint64_t transport = 0) {
    weft_ev_open e{};
    head(e, WEFT_EV_OPEN, pid, time);
    e.conn = id;
    e.family = family;
    e.transport = transport;
    e.protocol = 1;
    push(e.h);
  }
  void data(uint64_t id, uint32_t pid, uint64_t time, char byte = 'a') {
    struct {
      weft_ev_data e;
      char byte[8];
    } r{};
    head(r.e, WEFT_EV_DATA, pid, time);
    r.e.h.size = sizeof r.e + 1;
    r.e.conn = id;
    r.e.len = r.e.captured = 1;
    r.byte[0] = byte;
    push(r.e.h);
  }
  void close(uint64_t id, uint64_t time, uint32_t error = 0,
             uint8_t how = WEFT_CLOSE_TX | WEFT_CLOSE_GONE) {
    weft_ev_close e{};
    head(e, WEFT_EV_CLOSE, 0, time);
    e.conn = id;
    e.error = error;
    e.how = how;
    push(e.h);
  }
  void exit(uint32_t pid, uint64_t time) {
    weft_event e{};
    e.type = WEFT_EV_EXIT;
    e.size = sizeof e;
    e.pid = pid;
    e.time = time;
    push(e);
  }
  uint64_t count(std::string_view name) const {
    uint64_t sum = 0;
    for (const auto& sample : counters_.samples()) {
      if (sample.name == name) sum += sample.value;
    }
    return sum;
  }

  CounterSet counters_;
  NoSinks sinks_;
  std::vector<uint32_t> overrides_;
  ConnectionTable table_{sinks_,
                         {},
                         [this](uint64_t, uint32_t cap, bool ignore) {
                           if (!ignore) overrides_.push_back(cap);
                         },
                         counters_};

 private:
  template <class T>
  void head(T& e, uint16_t type, uint32_t pid, uint64_t time) {
    e.h.type = type;
    e.h.size = sizeof e;
    e.h.pid = pid;
    e.h.time = time;
  }
  void push(const weft_event& head) { table_.on_event(Event{&head}); }
};

TEST_F(ConnectionTableTest, AnOverrideIsMadeOnceAConnection) {
  open(1, 7, WEFT_FAMILY_IPV4, 1);
  data(1, 7, 2);
  data(1, 7, 3);
  EXPECT_EQ(overrides_, std::vector<uint32_t>{kWanted});
}

TEST_F(ConnectionTableTest, ALayerTakesThePlaceOfItsConnectionAndEndsWithIt) {
  open(1, 7, WEFT_FAMILY_IPV4, 1);
  open(2, 7, WEFT_FAMILY_IPV4, 2, 1);
  EXPECT_EQ(table_.size(), 1u) << "what the connection seemed to speak, it does not";
  data(2, 7, 3);
  close(1, 4, 0, WEFT_CLOSE_RX);
  data(2, 7, 5);
  EXPECT_EQ(table_.size(), 1u) << "the library may hold more bytes";
  close(1, 6);
  EXPECT_EQ(table_.size(), 0u);
  EXPECT_EQ(table_.side_rows(), 0u);
}

TEST_F(ConnectionTableTest, ATcpConnectionOutlivesAProcessThatAnotherFollows) {
  open(1, 7, WEFT_FAMILY_IPV4, 1);
  exit(7, 2);
  data(1, 8, 3);
  table_.sweep(20 * kSecond);
  EXPECT_EQ(table_.size(), 1u);
}

TEST_F(ConnectionTableTest, OneThatNeverSpokeExpiresToo) {
  open(1, 7, WEFT_FAMILY_IPV4, kSecond);
  table_.sweep(3602 * kSecond);
  EXPECT_EQ(table_.size(), 0u);
  EXPECT_EQ(count("weft.connections.expired"), 1u);
}

// One way for a connection to end, repeated a hundred thousand times by short-lived processes.
struct Ending {
  const char* name;
  bool exit_before = false;
  bool exit_after = false;
  bool close = false;
  uint32_t error = 0;
  char byte = 'a';
};

class ConnectionSoakTest : public ConnectionTableTest,
                           public testing::WithParamInterface<std::tuple<uint16_t, Ending>> {};

TEST_P(ConnectionSoakTest, TheTablesStayFlat) {
  const auto& [family, ending] = GetParam();
  size_t most = 0;
  size_t most_beside = 0;
  uint64_t now = kSecond;
  for (uint64_t id = 1; id <= 100'000; ++id, now += kSecond / 100) {
    const auto pid = static_cast<uint32_t>(1000 + id);
    open(id, pid, family, now);
    data(id, pid, now, ending.byte);
    if (ending.exit_before) exit(pid, now + 1);
    if (ending.close) close(id, now + 2, ending.error);
    if (ending.exit_after) exit(pid, now + 3);
    if (id % 100 == 0) table_.sweep(now);
    most = std::max(most, table_.size());
    most_beside = std::max(most_beside, table_.side_rows());
  }
  // Eleven seconds' worth of ended processes.
  EXPECT_LE(most, 1300u) << ending.name;
  EXPECT_LE(most_beside, 1300u) << ending.name;
  table_.sweep(now + 60 * kSecond);
  EXPECT_EQ(table_.size(), 0u);
  EXPECT_EQ(table_.side_rows(), 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Endings, ConnectionSoakTest,
    testing::Combine(testing::Values(WEFT_FAMILY_UNIX, WEFT_FAMILY_IPV4, WEFT_FAMILY_IPV6),
                     testing::Values(Ending{.name = "close", .close = true},
                                     Ending{.name = "reset", .close = true, .error = 104},
                                     Ending{.name = "exit", .exit_before = true, .close = true},
                                     Ending{.name = "late", .exit_after = true, .close = true},
                                     Ending{.name = "lost", .exit_after = true},
                                     Ending{.name = "other", .exit_after = true, .byte = 'x'})));

// Neither a close nor an exit is reported, as for a long-running server.
TEST_F(ConnectionTableTest, UnixConnectionsOfOneProcessAreBounded) {
  for (uint64_t id = 1; id <= 100'000; ++id) {
    open(id, 7, WEFT_FAMILY_UNIX, id);
    data(id, 7, id);
  }
  EXPECT_LE(table_.size(), ConnectionTable::kMaxUnix);
  EXPECT_LE(table_.side_rows(), 1u);
  EXPECT_EQ(count("weft.connections.dropped"), 0u) << "they ended long ago";
  data(100'000, 7, 100'001);
  exit(7, 100'002);
  EXPECT_EQ(table_.size(), 0u);
}

TEST_F(ConnectionTableTest, AFullTableFollowsTheNewestAndCountsTheOthers) {
  constexpr uint64_t kMore = ConnectionTable::kMaxConnections + 1000;
  for (uint64_t id = 1; id <= kMore; ++id) {
    open(id, 7, WEFT_FAMILY_IPV4, id);
    data(id, 7, id);
  }
  EXPECT_LE(table_.size(), ConnectionTable::kMaxConnections);
  EXPECT_EQ(count("weft.connections.dropped") + table_.size(), kMore);
  overrides_.clear();
  data(kMore, 7, kMore);
  close(kMore, kMore);
  EXPECT_EQ(count("weft.connections.dropped") + table_.size(), kMore - 1);
}

}  // namespace

std::span<const Protocol> protocols() {
  return kProtocols;
}

}  // namespace weft
