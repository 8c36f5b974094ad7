// SPDX-License-Identifier: Apache-2.0
// Which exchanges are reported where not all are, and what is counted of the others.
#include <algorithm>
#include <numeric>

#include "tests/kernel/socket_fixture.h"

namespace weft::kernel {
namespace {

using namespace testing;

constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
constexpr std::string_view kFault = "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n";
constexpr uint32_t kNone = WEFT_KEEP_NONE;

class Share : public SocketFixture {
 protected:
  void limit(std::array<uint32_t, WEFT_ORIGINS> thresholds) {
    start();
    if (!object_) return;  // skipped
    leaves_out_ = true;
    object_->set_thresholds(thresholds);
  }
  static void converse(const Pair& pair, int requests) {
    for (int i = 0; i < requests; ++i) {
      pair.ask(kGet);
      pair.answer(kOk);
    }
  }
  // Requests, then something happens, then more of them on the same connection.
  void play_in_two_parts(int before, int after, const std::function<void()>& between,
                         std::string_view last = {}) {
    int ready[2], go[2];
    ASSERT_EQ(pipe(ready) | pipe(go), 0);
    fork_and_play([&](const Pair& pair) {
      char byte = 0;
      converse(pair, before);
      (void)!write(ready[1], "r", 1);
      (void)!read(go[0], &byte, 1);
      converse(pair, after);
      pair.ask(last);
    });
    char byte = 0;
    ASSERT_EQ(read(ready[0], &byte, 1), 1);
    drain();
    between();
    ASSERT_EQ(write(go[1], "g", 1), 1);
    join();
    drain();
  }
  void push(const Event& event) override {
    SocketFixture::push(event);
    if (event.head->type == WEFT_EV_CLOSE && !opens.empty()) {
      const auto& close = event.as<weft_ev_close>();
      const bool mine = std::ranges::any_of(
          opens, [&](const auto& open) { return open.second.conn == close.conn; });
      if (mine && (close.how & WEFT_CLOSE_GONE) != 0) closes.push_back(close);
    }
    if (event.head->type != WEFT_EV_DATA || static_cast<pid_t>(event.head->pid) != child_) return;
    records.push_back(event.as<weft_ev_data>());
  }
  // Begun by this end: positions of the requests that were reported.
  std::vector<uint32_t> begun(weft_dir dir) const {
    std::vector<uint32_t> out;
    for (const weft_ev_data& record : records) {
      if (record.dir == dir && record.len == kGet.size())
        out.push_back(static_cast<uint32_t>(record.pos));
    }
    return out;
  }
  // Requests of the child that were counted only, by role and status.
  std::map<std::pair<int, int>, uint64_t> counted() {
    std::map<std::pair<int, int>, uint64_t> out;
    object_->left_out().read(
        [&](const weft_left_out_key& key, const weft_left_out& value) {
          if (static_cast<pid_t>(key.pid) != child_) return;
          EXPECT_NE(key.port, 0) << "role " << int{key.role};
          EXPECT_GT(value.sum, 0u);
          out[{key.role, key.status}] +=
              std::accumulate(std::begin(value.count), std::end(value.count), uint64_t{0});
        },
        [](uint32_t) { return false; });
    return out;
  }
  using Counted = std::map<std::pair<int, int>, uint64_t>;

