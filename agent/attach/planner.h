// SPDX-License-Identifier: Apache-2.0
// Finds probe targets (engines, libraries, runtimes) in running processes and attaches probes to
// their functions.
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
#include "agent/port/probe_target.h"
#include "agent/resolve/binary.h"

namespace weft::attach {

// Identifies a target in a file: by the kernel's inode if the kernel reports it; else by device
// and inode, which differ for one file seen through several overlays.
struct BinaryId {
  const ProbeTarget* target = nullptr;
  uint64_t device = 0;  // 0: inode is the kernel's
  uint64_t inode = 0;
  auto operator<=>(const BinaryId&) const = default;
};

// The state of one probe in one binary, for doctor and status.
struct ProbeRow {
  const ProbeTarget* target;
  const ProbeSpec* spec;
  BinaryId in;
  std::string binary;     // path as seen by the first process that mapped it
  std::string how{};      // where it was found; else why it is not probed
  std::string refusal{};  // why the kernel side refuses it
  bool probed = false;
  size_t direct_calls = 0;
  std::vector<CompiledProbe> probes{};  // as compiled, entry first
  std::vector<uint32_t> numbers{};      // of the attached probes: all, or none
  uint64_t before = 0;                  // hits before the last pause
  uint64_t seen = 0;                    // hits at the last tick
  uint64_t paused_until = 0;            // called too often: detached until then; 0: not paused
};

// Each binary is examined once, however many processes, containers and mounts use it. When the last
// process that maps it has ended, it is released: its probes, its descriptor and its rows. That
// happens in tick(), so that a restarted process finds its probes still attached. A binary of the
// host's own file system is kept for kLinger, because a command may run again and again and end
// before it can be probed. A container's file system is released at once, so that it can be
// unmounted. One thread; blocks while it reads binaries (some 20 ms each).
//
// A probe costs microseconds. On a function called for each row or record of a busy program it
// would cost too much, for more spans than anyone can read. If an engine's probe is called more
// than kMostCalls a second, all probes of that engine in that file are detached for kPause (its
// flushes are inferred from file I/O meanwhile), and then they are attached again. Those of a
// library or a runtime stay: without them tasks and bytes would be taken for others.
class Planner {
 public:
  static constexpr uint64_t kMostCalls = 20'000;       // per second, over all processes
  static constexpr uint64_t kPause = 60'000'000'000;   // ns
  static constexpr uint64_t kLinger = 60'000'000'000;  // ns
  static constexpr uint64_t kVerify =
      30'000'000'000;  // ns between checks for processes that ended without an EXIT event
  using Targets = std::vector<const ProbeTarget*>;
  using HasTarget = std::function<void(const ProbeTarget& target, uint32_t pid)>;
  // targets: outlive this. on_target: called when a process is found to have loaded the target's
  // library or to execute its program. records: also attach probes that run once per record.
  Planner(ProbeHolder& probes, CodeMap& code, Targets targets, HasTarget on_target,
          bool records = false, std::string proc = "/proc");

  // Examines all running processes.
  void scan();
  // A process executes a file of this name; cheap unless the name is a target's.
  void executed(uint32_t pid, std::string_view path);
  // A process maps a library that may be a target. It is looked at again in the next tick: what it
  // maps to execute may come after what is told.
  void mapping(uint32_t pid);
  // The child has the same mappings as its parent.
  void forked(uint32_t parent, uint32_t child);
  void ended(uint32_t pid);

  // Call about once a second. now: monotonic clock, ns.
  void tick(uint64_t now);

  const std::vector<ProbeRow>& rows() const { return rows_; }
  // How often the function was called while it was probed.
  uint64_t hits(const ProbeRow& row) const;

 private:
  struct Binary {
    Fd file;  // the probed file: /proc/self/fd stays valid when every path is gone
    std::set<uint32_t> users{};
    bool of_host = false;
    uint64_t unused_since = 0;  // 0: used, or not yet seen unused by a tick
  };
  // A target's file in a process.
  struct Mapping {
    const ProbeTarget& target;
    uint32_t pid;
    std::string path;   // path to open it by
    std::string shown;  // path as the process sees it
  };
  void find_libraries(uint32_t pid);
  BinaryId identify(const Mapping& mapping, const Fd& file, const MappedCode* code) const;
  void use(const Mapping& mapping, const std::function<bool(const MappedCode&)>& is_it);
  void examine(const Mapping& mapping, const BinaryId& id, Binary& binary);
  void place(const resolve::Binary& binary, const std::string& path, ProbeRow& row);
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
  Targets targets_;
  bool with_libraries_;  // some target has
  HasTarget on_target_;
  bool records_;
  std::string proc_;
  std::vector<ProbeRow> rows_;
  std::map<BinaryId, Binary> binaries_;
  std::unordered_map<uint32_t, std::set<BinaryId>> used_by_;  // pid → binaries it maps
  std::set<uint32_t> mapping_;                                // since the last tick
  uint64_t last_tick_ = 0;
  uint64_t verified_ = 0;
};

}  // namespace weft::attach
