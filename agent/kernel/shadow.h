// SPDX-License-Identifier: Apache-2.0
// Second copies ("shadow programs") of loaded tracing programs, each attached behind the original.
//
// The kernel skips a program on a CPU where another task was preempted inside it, until that task
// runs again. Kernels that preempt there (tracepoints since 7.0) would lose calls for a whole time
// slice. The copy is a different program to the kernel, so it runs. The handlers tolerate that both
// run: they recognise handled calls by positions or by socket_call__handled
// (bpf/lib/socket_call.bpf.h). Because the copy may run while the original is active, it has its
// own scratch map; it shares all others.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
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

  // Loads copies of the wanted programs of `original`, which must be loaded. The copies are opened
  // in the same way as the originals: without type information some kernels treat global functions
  // as local ones and fail to verify them.
  static Result<std::unique_ptr<ShadowPrograms>> load(const bpf_object& original,
                                                      const Wanted& wanted);
  ~ShadowPrograms();
  ShadowPrograms(const ShadowPrograms&) = delete;
  ShadowPrograms& operator=(const ShadowPrograms&) = delete;

  // Attaches the copy of a program, if there is one.
  Status attach(std::string_view program);
  void detach(std::string_view program);
  // Descriptors of the copies, valid as long as this object.
  std::vector<int> programs() const;

 private:
  explicit ShadowPrograms(weft_bpf* copies) : copies_(copies) {}

  weft_bpf* copies_;
  std::map<std::string, bpf_link*, std::less<>> links_;  // by program
};

}  // namespace weft::kernel