  std::vector<weft_ev_data> records;
  std::vector<weft_ev_close> closes;  // sockets that are gone
};

TEST_P(Share, WhatIsLeftOutIsCounted) {
  limit({kNone, 0, kNone});
  if (!object_) return;  // skipped
  run([](const Pair& pair) {
    converse(pair, 10);
    pair.ask(kGet);
    pair.answer(kFault);
  });
  EXPECT_TRUE(records.empty());
  const Counted expected{{{WEFT_ROLE_SERVER, WEFT_STATUS_2XX}, 10},
                         {{WEFT_ROLE_SERVER, WEFT_STATUS_5XX}, 1},
                         {{WEFT_ROLE_CLIENT, WEFT_STATUS_2XX}, 10},
                         {{WEFT_ROLE_CLIENT, WEFT_STATUS_5XX}, 1}};
  EXPECT_EQ(counted(), expected);
}

// Only user space sees whether requests carry contexts, and until it has said so all are shown.
TEST_P(Share, AServersRequestsAreSeenUntilTheirOriginIsKnown) {
  limit({kNone, 0, 0});
  if (!object_) return;  // skipped
  play_in_two_parts(3, 4, [&] { object_->set_origin(opens.at(WEFT_ROLE_SERVER).conn, false); });
  EXPECT_EQ(begun(WEFT_DIR_RX).size(), 3u);
  EXPECT_EQ(begun(WEFT_DIR_TX).size(), 0u) << "a client's context is not looked at";
  for (const weft_ev_data& record : records) {
    EXPECT_EQ(record.exchange_id & WEFT_EXCHANGE_KEPT, WEFT_EXCHANGE_KEPT);
    EXPECT_EQ(record.threshold, kNone - 1);
    if (record.dir == WEFT_DIR_RX) {
      EXPECT_NE(record.flags & WEFT_DATA_UNDECIDED, 0);
    }
  }
  const Counted expected{{{WEFT_ROLE_SERVER, WEFT_STATUS_2XX}, 4},
                         {{WEFT_ROLE_CLIENT, WEFT_STATUS_2XX}, 7}};
  EXPECT_EQ(counted(), expected);
}

TEST_P(Share, BothEndsDecideAlike) {
  constexpr int kRequests = 400;
  limit({kNone / 2, 0, kNone / 2});
  if (!object_) return;  // skipped
  run([](const Pair& pair) { converse(pair, kRequests); });
  const std::vector<uint32_t> sent = begun(WEFT_DIR_TX);
  EXPECT_EQ(sent, begun(WEFT_DIR_RX));
  EXPECT_NEAR(static_cast<double>(sent.size()), kRequests / 2.0, 100);  // ten standard deviations
  EXPECT_EQ(records.size(), 4 * sent.size()) << "each with its response, at both ends";
  const Counted expected{{{WEFT_ROLE_SERVER, WEFT_STATUS_2XX}, kRequests - sent.size()},
                         {{WEFT_ROLE_CLIENT, WEFT_STATUS_2XX}, kRequests - sent.size()}};
  EXPECT_EQ(counted(), expected);
}

// A gap that is meant says so; else user space would take it for a loss.
TEST_P(Share, ResumesWithAWord) {
  limit({kNone / 2, 0, kNone / 2});
  if (!object_) return;  // skipped
  run([](const Pair& pair) { converse(pair, 100); });
  std::map<uint64_t, std::array<uint64_t, 2>> ends;  // by connection and direction
  for (const weft_ev_data& record : records) {
    const auto [known, is_new] = ends.try_emplace(record.conn);
    const bool resumed = (record.flags & WEFT_DATA_RESUMED) != 0;
    uint64_t& end = known->second[record.dir];
    if (!is_new && end != 0 && record.len == kGet.size()) {
      EXPECT_EQ(resumed, record.pos != end);
    }
    end = record.pos + record.len;
  }
}

// The server asks for the rest of the request: that is not another one.
TEST_P(Share, TheRestOfARequestGoesOnAsItBegan) {
  constexpr std::string_view kPost =
      "POST /a HTTP/1.1\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n";
  constexpr std::string_view kGoOn = "HTTP/1.1 100 Continue\r\n\r\n";
  constexpr std::string_view kBody = "some bytes.";
  constexpr int kRequests = 60;
  limit({kNone / 2, 0, kNone / 2});
  if (!object_) return;  // skipped
  run([&](const Pair& pair) {
    for (int i = 0; i < kRequests; ++i) {
      pair.ask(kPost);
      pair.answer(kGoOn);
      pair.ask(kBody);
      pair.answer(kOk);
    }
  });
  std::map<size_t, size_t> seen;  // by length
  for (const weft_ev_data& record : records) ++seen[record.len];
  EXPECT_EQ(seen[kPost.size()], seen[kBody.size()]);
  EXPECT_EQ(seen[kPost.size()], seen[kGoOn.size()]);
  EXPECT_EQ(seen[kPost.size()], seen[kOk.size()]);
  const uint64_t left = kRequests - seen[kPost.size()] / 2;
  const Counted expected{{{WEFT_ROLE_SERVER, WEFT_STATUS_2XX}, left},
                         {{WEFT_ROLE_CLIENT, WEFT_STATUS_2XX}, left}};
  EXPECT_EQ(counted(), expected);
}

// Go's server reads the first byte of a request ahead: too little to say that one begins.
TEST_P(Share, ARequestThatIsReadInTwoPartsCountsOnce) {
  constexpr int kRequests = 200;
  limit({kNone / 2, 0, kNone / 2});
  if (!object_) return;  // skipped
  run([](const Pair& pair) {
    for (int i = 0; i < kRequests; ++i) {
      (void)!write(pair.client, kGet.data(), kGet.size());
      const size_t ahead = i % 3 == 2 ? 1 : kGet.size();
      Pair::take(pair.server, ahead);
      if (ahead < kGet.size()) Pair::take(pair.server, kGet.size() - ahead);
      pair.answer(kOk);
    }
  });
  size_t answered = 0;
  for (const weft_ev_data& record : records) {
    answered += record.dir == WEFT_DIR_TX && record.len == kOk.size();
  }
  EXPECT_GT(answered, 0u);
  EXPECT_EQ(counted().at({WEFT_ROLE_SERVER, WEFT_STATUS_2XX}), kRequests - answered);
}

// The end says where what was told has ended: what was left out before is no hole.
TEST_P(Share, AnEndWithoutAnAnswerMissesNothing) {
  limit({kNone, 0, kNone});
  if (!object_) return;  // skipped
  play_in_two_parts(
      3, 0, [&] { object_->set_thresholds({}); }, kGet);
  ASSERT_EQ(begun(WEFT_DIR_RX).size(), 1u);
  for (const weft_ev_close& close : closes) {
    const bool server = close.conn == opens.at(WEFT_ROLE_SERVER).conn;
    EXPECT_EQ(server ? close.tx_pos : close.rx_pos, 0u) << "no answer";
    EXPECT_NE(server ? close.rx_pos : close.tx_pos, 0u);
  }
  EXPECT_FALSE(closes.empty());
}

TEST_P(Share, NothingIsLeftOutOnceThereIsRoomAgain) {
  limit({kNone, 0, kNone});
  if (!object_) return;  // skipped
  play_in_two_parts(5, 3, [&] { object_->set_thresholds({}); });
  EXPECT_EQ(begun(WEFT_DIR_RX).size(), 3u);
  EXPECT_EQ(begun(WEFT_DIR_TX).size(), 3u);
  EXPECT_EQ(counted().at({WEFT_ROLE_SERVER, WEFT_STATUS_2XX}), 5u);
}

// What others have begun and sampled has a threshold of its own.
TEST_P(Share, ConnectionsWithContextsAreKept) {
  limit({kNone, 0, 0});
  if (!object_) return;  // skipped
  play_in_two_parts(2, 4, [&] { object_->set_origin(opens.at(WEFT_ROLE_SERVER).conn, true); });
  EXPECT_EQ(begun(WEFT_DIR_RX).size(), 6u);
  EXPECT_EQ(begun(WEFT_DIR_TX).size(), 0u);
}

INSTANTIATE_TEST_SUITE_P(HookTypes, Share, kHookTypes, hook_type_of);

}  // namespace
}  // namespace weft::kernel
