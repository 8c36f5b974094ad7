// SPDX-License-Identifier: Apache-2.0
// Finds engines in running processes and has their functions probed.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent/base/fd.h"
#include "agent/port/code_map.h"
#include "agent/port/compiled_probe.h"
#include "agent/port/engine.h"
#include "agent/resolve/binary.h"

namespace weft::attach {

// An engine in a file. The kernel's inode where it tells that; else device and inode, which
// are several for one file on several overlays.
struct BinaryId {
  const Engine* engine = nullptr;
  uint64_t device = 0;  // 0: inode is the kernel's
  uint64_t inode = 0;
  auto operator<=>(const BinaryId&) const = default;
};

// What became of one probe in one binary, for doctor and status.
struct ProbeRow {
  const Engine* engine;
  BinaryId in;
  std::string binary;  // path in the view of the first process that was seen to map it
  std::string probe;
  std::string how{};      // where it was found; else why it is not probed
  std::string refusal{};  // why the kernel side does not take it
  bool probed = false;
  bool around = false;  // flushes happen in it; else a moment, or part of such a call
  size_t direct_calls = 0;
  std::vector<CompiledProbe> probes{};  // entry first
  std::vector<uint32_t> numbers{};      // of the probes in place: all, or none
  uint64_t before = 0;                  // hits until the last pause
  uint64_t seen = 0;                    // hits at the last tick
  uint64_t paused_until = 0;            // called too often: not probed for a while; 0: it is
};

// Each binary is looked at once, however many processes, containers and mounts show it, and
// let go when the last process that maps it has ended: its probes, its descriptor and its
// rows. That happens at a tick, so that a restart keeps what it finds. What the host itself
// has at that path is kept for kLinger, for a command that runs again and again and is over
// before it can be probed; a container's file system is let go at once, so that it can be
// unmounted. One thread; blocks while it reads binaries (some 20 ms each).
//
// A probe costs microseconds. What is called for each row or record of a busy program would
// slow that down for spans nobody can read: an engine in a file whose probe is called more than
// kMostCalls a second is let alone for kPause, its files tell, and then tried again.
class Planner {
 public:
  static constexpr uint64_t kMostCalls = 20'000;       // a second, all processes
  static constexpr uint64_t kPause = 60'000'000'000;   // ns
  static constexpr uint64_t kLinger = 60'000'000'000;  // ns
  static constexpr uint64_t kVerify =
      30'000'000'000;  // ns: is who is not said to have ended there?
  using HasEngine = std::function<void(const Engine& engine, uint32_t pid)>;
  // on_engine: a process is found to hold the engine's library or program. records: probe what
  // happens once a record, too.
  Planner(ProbeHolder& probes, CodeMap& code, HasEngine on_engine, bool records = false,
          std::string proc = "/proc");

  // All that runs now.
  void scan();
  // A process executes a file of this name; cheap unless that is an engine's.
  void executed(uint32_t pid, std::string_view path);
  // A process has mapped a library that may be an engine's.
  void mapped(uint32_t pid);
  // A child maps what its parent does.
  void forked(uint32_t parent, uint32_t child);
  void ended(uint32_t pid);

  // About once a second, with a monotonic clock in ns.
  void tick(uint64_t now);

  const std::vector<ProbeRow>& rows() const { return rows_; }
  // Times the probe's entry was passed while it was probed.
  uint64_t hits(const ProbeRow& row) const;

 private:
  struct Binary {
    Fd file;  // what is probed: /proc/self/fd outlives every path
    std::set<uint32_t> users{};
    bool of_host = false;
    uint64_t unused_since = 0;  // 0: it is used, or no tick has found it unused
  };
  // Where a process maps an engine.
  struct Mapping {
    const Engine& engine;
    uint32_t pid;
    std::string path;   // by which it can be opened
    std::string shown;  // in the process's own view
  };
  BinaryId identify(const Mapping& mapping, const Fd& file, const MappedCode* code) const;
  void use(const Mapping& mapping, const std::function<bool(const MappedCode&)>& is_it);
  void examine(const Mapping& mapping, const BinaryId& id, Binary& binary);
  void place(const ProbeSpec& spec, const resolve::Binary& binary, const std::string& path,
             ProbeRow& row);
  void attach(ProbeRow& row);
  void detach(ProbeRow& row);
  void pause(const ProbeRow& busy, uint64_t now);
  void forget_dead(uint64_t now);
  static void add_user(Binary& binary, uint32_t pid);
  bool on_host(const Mapping& mapping, const Fd& file) const;
  static bool is_unused(Binary& binary, uint64_t now, bool linger);
  bool release_unused(uint64_t now);

  ProbeHolder& probes_;
  CodeMap& code_;
  HasEngine on_engine_;
  bool records_;
  std::string proc_;
  std::vector<ProbeRow> rows_;
  std::map<BinaryId, Binary> binaries_;
  std::unordered_map<uint32_t, std::set<BinaryId>> used_by_;  // pid → what it maps
  uint64_t last_tick_ = 0;
  uint64_t verified_ = 0;
};

}  // namespace weft::attach
