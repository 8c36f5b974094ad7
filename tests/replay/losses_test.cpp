// SPDX-License-Identifier: Apache-2.0
// Each record of each recording is lost, in turn: what is told of its connection is as true as
// without the loss, and the second exchange that begins behind it is told.
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "agent/kernel/recording.h"
#include "agent/stream/connection_table.h"
#include "tests/support/truth.h"

namespace weft {
namespace {

class Record {
 public:
  explicit Record(const weft_event& event) : words_((event.size + 7) / 8) {
    std::memcpy(words_.data(), &event, event.size);
  }
  const weft_event& head() const { return *reinterpret_cast<const weft_event*>(words_.data()); }
  uint64_t connection() const {
    switch (head().type) {
      case WEFT_EV_OPEN:
        return as<weft_ev_open>().conn;
      case WEFT_EV_DATA:
        return as<weft_ev_data>().conn;
      case WEFT_EV_CLOSE:
        return as<weft_ev_close>().conn;
      default:
        return 0;
    }
  }
  bool is_data_of(uint64_t connection) const {
    return head().type == WEFT_EV_DATA && this->connection() == connection;
  }

 private:
  template <class T>
  const T& as() const {
    return *reinterpret_cast<const T*>(words_.data());
  }
  std::vector<uint64_t> words_;  // aligned as an event must be
};
using Records = std::vector<Record>;

class Copies : public EventSink {
 public:
  void push(const Event& event) override { records.emplace_back(*event.head); }
  Records records;
};

struct Exchange {
  uint64_t connection = 0;
  uint64_t pos = 0;
  uint64_t start = 0;
  Outcome outcome;
};

// Writes exchanges down as they end.
class Ledger : public ExchangeSinkFactory {
 public:
  std::unique_ptr<ExchangeSink> open(ConnectionInfoPtr connection) override {
    return std::make_unique<Page>(*this, connection->id);
  }
  std::vector<Exchange> told;

 private:
  class Page : public ExchangeSink {
   public:
    Page(Ledger& ledger, uint64_t connection) : ledger_(ledger), connection_(connection) {}
    ExchangeHandle begin(const RequestStart& start) override {
      starts_.push_back(start);
      return starts_.size();
    }
    void head(ExchangeHandle, const std::optional<TraceContext>&) override {}
    void end(ExchangeHandle exchange, Outcome&& outcome) override {
      const RequestStart& start = starts_[exchange - 1];
      ledger_.told.push_back({connection_, start.pos, start.stamp.time, std::move(outcome)});
    }
    void abandon(ExchangeHandle) override {}

   private:
    Ledger& ledger_;
    uint64_t connection_;
    std::vector<RequestStart> starts_;
  };
};

// A record that finds no room is lost; a connection is told of again with its next bytes.
Records without(const Records& all, size_t lost) {
  Records left(all);
  const Record gone = all[lost];
  left.erase(left.begin() + static_cast<ptrdiff_t>(lost));
  if (gone.head().type != WEFT_EV_OPEN) return left;
  const auto is_next = [&](const Record& r) { return r.is_data_of(gone.connection()); };
  const auto first = std::ranges::find_if(left, is_next);
  if (first == left.end()) return left;
  const auto behind = left.erase(first);
  left.insert(std::find_if(behind, left.end(), is_next), gone);
  return left;
}

std::vector<Exchange> told_of(const Records& records) {
  Ledger ledger;
  CounterSet counters;
  ConnectionTable table(
      ledger, {}, [](uint64_t, uint32_t, bool) {}, counters);
  for (const Record& record : records) table.on_event(Event{&record.head()});
  return std::move(ledger.told);
}

using Position = std::pair<uint64_t, uint64_t>;  // connection, position

void check(const std::vector<Exchange>& whole, const Record& lost,
           const std::vector<Exchange>& told) {
  std::map<Position, const Exchange*> truth;
  std::set<Position> found;
  for (const Exchange& each : whole) truth[{each.connection, each.pos}] = &each;
  for (const Exchange& each : told) {
    const Position position(each.connection, each.pos);
    ASSERT_TRUE(truth.contains(position)) << "never was: " << test::line(each.outcome);
    EXPECT_TRUE(test::is_true(each.outcome, truth[position]->outcome))
        << test::line(each.outcome) << "\n"
        << test::line(truth[position]->outcome);
    EXPECT_TRUE(found.insert(position).second) << "told twice: " << test::line(each.outcome);
  }
  size_t behind = 0;
  for (const Exchange& each : whole) {
    if (each.connection != lost.connection() || each.start <= lost.head().time) continue;
    if (behind++ == 0) continue;
    EXPECT_TRUE(found.contains({each.connection, each.pos}))
        << "not told: " << test::line(each.outcome);
  }
}

Records recorded(const std::filesystem::path& file) {
  Copies copies;
  Result<kernel::Replay> replay = kernel::Replay::open(file);
  EXPECT_TRUE(replay && replay->run(copies)) << file;
  return std::move(copies.records);
}

TEST(Losses, OfAnyRecordCostWhatTheyTouch) {
  size_t losses = 0;
  for (const auto& file : std::filesystem::directory_iterator(WEFT_RECORDINGS)) {
    if (file.path().extension() != ".weft") continue;
    const Records records = recorded(file.path());
    const std::vector<Exchange> whole = told_of(records);
    for (size_t i = 0; i < records.size(); ++i) {
      if (records[i].connection() == 0) continue;
      SCOPED_TRACE(file.path().filename().string() + ", record " + std::to_string(i));
      check(whole, records[i], told_of(without(records, i)));
      ++losses;
    }
  }
  EXPECT_GT(losses, 300u);
}

}  // namespace
}  // namespace weft
