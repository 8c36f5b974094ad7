// SPDX-License-Identifier: Apache-2.0
#include "agent/stream/connection_table.h"

#include <algorithm>
#include <cerrno>
#include <vector>

namespace weft {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;
constexpr uint64_t kIdleLimit = 3600 * kSecond;
// Sockets are closed right after the process's EXIT event.
constexpr uint64_t kExitMemory = 10 * kSecond;

}  // namespace

ConnectionTable::ConnectionTable(ExchangeSinkFactory& sinks, SessionFactory::Capture capture,
                                 CaptureCallback wanted, CounterSet& counters)
    : sinks_(sinks),
      sessions_(std::move(capture)),
      capture_override_(std::move(wanted)),
      opened_(counters.get("weft.connections.opened")),
      full_(counters.get("weft.connections.dropped", {{"cause", "table_full"}})),
      hopeless_(counters.get("weft.connections.ignored", {{"cause", "not_the_protocol"}})),
      tunnels_(counters.get("weft.connections.ignored", {{"cause", "tunnel"}})),
      expired_(counters.get("weft.connections.expired")) {}

void ConnectionTable::on_event(const Event& event) {
  switch (event.head->type) {
    case WEFT_EV_OPEN:
      on_open(event.as<weft_ev_open>(), event.tail<weft_ev_open>());
      break;
    case WEFT_EV_DATA:
      on_data(event.as<weft_ev_data>(), event.tail<weft_ev_data>());
      break;
    case WEFT_EV_CLOSE:
      on_close(event.as<weft_ev_close>());
      break;
    case WEFT_EV_EXIT:
      on_exit(event.head->pid, event.head->time);
      break;
    default:
      break;
  }
}

void ConnectionTable::on_open(const weft_ev_open& open, std::string_view preamble) {
  const Protocol* protocol = protocol_with(open.protocol);
  if (!protocol) return;
  const bool is_unix = open.family == WEFT_FAMILY_UNIX;
  if (is_unix && unix_ >= kMaxUnix) make_room(true, expired_);
  if (connections_.size() >= kMaxConnections) make_room(false, full_);
  if (const auto same = connections_.find(open.conn); same != connections_.end()) forget(same);
  if (open.transport != 0) cover(open.transport, open.conn);
  auto info = std::make_shared<const ConnectionInfo>(connection_info(open, preamble, protocol));
  connections_[open.conn] =
      std::make_unique<Connection>(info, sessions_, sinks_.open(info), open.h.time, open.h.pid);
  if (is_unix) {
    unix_of_[open.h.pid].insert(open.conn);
    ++unix_;
  }
  opened_.add();
}

// The layer has the messages: what the connection itself moved was not what it seemed.
void ConnectionTable::cover(uint64_t transport, uint64_t layer) {
  if (const auto below = connections_.find(transport); below != connections_.end()) {
    below->second->disown();
    forget(below);
  }
  above_[transport] = layer;
}

void ConnectionTable::on_data(const weft_ev_data& data, std::string_view bytes) {
  const auto it = connections_.find(data.conn);
  if (it == connections_.end()) return;
  switch (it->second->on_data(data, bytes)) {
    case Connection::State::kActive:
      break;
    case Connection::State::kTunnel:
      return ignore(it, tunnels_);
    case Connection::State::kHopeless:
      return ignore(it, hopeless_);
  }
  if (const uint32_t wanted = it->second->new_capture_override(); wanted != 0) {
    capture_override_(data.conn, wanted, false);
  }
}

void ConnectionTable::ignore(Map::iterator it, Counter& counter) {
  counter.add();
  capture_override_(it->first, 0, true);
  end(it, CloseReason::kEnd, it->second->last_time());
}

ConnectionTable::Map::iterator ConnectionTable::end(Map::iterator it, CloseReason reason,
                                                    uint64_t time) {
  it->second->end(reason, time);
  return forget(it);
}

