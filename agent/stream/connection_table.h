// SPDX-License-Identifier: Apache-2.0
// All connections the kernel side reports: turns OPEN, DATA and CLOSE events into sessions
// fed. Whether a process is wanted is not asked here: the kernel drops the unwanted, and
// what is still undecided is told by the stitcher, when a span is due.
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "agent/base/counter.h"
#include "agent/port/event.h"
#include "agent/stream/connection.h"

namespace weft {

// One thread. Owns the connections; each ends by its CLOSE event, by its process's EXIT
// (Unix sockets, whose end the kernel does not tell), or after an hour without a byte.
class ConnectionTable {
 public:
  static constexpr size_t kMaxConnections = 65536;

  // Asks the kernel side for another treatment of a connection (bpf/abi weft_wish).
  using WishCallback = std::function<void(uint64_t connection, uint32_t head_cap, bool ignore)>;

  // What sessions of each role record beyond the ordinary.
  struct Capture {
    std::shared_ptr<const CaptureOptions> server;
    std::shared_ptr<const CaptureOptions> client;
  };

  ConnectionTable(ExchangeSinkFactory& sinks, Capture capture, WishCallback wish,
                  CounterSet& counters);

  void on_event(const Event& event);
  // Ends what has been silent for long. Call now and then with the events' clock.
  void sweep(uint64_t now);
  size_t size() const { return connections_.size(); }

 private:
  using Map = std::unordered_map<uint64_t, std::unique_ptr<Connection>>;
  void on_open(const weft_ev_open& open);
  void on_data(const weft_ev_data& data, std::string_view bytes);
  void on_close(const weft_ev_close& close);
  void on_exit(uint32_t pid, uint64_t time);
  void ignore(Map::iterator it, Counter& counter);

  ExchangeSinkFactory& sinks_;
  Capture capture_;
  WishCallback wish_;
  Map connections_;
  std::unordered_map<uint64_t, uint32_t> asked_;         // head caps wished, by connection
  std::unordered_multimap<uint32_t, uint64_t> unix_of_;  // pid → its Unix connections
  std::unordered_map<uint32_t, uint64_t> exited_;        // pid → when, a few seconds back
  Counter& opened_;
  Counter& full_;
  Counter& hopeless_;
  Counter& tunnels_;
  Counter& expired_;
};

}  // namespace weft
