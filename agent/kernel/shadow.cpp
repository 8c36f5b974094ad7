// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/shadow.h"

#include <bpf/libbpf.h>
#include <cerrno>
#include <cstring>
#include <string>

#include "bpf/abi/weft_config.h"
#include "bpf/abi/weft_left_out.h"

using u32 = uint32_t;  // the skeleton uses the BPF programs' type names
using u16 = uint16_t;
#include "weft.skel.h"

namespace weft::kernel {
namespace {

std::unexpected<Error> refused(std::string_view what, const char* step, int error) {
  return fail(ExitCode::kKernelRefused,
              std::string(what) + ": second copy: " + step + ": " + std::strerror(error));
}

// Every map is shared except the scratch space, "cursors": the copies use another map for it.
const char* shared_with(const bpf_map& map) {
  return std::strcmp(bpf_map__name(&map), "cursors") == 0 ? "cursors_shadow" : bpf_map__name(&map);
}

int share_maps(bpf_object& copies, const bpf_object& original) {
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, &copies) {
    const int fd = bpf_object__find_map_fd_by_name(&original, shared_with(*map));
    if (fd < 0) continue;  // the program is not loaded
    if (const int error = bpf_map__reuse_fd(map, fd); error != 0) return error;
  }
  return 0;
}

}  // namespace

Result<std::unique_ptr<ShadowPrograms>> ShadowPrograms::load(const bpf_object& original,
                                                             const Wanted& wanted) {
  weft_bpf* opened = weft_bpf__open();
  if (!opened) return refused("programs", "cannot be opened", errno);
  std::unique_ptr<ShadowPrograms> shadows(new ShadowPrograms(opened));
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, opened->obj) {
    bpf_program__set_autoload(program, wanted(bpf_program__name(program)));
  }
  if (const int error = share_maps(*opened->obj, original); error != 0) {
    return refused("maps", "cannot be shared", -error);
  }
  if (const int error = bpf_object__load(opened->obj); error != 0) {
    return refused("programs", "load refused", -error);
  }
  return shadows;
}

ShadowPrograms::~ShadowPrograms() {
  for (const auto& [program, link] : links_) bpf_link__destroy(link);
  weft_bpf__destroy(copies_);
}

Status ShadowPrograms::attach(std::string_view program) {
  const std::string name(program);
  const bpf_program* copy = bpf_object__find_program_by_name(copies_->obj, name.c_str());
  if (!copy || !bpf_program__autoload(copy)) return {};
  bpf_link* link = bpf_program__attach(copy);
  if (!link) return refused(name, "attach refused", errno);
  links_[name] = link;
  return {};
}

void ShadowPrograms::detach(std::string_view program) {
  const auto found = links_.find(program);
  if (found == links_.end()) return;
  bpf_link__destroy(found->second);
  links_.erase(found);
}

std::vector<int> ShadowPrograms::programs() const {
  std::vector<int> all;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, copies_->obj) {
    if (bpf_program__autoload(program)) all.push_back(bpf_program__fd(program));
  }
  return all;
}

}  // namespace weft::kernel
