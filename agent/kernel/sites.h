// SPDX-License-Identifier: Apache-2.0
// Uprobes on functions of engines: one program of each kind serves all.
#pragma once

#include <array>
#include <future>
#include <memory>
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
  uint32_t free_number() const;
  struct Detach {
    void operator()(bpf_link* link) const;
  };

  struct Place {
    std::unique_ptr<bpf_link, Detach> link;
    std::future<void> leaving;  // of the probe that was here before
  };
  static bool is_free(const Place& place);

  Kernel kernel_;
  std::vector<Place> places_;  // by site
};

}  // namespace weft::kernel
