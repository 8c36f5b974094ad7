// SPDX-License-Identifier: Apache-2.0
// How many spans each process has had so far, by protocol: for status.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string_view>
#include <unordered_map>

#include "agent/port/protocol.h"

namespace weft {

// One thread. Bounded by the live processes.
class Tallies {
 public:
  struct Tally {
    uint64_t spans = 0;
    uint64_t errors = 0;
  };
  using ByProtocol = std::map<std::string_view, Tally>;

  void count(uint32_t pid, const Protocol& protocol, bool error);
  // The process has ended; the totals keep what it had.
  void forget(uint32_t pid);
  const std::unordered_map<uint32_t, ByProtocol>& of_processes() const { return of_processes_; }
  const ByProtocol& totals() const { return totals_; }

 private:
  // Where the tallies of an exchange are. Each span needs them, and finding them compares texts.
  struct Place {
    uint32_t pid = 0;
    const Protocol* protocol = nullptr;  // null: none
    Tally* of_process = nullptr;
    Tally* total = nullptr;
  };
  Place& place_of(uint32_t pid, const Protocol& protocol);

  std::unordered_map<uint32_t, ByProtocol> of_processes_;
  ByProtocol totals_;
  std::array<Place, 16> places_{};  // the last few, by pid
};

}  // namespace weft
