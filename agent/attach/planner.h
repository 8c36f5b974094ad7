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

#include "agent/port/engine.h"
#include "agent/port/site_probe.h"
#include "agent/resolve/binary.h"

namespace weft::attach {

// What became of one site in one binary, for doctor and status.
struct SiteRow {
  const Engine* engine;
  std::string binary;  // path in its process's view
  std::string site;
  std::string how;  // where it was found; else why it is not probed
  bool probed = false;
  bool around = false;  // flushes happen in it; else a moment, or part of such a call
  size_t direct_calls = 0;
  std::vector<uint32_t> numbers;  // of its probes, entry first: hits
};

// Each file is looked at once, however many processes map it. One thread; blocks while it
// reads binaries (some 20 ms each).
class Planner {
 public:
  using Held = std::function<void(const Engine& engine, uint32_t pid)>;
  // on_held: a process is found to hold the engine's library or program.
  Planner(ProbeHolder& probes, Held on_held, std::string proc = "/proc");

  // All that runs now.
  void scan();
  // A process executes a file of this name; cheap unless that is an engine's.
  void executed(uint32_t pid, std::string_view path);
  // A process has mapped a library of the engine.
  void mapped(uint32_t pid, const Engine& engine);

  const std::vector<SiteRow>& rows() const { return rows_; }
  // Times the site's entry was passed.
  uint64_t hits(const SiteRow& row) const;

 private:
  void scan_maps(uint32_t pid);
  void probe(const Engine& engine, const std::string& path, const std::string& shown);
  void place(const SiteSpec& spec, const resolve::Binary& binary, const std::string& path,
             SiteRow& row);
  bool is_new(const Engine& engine, const std::string& path);

  ProbeHolder& probes_;
  Held on_held_;
  std::string proc_;
  std::vector<SiteRow> rows_;
  std::set<std::pair<const Engine*, std::pair<uint64_t, uint64_t>>> done_;  // device, inode
};

}  // namespace weft::attach
