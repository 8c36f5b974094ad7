// SPDX-License-Identifier: Apache-2.0
// The kernel side as one object: choose hook types, load, attach, exchange data, detach. Nothing is
// pinned: when the process ends, however it ends, the kernel takes everything down.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "agent/base/result.h"
#include "agent/config/config.h"
#include "agent/kernel/fallback.h"
#include "agent/kernel/features.h"
#include "agent/kernel/lanes.h"
#include "agent/kernel/left_out_counts.h"
#include "agent/kernel/program_time.h"
#include "agent/port/code_map.h"
#include "agent/port/compiled_probe.h"
#include "agent/port/protocol.h"
#include "bpf/abi/weft_config.h"
#include "bpf/abi/weft_stat.h"

namespace weft::kernel {

// One owner. All methods from one thread, except where "any thread" is said.
class Object {
 public:
  // Loads and attaches. If the kernel rejects a program, only that hook falls back to the next hook
  // type. files: what to watch, at most WEFT_PATTERNS. observed: its `files` or `libraries` must be
  // set if there are any. table: the protocols, for what their rows ask of the programs.
  static Result<std::unique_ptr<Object>> start(const KernelOptions& options, Features features,
                                               const Observed& observed,
                                               std::span<const weft_pattern> files,
                                               std::span<const Protocol> table = protocols());
  ~Object();
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  // File descriptors of the rings, one per possible CPU.
  const std::vector<int>& rings() const;
  uint32_t ring_size() const;  // bytes
  LaneMap lanes() const;
  // Which records wake the reader from now on; see Reader.
  void set_wake(weft_wake wake);

  void set_target_decision(uint32_t pid, weft_target_decision decision);
  // For a process that has ended or executes another program: removes a decision that was set after
  // the kernel side removed its own.
  void forget_target_decision(uint32_t pid);
  // How the ids of the process's tasks are known; until then its threads are its tasks.
  void set_task_id(uint32_t pid, const weft_fetch& where);
  // Hooks operations on files, or no longer; no effect unless Observed::files_when_asked.
  void observe_files(bool wanted);
  // With KernelOptions::contexts: what the exchange's task sends from now on continues this trace.
  void set_context(uint64_t exchange_id, const weft_exchange_context& context);
  // One message is granted at most a quarter of a lane, or of a
  // ring where there are no lanes.
  void override_capture(uint64_t connection, weft_capture_override wanted);
  // Which exchanges are kept from now on, by enum weft_origin.
  void set_thresholds(const std::array<uint32_t, WEFT_ORIGINS>& thresholds);
  // Whether the requests of a server's connection carry trace contexts.
  void set_origin(uint64_t connection, bool continued);
  // Counts of requests that were left out. Valid as long as this object.
  LeftOutCounts left_out() const;
  // Of all programs. Valid as long as this object.
  ProgramTime program_time() const;
  // No pattern fits the name: stop reporting this file.
  void ignore_file(const weft_file_key& key);
  // Attaches probes to functions. Valid as long as this object.
  ProbeHolder& probes();
  // Reports what processes map. Valid as long as this object.
  CodeMap& code();

  // Sums over CPUs since start. Any thread.
  std::array<uint64_t, WEFT_STAT_COUNT> stats() const;
  const std::vector<Choice>& choices() const;
  // Calls that no program saw, because a task was preempted or interrupted inside the program. With
  // shadow programs this is an upper bound. Any thread.
  uint64_t missed() const;
  // Kernel memory of the maps in bytes, as the kernel accounts it.
  uint64_t map_bytes() const;

 private:
  struct Impl;
  explicit Object(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weft::kernel
