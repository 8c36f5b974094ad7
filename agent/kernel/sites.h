// SPDX-License-Identifier: Apache-2.0
// Uprobes on functions of engines: one program of each kind serves all.
#pragma once

#include <array>
#include <future>
#include <memory>
#include <utility>
#include <vector>

#include "agent/port/site_probe.h"

struct bpf_link;
struct bpf_program;

namespace weft::kernel {

// Detached when destroyed, which blocks. One thread.
class Sites final : public ProbeHolder {
 public:
  struct Kernel {
    // By enum weft_site_kind; null: this kernel has none.
    std::array<bpf_program*, WEFT_SITE_FINISH + 1> programs{};
    int sites = -1;  // maps
    int hits = -1;
  };
  explicit Sites(Kernel kernel) : kernel_(kernel) {}

  Result<uint32_t> attach(const SiteProbe& probe) override;
  void detach(uint32_t site) override;
  uint64_t hits(uint32_t site) const override;

 private:
  uint32_t free_number();
  struct Detach {
    void operator()(bpf_link* link) const;
  };

  Kernel kernel_;
  std::vector<std::unique_ptr<bpf_link, Detach>> links_;         // by site; null: not in use
  std::vector<std::pair<uint32_t, std::future<void>>> leaving_;  // sites still being detached
};

}  // namespace weft::kernel
