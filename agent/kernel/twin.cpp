// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/twin.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cerrno>
#include <cstring>
#include <span>
#include <string>
#include <vector>

namespace weft::kernel {
namespace {

std::unexpected<Error> refused(const bpf_program& original, const char* what) {
  return fail(ExitCode::kKernelRefused, std::string(bpf_program__name(&original)) +
                                            ": second copy: " + what + ": " + std::strerror(errno));
}

// Once loaded, libbpf's instructions are relocated: a copy needs nothing more than its map.
std::vector<bpf_insn> copied(const bpf_program& original, ScratchMaps scratch) {
  const std::span all(bpf_program__insns(&original), bpf_program__insn_cnt(&original));
  std::vector<bpf_insn> copy(all.begin(), all.end());
  for (bpf_insn& insn : copy) {
    const bool loads_map =
        insn.code == (BPF_LD | BPF_IMM | BPF_DW) && insn.src_reg == BPF_PSEUDO_MAP_FD;
    if (loads_map && insn.imm == scratch.of_originals) insn.imm = scratch.of_copies;
  }
  return copy;
}

}  // namespace

Result<Twin> Twin::attach(const bpf_program& original, ScratchMaps scratch) {
  bpf_prog_info info{};
  uint32_t size = sizeof info;
  if (bpf_prog_get_info_by_fd(bpf_program__fd(&original), &info, &size) != 0) {
    return refused(original, "cannot be asked for");
  }
  bpf_prog_load_opts options{};
  options.sz = sizeof options;
  options.expected_attach_type = bpf_program__expected_attach_type(&original);
  options.attach_btf_id = info.attach_btf_id;
  const std::vector<bpf_insn> insns = copied(original, scratch);
  Fd program(bpf_prog_load(bpf_program__type(&original), bpf_program__name(&original),
                           "Dual BSD/GPL", insns.data(), insns.size(), &options));
  if (!program.valid()) return refused(original, "load refused");
  Fd link(bpf_raw_tracepoint_open(nullptr, program.get()));
  if (!link.valid()) return refused(original, "attach refused");
  return Twin(std::move(program), std::move(link));
}

}  // namespace weft::kernel
