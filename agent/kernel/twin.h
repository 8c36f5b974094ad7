// SPDX-License-Identifier: Apache-2.0
// A second copy of a loaded tracing program, attached behind the first.
//
// The kernel skips a program on a CPU where another task was preempted inside it, and
// skips on until that task runs again. Kernels that preempt there (tracepoints since 7.0)
// would lose calls for a time slice; the copy is another program to them and runs. The
// handlers bear both running: positions tell, or place__handled (bpf/lib/place.bpf.h). As it
// runs inside the first's run, it has scratch of its own.
#pragma once

#include "agent/base/fd.h"
#include "agent/base/result.h"

struct bpf_program;

namespace weft::kernel {

// Descriptors of the map that holds the originals' scratch, and of the copies'.
struct ScratchMaps {
  int of_originals;
  int of_copies;
};

// Detached when destroyed. One thread.
class Twin {
 public:
  static Result<Twin> attach(const bpf_program& original, ScratchMaps scratch);
  int program() const { return program_.get(); }

 private:
  Twin(Fd program, Fd link) : program_(std::move(program)), link_(std::move(link)) {}
  Fd program_;
  Fd link_;
};

}  // namespace weft::kernel
