// SPDX-License-Identifier: Apache-2.0
// Finds engines in running processes and has their functions probed.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/base/fd.h"
#include "agent/port/engine.h"
#include "agent/port/site_probe.h"
#include "agent/resolve/binary.h"

namespace weft::attach {

// What became of one site in one binary, for doctor and status.
struct SiteRow {
  const Engine* engine;
  std::string binary;  // path in its process's view
  std::string site;
  std::string how{};  // where it was found; else why it is not probed
  bool probed = false;
  bool around = false;  // flushes happen in it; else a moment, or part of such a call
  size_t direct_calls = 0;
  std::vector<SiteProbe> probes{};  // entry first
  std::vector<uint32_t> numbers{};  // of the probes in place: all, or none
  uint64_t before = 0;              // hits until the last pause
  uint64_t seen = 0;                // hits at the last tick
  uint64_t paused_until = 0;        // called too often: not probed for a while; 0: it is
};

// Each file is looked at once, however many processes map it. One thread; blocks while it
// reads binaries (some 20 ms each).
//
// A probe costs microseconds. What is called for each row or record of a busy program would
// slow that down for spans nobody can read: an engine in a file whose site is called more than
// kMostCalls a second is let alone for kPause, its files tell, and then tried again.
class Planner {
 public:
  static constexpr uint64_t kMostCalls = 20'000;      // a second, all processes
  static constexpr uint64_t kPause = 60'000'000'000;  // ns
  using Held = std::function<void(const Engine& engine, uint32_t pid)>;
  // on_held: a process is found to hold the engine's library or program. records: probe what
  // happens once a record, too.
  Planner(ProbeHolder& probes, Held on_held, bool records = false, std::string proc = "/proc");

  // All that runs now.
  void scan();
  // A process executes a file of this name; cheap unless that is an engine's.
  void executed(uint32_t pid, std::string_view path);
  // A process has mapped a library that may be an engine's.
  void mapped(uint32_t pid);

  // About once a second, with a monotonic clock in ns.
  void tick(uint64_t now);

  const std::vector<SiteRow>& rows() const { return rows_; }
  // Times the site's entry was passed while it was probed.
  uint64_t hits(const SiteRow& row) const;

 private:
  void probe(const Engine& engine, const std::string& path, const std::string& shown);
  void place(const SiteSpec& spec, const resolve::Binary& binary, const std::string& path,
             SiteRow& row);
  bool is_new(const Engine& engine, const std::string& path);
  void put(SiteRow& row);
  void pause(const SiteRow& busy, uint64_t now);

  ProbeHolder& probes_;
  Held on_held_;
  bool records_;
  std::string proc_;
  std::vector<SiteRow> rows_;
  std::vector<Fd> files_;  // what is probed: /proc/self/fd outlives every path
  uint64_t last_tick_ = 0;
  std::set<std::pair<const Engine*, std::pair<uint64_t, uint64_t>>> done_;  // device, inode
};

}  // namespace weft::attach
