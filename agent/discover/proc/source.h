// SPDX-License-Identifier: Apache-2.0
// Where facts of a live process come from; a test or a replay gives its own. A process
// may be gone at any moment: that is an answer (false), never an error. One thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/discover/proc/facts.h"

namespace weft {

class ProcSource {
 public:
  virtual ~ProcSource() = default;
  // False when the process is gone. Fills what it can find.
  virtual bool read(uint32_t pid, ProcessFacts& facts) = 0;
  // A cheaper read(): at least pid, ppid, start, executable, cgroup and container, which
  // the rules need.
  virtual bool identify(uint32_t pid, ProcessFacts& facts) { return read(pid, facts); }
  // The runtime by what is mapped now: right after an exec nothing is. True when that
  // changed a fact. `facts` are the process's own, from read().
  virtual bool refine(uint32_t pid, ProcessFacts& facts) {
    (void)pid, (void)facts;
    return false;
  }
  // What the process publishes of itself; see read_context().
  virtual ProcessContextPtr context(uint32_t pid, const ProcessContextPtr& known) {
    (void)pid;
    return known;
  }
  virtual std::vector<uint32_t> pids() = 0;
  // The agent's own pid as events name it; 0 when there is none to spare.
  virtual uint32_t self() { return 0; }
  virtual bool listens_on(uint32_t pid, uint16_t port) = 0;

  // `root` is where a proc filesystem that shows the initial pid namespace is mounted.
  static std::unique_ptr<ProcSource> proc(std::string root = "/proc");
  // Knows nothing: a replay learns from events alone.
  static std::unique_ptr<ProcSource> none();
};

}  // namespace weft
