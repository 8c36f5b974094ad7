// SPDX-License-Identifier: Apache-2.0
// Second copies of loaded tracing programs, each attached behind the first.
//
// The kernel skips a program on a CPU where another task was preempted inside it, and
// skips on until that task runs again. Kernels that preempt there (tracepoints since 7.0)
// would lose calls for a time slice; the copy is another program to them and runs. The
// handlers bear both running: positions tell, or place__handled (bpf/lib/place.bpf.h). As it
// runs inside the first's run, it has scratch of its own; all other maps are the first's.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "agent/base/result.h"

struct bpf_link;
struct bpf_object;
struct weft_bpf;

namespace weft::kernel {

// Detached when destroyed. One thread.
class ShadowPrograms {
 public:
  using Wanted = std::function<bool(std::string_view program)>;

  // Loads copies of those programs of `original`, which is loaded, that are wanted. The copies are
  // opened as the originals were, for without their types a kernel takes global functions for
  // local ones and gives up following them.
  static Result<std::unique_ptr<ShadowPrograms>> load(const bpf_object& original,
                                                      const Wanted& wanted);
  ~ShadowPrograms();
  ShadowPrograms(const ShadowPrograms&) = delete;
  ShadowPrograms& operator=(const ShadowPrograms&) = delete;

  // The copy of a program, if there is one.
  Status attach(std::string_view program);
  // Descriptors of the copies, valid as long as this.
  std::vector<int> programs() const;

 private:
  explicit ShadowPrograms(weft_bpf* copies) : copies_(copies) {}

  weft_bpf* copies_;
  std::vector<bpf_link*> links_;
};

}  // namespace weft::kernel
