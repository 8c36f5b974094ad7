// SPDX-License-Identifier: Apache-2.0
// Every process the agent has heard of: facts, resource and verdict, kept current by
// exec, fork and exit events. Live it completes facts from /proc; in a replay it learns
// from events alone (ProcSource::none()).
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>

#include "agent/config/config.h"
#include "agent/discover/process.h"
#include "agent/port/event.h"

namespace weft {

// Where facts of a live process come from; a test or a replay gives its own.
class ProcSource {
 public:
  virtual ~ProcSource() = default;
  // False when the process is gone. Fills what it can find.
  virtual bool read(uint32_t pid, ProcessFacts& facts) = 0;
  virtual std::vector<uint32_t> pids() = 0;
  virtual bool listens_on(uint32_t pid, uint16_t port) = 0;

  static std::unique_ptr<ProcSource> proc(std::string root = "/proc");
  static std::unique_ptr<ProcSource> none();
};

// One thread (the pipeline's).
class ProcessTable {
 public:
  // Told when a verdict is known or changes, to write the kernel's filter.
  using VerdictCallback = std::function<void(uint32_t pid, bool traced)>;

  ProcessTable(const Config& config, std::unique_ptr<ProcSource> source,
               VerdictCallback on_verdict);

  // Judges everything that runs now. Call once, after the hooks are attached.
  void scan();
  // Only EXEC, FORK and EXIT events concern it.
  void on_event(const Event& event);
  // The process behind an event; made from the source, or as a bare pid, when unknown.
  // Never null. Valid as long as held: an exit does not invalidate it.
  ProcessPtr get(uint32_t pid);

  size_t size() const { return processes_.size(); }
  // For status: calls f for each live process.
  void for_each(const std::function<void(const Process&)>& f) const;

 private:
  ProcessPtr judge(ProcessFacts facts);
  const Config& config_;
  std::unique_ptr<ProcSource> source_;
  VerdictCallback on_verdict_;
  std::unordered_map<uint32_t, ProcessPtr> processes_;
};

}  // namespace weft
