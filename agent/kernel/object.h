// SPDX-License-Identifier: Apache-2.0
// The kernel side as one object: choose hook_types, load, attach, talk, detach. Nothing is
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
#include "agent/port/code_map.h"
#include "agent/port/compiled_probe.h"
#include "agent/port/protocol.h"
#include "bpf/abi/weft_config.h"
#include "bpf/abi/weft_stat.h"

namespace weft::kernel {

// One owner; methods from one thread, except stats().
class Object {
 public:
  // Loads and attaches. A program the kernel rejects costs its hook type, not the rest.
  // patterns: of files to watch, at most WEFT_PATTERNS; none: nothing of storage is loaded.
  // protocols: whose tails to copy.
  static Result<std::unique_ptr<Object>> start(const KernelOptions& options, Features features,
                                               std::span<const weft_pattern> patterns,
                                               std::span<const Protocol> table = protocols());
  ~Object();
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  // File descriptors of the rings, one per possible CPU.
  const std::vector<int>& rings() const;
  // Asks the next record to wake the reader; see Reader.
  void set_idle(bool idle);

  void set_target_decision(uint32_t pid, weft_target_decision decision);
  // Of a process that has ended or executes another program, should it have been set after the
  // kernel side took it away.
  void forget_target_decision(uint32_t pid);
  // No more than a quarter of a ring is granted to one message.
  void override_capture(uint64_t connection, weft_capture_override wanted);
  // No pattern fits the name after all.
  void ignore_file(const weft_file_key& key);
  // Probes on functions of engines. Valid as long as this.
  ProbeHolder& probes();
  // What processes map. Valid as long as this.
  CodeMap& code();

  // Sums over CPUs since start. Any thread.
  std::array<uint64_t, WEFT_STAT_COUNT> stats() const;
  const std::vector<Choice>& choices() const;
  // Calls that no program saw, because a task was preempted or interrupted inside it; with
  // shadows, at most so many. Any thread.
  uint64_t missed() const;
  // Bytes the kernel holds for our maps, as the kernel accounts them.
  uint64_t map_bytes() const;

 private:
  struct Impl;
  explicit Object(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weft::kernel
