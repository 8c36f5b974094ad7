// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/code_iterator.h"

#include <array>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <memory>
#include <unistd.h>

#include "agent/base/fd.h"
#include "bpf/abi/weft_code.h"

namespace weft::kernel {
namespace {

struct Detach {
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};

// The kernel returns whole records only.
void read_all(const Fd& iterator, std::vector<MappedCode>& out) {
  std::array<weft_code, 128> codes;
  for (;;) {
    const ssize_t n = ::read(iterator.get(), codes.data(), sizeof codes);
    if (n <= 0) return;
    for (size_t i = 0; i < static_cast<size_t>(n) / sizeof codes[0]; ++i) {
      out.push_back({codes[i].start, codes[i].inode, codes[i].program != 0});
    }
  }
}

}  // namespace

std::vector<MappedCode> CodeIterator::of(uint32_t pid) {
  std::vector<MappedCode> out;
  if (!program_) return out;
  __atomic_store_n(wanted_, pid, __ATOMIC_SEQ_CST);
  bpf_iter_link_info info{};
  info.task.tid = pid;  // its main thread; kernels before 6.1 ignore this
  bpf_iter_attach_opts options{};
  options.sz = sizeof options;
  options.link_info = &info;
  options.link_info_len = sizeof info;
  const std::unique_ptr<bpf_link, Detach> link(bpf_program__attach_iter(program_, &options));
  if (!link) return out;
  const Fd iterator(bpf_iter_create(bpf_link__fd(link.get())));
  if (iterator.valid()) read_all(iterator, out);
  return out;
}

}  // namespace weft::kernel
