// SPDX-License-Identifier: Apache-2.0
#include "agent/attach/task_ids.h"

#include <algorithm>
#include <elf.h>
#include <spdlog/spdlog.h>
#include <utility>

#include "agent/attach/mappings.h"
#include "agent/base/path.h"
#include "agent/resolve/binary.h"

namespace weft::attach {
namespace {

using From = TaskId::From;

constexpr uint64_t kPage = 4096;

weft_fetch_from kernels_word(From from) {
  switch (from) {
    case From::kThread:
      return WEFT_FETCH_NONE;
    case From::kVariable:
      return WEFT_FETCH_ADDRESS;
    case From::kThreadPointer:
      return WEFT_FETCH_TLS;
    case From::kRegister:
      return WEFT_FETCH_REGISTER;
    case From::kSwitchProbe:
      return WEFT_FETCH_SLOT;
  }
  return WEFT_FETCH_NONE;
}

// What was added to the file's addresses when it was mapped.
std::optional<uint64_t> load_base(const ElfFile& elf, const CodeMapping& mapping) {
  for (const ElfFile::Segment& segment : elf.segments()) {
    const bool is_code = segment.type == PT_LOAD && (segment.flags & PF_X) != 0;
    const uint64_t into = segment.offset % kPage;
    if (is_code && segment.offset - into == mapping.offset) {
      return mapping.start + into - segment.address;
    }
  }
  return std::nullopt;
}

}  // namespace

TaskIds::TaskIds(std::span<const Runtime> runtimes, Set set, std::string proc)
    : runtimes_(runtimes), set_(std::move(set)), proc_(std::move(proc)) {}

void TaskIds::found(const ProbeTarget& target, uint32_t pid) {
  const auto runtime = std::ranges::find(
      runtimes_, &target, [](const Runtime& row) -> const ProbeTarget* { return &row.target; });
  if (runtime == runtimes_.end() || runtime->task_id.from == From::kThread) return;
  if (const auto known = where(*runtime, pid)) return set_(pid, *known);
  spdlog::debug("{} of process {}: no variable {}: its threads are its tasks", target.name, pid,
                runtime->task_id.variable);
}

std::optional<weft_fetch> TaskIds::where(const Runtime& runtime, uint32_t pid) const {
  const TaskId& id = runtime.task_id;
  weft_fetch out{};
  out.from = kernels_word(id.from);
  out.index = id.register_index;
  out.steps = static_cast<uint8_t>(std::min<size_t>(id.steps.size(), WEFT_FETCH_STEPS));
  out.add[0] = id.add;
  std::copy_n(id.steps.begin(), out.steps, out.add + 1);
  if (id.from != From::kVariable) return out;
  const auto address = address_of(runtime, pid);
  if (!address) return std::nullopt;
  out.add[0] += static_cast<int64_t>(*address);
  return out;
}

// Of the variable in the process: the file may be mapped anywhere.
std::optional<uint64_t> TaskIds::address_of(const Runtime& runtime, uint32_t pid) const {
  const ProbeTarget& target = runtime.target;
  for (const CodeMapping& mapping : code_mappings(proc_ + "/" + std::to_string(pid))) {
    const std::string_view name = base_name(mapping.shown);
    if (!named(target.executables, name) && !named(target.libraries, name)) continue;
    const auto binary = resolve::Binary::open(mapping.path);
    if (!binary) continue;
    const auto variable = (*binary)->symbols().find(runtime.task_id.variable);
    const auto base = load_base((*binary)->elf(), mapping);
    if (variable && base) return *base + variable->address;
  }
  return std::nullopt;
}

}  // namespace weft::attach
