// SPDX-License-Identifier: Apache-2.0
// Says for each process of a runtime where the kernel side finds the id of a thread's current task.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>

#include "agent/attach/mappings.h"
#include "agent/port/probe_target.h"
#include "agent/port/runtime.h"
#include "bpf/abi/weft_probe.h"

namespace weft::attach {

// One thread. Reads each of the runtime's files once, however many processes use it.
class TaskIds {
 public:
  using Set = std::function<void(uint32_t pid, const weft_fetch& where)>;
  // runtimes: outlive this. set: kernel::Object::set_task_id.
  TaskIds(std::span<const Runtime> runtimes, Set set, std::string proc = "/proc");

  // A process has loaded, or executes, a file of the target. No effect if that is no runtime whose
  // tasks have ids, or its variable is not in this build.
  void found(const ProbeTarget& target, uint32_t pid);

 private:
  std::optional<weft_fetch> where(const Runtime& runtime, uint32_t pid);
  std::optional<uint64_t> address_of(const Runtime& runtime, uint32_t pid);
  std::optional<int64_t> distance(const Runtime& runtime, const CodeMapping& mapping);

  static constexpr size_t kMostFiles = 256;
  // A mapping of a file: runtime, device, inode, offset in the file.
  using MappedFile = std::tuple<const Runtime*, uint64_t, uint64_t, uint64_t>;

  std::span<const Runtime> runtimes_;
  Set set_;
  std::string proc_;
  // From a mapping's start to the variable; none: not in this build.
  std::map<MappedFile, std::optional<int64_t>> distances_;
};

}  // namespace weft::attach
