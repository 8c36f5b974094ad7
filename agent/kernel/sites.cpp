// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/sites.h"

#include <algorithm>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <numeric>

#include "agent/base/signals.h"

namespace weft::kernel {
namespace {

constexpr int kAnyProcess = -1;

// Values after the last one that is due need not be looked at.
weft_site trimmed(weft_site site) {
  const bool at_return = site.kind == WEFT_SITE_RETURN;
  for (uint8_t i = 0; i < WEFT_SITE_VALUES; ++i) {
    const uint8_t from = site.value[i].from;
    if (from != WEFT_FETCH_NONE && (from == WEFT_FETCH_RETURN) == at_return) site.values = i + 1;
  }
  return site;
}

}  // namespace

void Sites::Detach::operator()(bpf_link* link) const {
  bpf_link__destroy(link);
}

Result<uint32_t> Sites::attach(const SiteProbe& probe) {
  const uint32_t number = free_number();
  bpf_program* program = kernel_.programs.at(probe.site.kind);
  if (!program) return fail(ExitCode::kKernelRefused, "this kernel has no such probes");
  if (number >= WEFT_SITES) {
    return fail(ExitCode::kKernelRefused,
                "more than " + std::to_string(WEFT_SITES) + " places are probed already");
  }
  const weft_site site = trimmed(probe.site);
  const std::vector<uint64_t> none(static_cast<size_t>(libbpf_num_possible_cpus()));
  if (bpf_map_update_elem(kernel_.hits, &number, none.data(), BPF_ANY) != 0 ||
      bpf_map_update_elem(kernel_.sites, &number, &site, BPF_ANY) != 0) {
    return fail(ExitCode::kKernelRefused, std::string("no site: ") + std::strerror(errno));
  }
  bpf_uprobe_opts options{};
  options.sz = sizeof options;
  options.bpf_cookie = number;
  options.retprobe = probe.site.kind == WEFT_SITE_RETURN;
  options.ref_ctr_offset = probe.semaphore;
  bpf_link* link = bpf_program__attach_uprobe_opts(program, kAnyProcess, probe.binary.c_str(),
                                                   probe.offset, &options);
  if (!link) {
    return fail(ExitCode::kKernelRefused, std::string("probe refused: ") + std::strerror(errno));
  }
  if (number == places_.size()) places_.emplace_back();
  places_[number].link.reset(link);
  return number;
}

bool Sites::is_free(const Place& place) {
  const auto gone = std::future_status::ready;
  return !place.link &&
         (!place.leaving.valid() || place.leaving.wait_for(std::chrono::seconds(0)) == gone);
}

uint32_t Sites::free_number() const {
  return static_cast<uint32_t>(std::ranges::find_if(places_, is_free) - places_.begin());
}

// The kernel waits until no program of the probe runs any more, a quarter of a second: too long
// for the thread that reads events.
void Sites::detach(uint32_t site) {
  const AllSignalsBlocked blocked;
  Place& place = places_.at(site);
  place.leaving =
      std::async(std::launch::async, [link = std::move(place.link)]() mutable { link.reset(); });
}

uint64_t Sites::hits(uint32_t site) const {
  std::vector<uint64_t> counts(static_cast<size_t>(libbpf_num_possible_cpus()));
  if (bpf_map_lookup_elem(kernel_.hits, &site, counts.data()) != 0) return 0;
  return std::accumulate(counts.begin(), counts.end(), uint64_t{0});
}

}  // namespace weft::kernel
