// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/probes.h"

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

bool is_at_return(const weft_probe& spec) {
  return spec.kind == WEFT_PROBE_RETURN || spec.kind == WEFT_PROBE_TASK_RETURN ||
         spec.kind == WEFT_PROBE_LAYER_RETURN;
}

bool is_late(const weft_fetch& value) {
  return value.from == WEFT_FETCH_RETURN || value.late != 0;
}

// Drops values after the last one that is needed.
weft_probe trimmed(weft_probe spec) {
  const bool at_return = is_at_return(spec);
  for (uint8_t i = 0; i < WEFT_PROBE_VALUES; ++i) {
    const weft_fetch& value = spec.value[i];
    if (value.from != WEFT_FETCH_NONE && is_late(value) == at_return) spec.values = i + 1;
  }
  return spec;
}

// Whether the one value is stored just before the other.
bool precedes(const weft_fetch& one, const weft_fetch& other) {
  weft_fetch next = one;
  next.add[next.steps] += 8;
  return one.from == WEFT_FETCH_CODE && one.size == 8 &&
         std::memcmp(&next, &other, sizeof next) == 0;
}

// Values that are stored beside one another are read together.
weft_probe joined(weft_probe spec) {
  auto& value = spec.value;
  for (size_t i = 0; i + 2 < std::size(value); ++i) {
    if (!precedes(value[i], value[i + 1]) || !precedes(value[i + 1], value[i + 2])) continue;
    value[i].three = 1;
    value[i + 1] = value[i + 2] = {};
  }
  return spec;
}

}  // namespace

void Probes::Detach::operator()(bpf_link* link) const {
  bpf_link__destroy(link);
}

Result<uint32_t> Probes::attach(const CompiledProbe& probe) {
  const uint32_t number = free_number();
  bpf_program* program = kernel_.programs.at(probe.spec.kind);
  if (!program) return fail(ExitCode::kKernelRefused, "this kernel has no such probes");
  if (number >= WEFT_PROBES) {
    return fail(ExitCode::kKernelRefused,
                "more than " + std::to_string(WEFT_PROBES) + " places are probed already");
  }
  const weft_probe spec = joined(trimmed(probe.spec));
  const std::vector<uint64_t> none(static_cast<size_t>(libbpf_num_possible_cpus()));
  if (bpf_map_update_elem(kernel_.hits, &number, none.data(), BPF_ANY) != 0 ||
      bpf_map_update_elem(kernel_.specs, &number, &spec, BPF_ANY) != 0) {
    return fail(ExitCode::kKernelRefused, std::string("no probe: ") + std::strerror(errno));
  }
  bpf_uprobe_opts options{};
  options.sz = sizeof options;
  options.bpf_cookie = number;
  options.retprobe = is_at_return(probe.spec);
  options.ref_ctr_offset = probe.semaphore;
  bpf_link* link = bpf_program__attach_uprobe_opts(program, kAnyProcess, probe.binary.c_str(),
                                                   probe.offset, &options);
  if (!link) {
    return fail(ExitCode::kKernelRefused, std::string("probe refused: ") + std::strerror(errno));
  }
  if (probe.spec.kind == WEFT_PROBE_LAYER) __atomic_store_n(kernel_.layers, 1u, __ATOMIC_SEQ_CST);
  if (number == slots_.size()) slots_.emplace_back();
  slots_[number].link.reset(link);
  return number;
}

bool Probes::is_free(const ProbeSlot& slot) {
  const auto gone = std::future_status::ready;
  return !slot.link &&
         (!slot.leaving.valid() || slot.leaving.wait_for(std::chrono::seconds(0)) == gone);
}

uint32_t Probes::free_number() const {
  return static_cast<uint32_t>(std::ranges::find_if(slots_, is_free) - slots_.begin());
}

// Detaching blocks until no program of the probe runs any more, a quarter of a second: too long for
// the thread that reads events, so another thread does it.
void Probes::detach(uint32_t probe) {
  const AllSignalsBlocked blocked;
  ProbeSlot& slot = slots_.at(probe);
  slot.leaving =
      std::async(std::launch::async, [link = std::move(slot.link)]() mutable { link.reset(); });
}

uint64_t Probes::hits(uint32_t probe) const {
  std::vector<uint64_t> counts(static_cast<size_t>(libbpf_num_possible_cpus()));
  if (bpf_map_lookup_elem(kernel_.hits, &probe, counts.data()) != 0) return 0;
  return std::accumulate(counts.begin(), counts.end(), uint64_t{0});
}

}  // namespace weft::kernel
