// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/sites.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cerrno>
#include <cstring>
#include <numeric>

namespace weft::kernel {
namespace {

constexpr int kAnyProcess = -1;

}  // namespace

void Sites::Detach::operator()(bpf_link* link) const {
  bpf_link__destroy(link);
}

Result<uint32_t> Sites::attach(const SiteProbe& probe) {
  const auto number = static_cast<uint32_t>(links_.size());
  bpf_program* program = kernel_.programs.at(probe.site.kind);
  if (!program) return fail(ExitCode::kKernelRefused, "this kernel has no such probes");
  if (number >= WEFT_SITES) {
    return fail(ExitCode::kKernelRefused,
                "more than " + std::to_string(WEFT_SITES) + " places are probed already");
  }
  if (bpf_map_update_elem(kernel_.sites, &number, &probe.site, BPF_ANY) != 0) {
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
  links_.emplace_back(link);
  return number;
}

uint64_t Sites::hits(uint32_t site) const {
  std::vector<uint64_t> counts(static_cast<size_t>(libbpf_num_possible_cpus()));
  if (bpf_map_lookup_elem(kernel_.hits, &site, counts.data()) != 0) return 0;
  return std::accumulate(counts.begin(), counts.end(), uint64_t{0});
}

}  // namespace weft::kernel