// The only place where a connection leaves the table, with all rows about it.
ConnectionTable::Map::iterator ConnectionTable::forget(Map::iterator it) {
  if (it->second->info().family == WEFT_FAMILY_UNIX) {
    --unix_;
    const auto of = unix_of_.find(it->second->opener());
    if (of != unix_of_.end() && of->second.erase(it->first) > 0 && of->second.empty()) {
      unix_of_.erase(of);
    }
  }
  const auto above = above_.find(it->second->info().transport);
  if (above != above_.end() && above->second == it->first) above_.erase(above);
  return connections_.erase(it);
}

// The end of a connection is the end of the layer above it. Half of an end is not: the library may
// still hold bytes that the socket has moved.
void ConnectionTable::on_close(const weft_ev_close& event) {
  if (const auto it = connections_.find(event.conn); it != connections_.end()) {
    return close(it, event);
  }
  const auto above = above_.find(event.conn);
  if (above == above_.end() || (event.how & WEFT_CLOSE_GONE) == 0) return;
  weft_ev_close end = event;
  end.rx_end = end.rx_pos = end.tx_pos = 0;  // the socket's
  if (const auto it = connections_.find(above->second); it != connections_.end()) close(it, end);
}

void ConnectionTable::close(Map::iterator it, const weft_ev_close& close) {
  if (close.how & WEFT_CLOSE_OWN) {
    it->second->disown();
    forget(it);
    return;
  }
  CloseReason reason = CloseReason::kEnd;
  if (close.error != 0) {
    reason = CloseReason::kReset;
  } else if ((close.how & WEFT_CLOSE_RX) == 0 && exited_.contains(it->second->pid())) {
    reason = CloseReason::kKilled;
  }
  it->second->on_close(close, reason);
  if (close.how & WEFT_CLOSE_GONE) forget(it);
}

void ConnectionTable::on_exit(uint32_t pid, uint64_t time) {
  exited_[pid] = time;
  const auto of = unix_of_.find(pid);
  if (of == unix_of_.end()) return;
  const std::unordered_set<uint64_t> ids = std::move(of->second);
  unix_of_.erase(of);
  for (const uint64_t id : ids) {
    if (const auto it = connections_.find(id); it != connections_.end()) {
      end(it, CloseReason::kKilled, time);
    }
  }
}

// True if the connection's CLOSE was lost: sockets are closed right after their process ends. False
// if another process continues to use it, which later bytes show.
bool ConnectionTable::left_by_its_process(const Connection& connection, uint64_t now) const {
  const auto exit = exited_.find(connection.pid());
  return exit != exited_.end() && exit->second + kExitMemory < now &&
         connection.last_time() <= exit->second;
}

void ConnectionTable::sweep(uint64_t now) {
  for (auto it = connections_.begin(); it != connections_.end();) {
    const bool left = left_by_its_process(*it->second, now);
    if (!left && it->second->last_time() + kIdleLimit > now) {
      ++it;
      continue;
    }
    expired_.add();
    it = end(it, left ? CloseReason::kKilled : CloseReason::kEnd, now);
  }
  std::erase_if(exited_, [&](const auto& entry) { return entry.second + kExitMemory < now; });
}

// Ends the sixteenth that were idle the longest, so that the search is rare.
void ConnectionTable::make_room(bool of_unix, Counter& counter) {
  const auto counts = [of_unix](const Connection& c) {
    return !of_unix || c.info().family == WEFT_FAMILY_UNIX;
  };
  std::vector<uint64_t> times;
  for (const auto& [id, connection] : connections_) {
    if (counts(*connection)) times.push_back(connection->last_time());
  }
  size_t least = times.size() / 16 + 1;
  const auto nth = times.begin() + static_cast<ptrdiff_t>(least - 1);
  std::ranges::nth_element(times, nth);
  const uint64_t limit = *nth;
  for (auto it = connections_.begin(); it != connections_.end() && least > 0;) {
    if (!counts(*it->second) || it->second->last_time() > limit) {
      ++it;
      continue;
    }
    counter.add();
    --least;
    it = end(it, CloseReason::kEnd, it->second->last_time());
  }
}

}  // namespace weft
