// SPDX-License-Identifier: Apache-2.0
// Uprobes on functions of probe targets: one program of each kind serves all probes.
#pragma once

#include <array>
#include <future>
#include <memory>
#include <vector>

#include "agent/port/compiled_probe.h"

struct bpf_link;
struct bpf_program;

namespace weft::kernel {

// Detached when destroyed, which blocks. One thread.
class Probes final : public ProbeHolder {
 public:
  struct Kernel {
    // By enum weft_probe_kind; null: not available on this kernel.
    std::array<bpf_program*, WEFT_PROBE_LAYER_RETURN + 1> programs{};
    int specs = -1;  // maps
    int hits = -1;
    uint32_t* layers = nullptr;  // the programs' flag that a function of a layer is probed
  };
  explicit Probes(Kernel kernel) : kernel_(kernel) {}

  Result<uint32_t> attach(const CompiledProbe& probe) override;
  void detach(uint32_t probe) override;
  uint64_t hits(uint32_t probe) const override;

 private:
  uint32_t free_number() const;
  struct Detach {
    void operator()(bpf_link* link) const;
  };

  struct ProbeSlot {
    std::unique_ptr<bpf_link, Detach> link;
    std::future<void> leaving;  // detaching of the slot's previous probe
  };
  static bool is_free(const ProbeSlot& slot);

  Kernel kernel_;
  std::vector<ProbeSlot> slots_;  // by probe number
};

}  // namespace weft::kernel
