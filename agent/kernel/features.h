// SPDX-License-Identifier: Apache-2.0
// What this kernel offers, found by probing it, never by its version.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/result.h"
#include "agent/kernel/hooks.h"

struct btf;

namespace weft::kernel {

struct Capability {
  std::string name;  // "kernel BTF", "fentry", …
  bool available;
  std::string detail;  // the reason for a refusal, or what was found
};

// Probed once at start; needs root for the trial loads. One thread.
class Features {
 public:
  // Fails if the agent cannot work at all: no permission, no BPF, no BTF.
  static Result<Features> probe();

  // Empty if `program` is available, else the reason why not.
  std::string missing(const ProgramRef& program) const;
  const std::vector<Capability>& capabilities() const { return capabilities_; }
  // BPF programs of any type may allocate map elements without a kernel warning (≥ 6.1).
  bool map_alloc_anywhere() const { return map_alloc_anywhere_; }
  // A task may be preempted inside this program: see shadow.h.
  bool preemptible(const ProgramRef& program) const;
  // io_uring_complete passes the completion itself (≥ 6.12).
  bool uring_completion() const { return uring_completion_; }
  const std::string& release() const { return release_; }

 private:
  void find_targets(const btf& kernel);
  void add(std::string name, const std::string& refusal, const std::string& found);

  std::vector<Capability> capabilities_;
  std::set<std::string, std::less<>> tracepoints_;  // available ones among the table's targets
  std::set<std::string, std::less<>> functions_;
  std::string fentry_refusal_;
  std::string kprobe_refusal_;
  std::string uprobe_refusal_;
  bool uring_completion_ = false;
  bool map_alloc_anywhere_ = false;
  bool preemptible_kernel_ = false;
  bool preemptible_tracepoints_ = false;
  std::string release_;
};

}  // namespace weft::kernel
