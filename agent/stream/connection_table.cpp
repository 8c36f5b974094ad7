// SPDX-License-Identifier: Apache-2.0
#include "agent/stream/connection_table.h"

#include <cerrno>

namespace weft {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;
constexpr uint64_t kIdleLimit = 3600 * kSecond;
// Sockets are closed right after the process's EXIT event.
constexpr uint64_t kExitMemory = 10 * kSecond;

const Protocol* find_protocol(uint8_t id) {
  for (const Protocol& protocol : protocols()) {
    if (protocol.id == id) return &protocol;
  }
  return nullptr;
}

SessionOptions session_options(const ConnectionInfo& info,
                               const ConnectionTable::Capture& capture) {
  SessionOptions options;
  options.role = info.role;
  options.local_address = info.local.text();
  options.remote_address = info.remote_address;
  options.local_port = info.local.port;
  options.remote_port = info.remote.port;
  options.capture = info.role == Role::kServer ? capture.server : capture.client;
  return options;
}

}  // namespace

ConnectionTable::ConnectionTable(ExchangeSinkFactory& sinks, Capture capture, WishCallback wish,
                                 CounterSet& counters)
    : sinks_(sinks),
      capture_(std::move(capture)),
      wish_(std::move(wish)),
      opened_(counters.get("weft.connections.opened")),
      full_(counters.get("weft.connections.dropped", {{"cause", "table_full"}})),
      hopeless_(counters.get("weft.connections.ignored", {{"cause", "not_the_protocol"}})),
      tunnels_(counters.get("weft.connections.ignored", {{"cause", "tunnel"}})),
      expired_(counters.get("weft.connections.expired")) {}

void ConnectionTable::on_event(const Event& event) {
  switch (event.head->type) {
    case WEFT_EV_OPEN:
      on_open(event.as<weft_ev_open>());
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

void ConnectionTable::on_open(const weft_ev_open& open) {
  const Protocol* protocol = find_protocol(open.protocol);
  if (!protocol) return;
  if (connections_.size() >= kMaxConnections) {
    full_.add();
    return;
  }
  auto info = std::make_shared<const ConnectionInfo>(connection_info(open, protocol));
  std::unique_ptr<Session> session = protocol->make(session_options(*info, capture_));
  connections_[open.conn] =
      std::make_unique<Connection>(info, std::move(session), sinks_.open(info));
  if (open.family == WEFT_FAMILY_UNIX) unix_of_.emplace(open.h.pid, open.conn);
  opened_.add();
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
  const uint32_t wanted = it->second->wanted_head();
  if (wanted != 0 && asked_[data.conn] < wanted) {
    asked_[data.conn] = wanted;
    wish_(data.conn, wanted, false);
  }
}

void ConnectionTable::ignore(Map::iterator it, Counter& counter) {
  counter.add();
  wish_(it->first, 0, true);
  it->second->on_close(WEFT_CLOSE_GONE, 0, CloseReason::kEnd, it->second->last_time());
  asked_.erase(it->first);
  connections_.erase(it);
}

void ConnectionTable::on_close(const weft_ev_close& close) {
  const auto it = connections_.find(close.conn);
  if (it == connections_.end()) return;
  CloseReason reason = CloseReason::kEnd;
  if (close.error != 0) {
    reason = CloseReason::kReset;
  } else if ((close.how & WEFT_CLOSE_RX) == 0 && exited_.contains(it->second->pid())) {
    reason = CloseReason::kKilled;
  }
  it->second->on_close(close.how, close.rx_end, reason, close.h.time);
  if (close.how & WEFT_CLOSE_GONE) {
    asked_.erase(close.conn);
    connections_.erase(it);
  }
}

void ConnectionTable::on_exit(uint32_t pid, uint64_t time) {
  exited_[pid] = time;
  const auto [first, last] = unix_of_.equal_range(pid);
  for (auto it = first; it != last; ++it) {
    const auto connection = connections_.find(it->second);
    if (connection == connections_.end()) continue;
    connection->second->on_close(WEFT_CLOSE_GONE, 0, CloseReason::kKilled, time);
    connections_.erase(connection);
  }
  unix_of_.erase(first, last);
}

void ConnectionTable::sweep(uint64_t now) {
  std::erase_if(exited_, [&](const auto& entry) { return entry.second + kExitMemory < now; });
  for (auto it = connections_.begin(); it != connections_.end();) {
    if (it->second->last_time() == 0 || it->second->last_time() + kIdleLimit > now) {
      ++it;
      continue;
    }
    expired_.add();
    it->second->on_close(WEFT_CLOSE_GONE, 0, CloseReason::kEnd, now);
    asked_.erase(it->first);
    it = connections_.erase(it);
  }
  std::erase_if(unix_of_, [&](const auto& e) { return !connections_.contains(e.second); });
}

}  // namespace weft
