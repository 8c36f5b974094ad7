// SPDX-License-Identifier: Apache-2.0
// The source of facts about live processes; a test or a replay supplies its own. A process may be
// gone at any moment: that is a result (false), never an error. One thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/discover/proc/facts.h"

namespace weft {

class ProcSource {
 public:
  virtual ~ProcSource() = default;
  // False: the process is gone. Fills in what it can find.
  virtual bool read(uint32_t pid, ProcessFacts& facts) = 0;
  // A cheaper read(): at least pid, ppid, start, executable, cgroup and container, which the rules
  // need.
  virtual bool identify(uint32_t pid, ProcessFacts& facts) { return read(pid, facts); }
  // Updates the runtime from what is mapped now (right after an exec nothing is). True: a fact
  // changed. `facts` must come from read() for the same process.
  virtual bool refine(uint32_t pid, ProcessFacts& facts) {
    (void)pid, (void)facts;
    return false;
  }
  // The process context that the process publishes; see read_context().
  virtual ProcessContextPtr context(uint32_t pid, const ProcessContextPtr& known) {
    (void)pid;
    return known;
  }
  virtual std::vector<uint32_t> pids() = 0;
  // The agent's own pid as events have it; 0: none to exclude.
  virtual uint32_t self() { return 0; }
  virtual bool listens_on(uint32_t pid, uint16_t port) = 0;

  // root: the mount point of a proc filesystem that shows the initial pid namespace.
  static std::unique_ptr<ProcSource> proc(std::string root = "/proc");
  // Knows nothing: a replay learns from events alone.
  static std::unique_ptr<ProcSource> none();
};

}  // namespace weft
