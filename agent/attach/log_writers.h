// SPDX-License-Identifier: Apache-2.0
// The processes for which operations on files are hooked: hooks on system calls cost a little of
// every call of the host, so they are there only while one of these runs.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace weft::attach {

// One thread.
class LogWriters {
 public:
  static constexpr uint64_t kRest = 60'000'000'000;    // ns from the last one's end
  static constexpr uint64_t kVerify = 30'000'000'000;  // ns between looks for missed ends
  using Observe = std::function<void(bool wanted)>;
  using IsLog = std::function<bool(std::string_view folder, std::string_view name)>;
  explicit LogWriters(Observe observe, std::string proc = "/proc")
      : observe_(std::move(observe)), proc_(std::move(proc)) {}

  // Those that have a log open already: what they write first must not be what they are known by.
  // Blocks: some microseconds for each open file of the host.
  void scan(const IsLog& is_log);
  // It writes a log, or is certain to do so.
  void add(uint32_t pid);
  // It has ended, or executes another program.
  void ended(uint32_t pid) { pids_.erase(pid); }
  // Call about once a second. now: monotonic clock, ns.
  void tick(uint64_t now);

 private:
  Observe observe_;
  std::string proc_;
  std::unordered_set<uint32_t> pids_;
  bool observed_ = false;
  uint64_t unused_since_ = 0;  // 0: used
  uint64_t verified_ = 0;
};

}  // namespace weft::attach
