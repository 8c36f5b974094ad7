// SPDX-License-Identifier: Apache-2.0
// All connections that the kernel side reports: feeds sessions from OPEN, DATA and CLOSE events. It
// does not check whether a process is a target: the kernel drops those that are not, and for
// undecided ones the stitcher decides when a span is due.
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "agent/base/counter.h"
#include "agent/port/event.h"
#include "agent/stream/connection.h"

namespace weft {

// One thread. Owns the connections. Each ends by its CLOSE event, by its process's EXIT (Unix
// sockets, whose close the kernel does not report; others, whose CLOSE was lost, a little later),
// or after an hour without a byte. Bounded: the longest idle make room.
class ConnectionTable {
 public:
  static constexpr size_t kMaxConnections = 65536;
  // The kernel side keeps half as many Unix sockets, drops the least recently used, and opens them
  // again if they carry more data.
  static constexpr size_t kMaxUnix = 8192;

  // Changes how the kernel side captures a connection (bpf/abi weft_capture_override).
  using CaptureCallback = std::function<void(uint64_t connection, uint32_t head_cap, bool ignore)>;

  ConnectionTable(ExchangeSinkFactory& sinks, SessionFactory::Capture capture,
                  CaptureCallback wanted, CounterSet& counters);

  void on_event(const Event& event);
  // Ends connections that have been idle for long. Call about once a second with the events' clock.
  void sweep(uint64_t now);
  size_t size() const { return connections_.size(); }
  // Rows kept beside the connections; must not grow with the number of connections ever seen.
  size_t side_rows() const { return unix_of_.size() + exited_.size() + above_.size(); }

 private:
  using Map = std::unordered_map<uint64_t, std::unique_ptr<Connection>>;
  void on_open(const weft_ev_open& open, std::string_view preamble);
  void on_data(const weft_ev_data& data, std::string_view bytes);
  void on_close(const weft_ev_close& close);
  void close(Map::iterator it, const weft_ev_close& close);
  void cover(uint64_t transport, uint64_t layer);
  void on_exit(uint32_t pid, uint64_t time);
  void ignore(Map::iterator it, Counter& counter);
  Map::iterator forget(Map::iterator it);
  Map::iterator end(Map::iterator it, CloseReason reason, uint64_t time);
  void make_room(bool of_unix, Counter& counter);
  bool left_by_its_process(const Connection& connection, uint64_t now) const;

  ExchangeSinkFactory& sinks_;
  const SessionFactory sessions_;
  CaptureCallback capture_override_;
  Map connections_;
  // pid → the Unix connections it opened
  std::unordered_map<uint32_t, std::unordered_set<uint64_t>> unix_of_;
  std::unordered_map<uint64_t, uint64_t> above_;   // connection → the layer above it
  size_t unix_ = 0;                                // how many in connections_
  std::unordered_map<uint32_t, uint64_t> exited_;  // pid → time of exit, for the last few seconds
  Counter& opened_;
  Counter& full_;
  Counter& hopeless_;
  Counter& tunnels_;
  Counter& expired_;
};

}  // namespace weft
