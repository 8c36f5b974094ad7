// SPDX-License-Identifier: Apache-2.0
#include "agent/attach/task_ids.h"

#include <algorithm>
#include <elf.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <utility>

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

// From the start of a mapping of the file to the variable, wherever the file is mapped.
std::optional<int64_t> find_variable(std::string_view name, const CodeMapping& mapping) {
  const auto binary = resolve::Binary::open(mapping.path);
  if (!binary) return std::nullopt;
  const auto variable = (*binary)->symbols().find(name);
  if (!variable) return std::nullopt;
  for (const ElfFile::Segment& segment : (*binary)->elf().segments()) {
    const bool is_code = segment.type == PT_LOAD && (segment.flags & PF_X) != 0;
    const uint64_t into = segment.offset % kPage;
    if (!is_code || segment.offset - into != mapping.offset) continue;
    return static_cast<int64_t>(variable->address - (segment.address - into));
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

std::optional<weft_fetch> TaskIds::where(const Runtime& runtime, uint32_t pid) {
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

// Of the variable in the process.
std::optional<uint64_t> TaskIds::address_of(const Runtime& runtime, uint32_t pid) {
  const ProbeTarget& target = runtime.target;
  for (const CodeMapping& mapping : code_mappings(proc_ + "/" + std::to_string(pid))) {
    const std::string_view name = base_name(mapping.shown);
    if (!named(target.executables, name) && !named(target.libraries, name)) continue;
    if (const auto far = distance(runtime, mapping)) {
      return mapping.start + static_cast<uint64_t>(*far);
    }
  }
  return std::nullopt;
}

std::optional<int64_t> TaskIds::distance(const Runtime& runtime, const CodeMapping& mapping) {
  struct stat info {};
  if (::stat(mapping.path.c_str(), &info) != 0) return std::nullopt;  // the process has ended
  const MappedFile file{&runtime, info.st_dev, info.st_ino, mapping.offset};
  const auto known = distances_.find(file);
  if (known != distances_.end()) return known->second;
  if (distances_.size() >= kMostFiles) distances_.clear();
  return distances_[file] = find_variable(runtime.task_id.variable, mapping);
}

}  // namespace weft::attach
