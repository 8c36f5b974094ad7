// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <memory>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/discover/proc/cgroup.h"
#include "agent/discover/proc/listen.h"
#include "agent/discover/proc/proc_file.h"
#include "agent/discover/proc/runtime.h"
#include "agent/discover/proc/source.h"

namespace weft {
namespace {

constexpr size_t kSmall = 16 << 10;   // stat, status, cgroup
constexpr size_t kBlock = 256 << 10;  // cmdline, environ, mountinfo, passwd
constexpr size_t kMaps = 4 << 20;
constexpr uint64_t kTick = 10'000'000;

bool hidden(const std::string& cgroup) {
  return cgroup.empty() || cgroup == "/" || cgroup.starts_with("/..");
}

// Reads /proc/PID/mem: unlike process_vm_readv(2), it fails instead of waiting where another
// process provides a page (userfaultfd).
class LiveMemory final : public ProcessMemory {
 public:
  explicit LiveMemory(std::string process)
      : process_(std::move(process)),
        memory_(::open((process_ + "/mem").c_str(), O_RDONLY | O_CLOEXEC)) {}

  std::string maps() override { return read_text(process_ + "/maps", kMaps); }
  bool read(uint64_t address, std::span<char> out) override {
    const ssize_t n = ::pread(memory_.get(), out.data(), out.size(), static_cast<off_t>(address));
    return n == static_cast<ssize_t>(out.size());
  }

 private:
  std::string process_;
  Fd memory_;
};

class Proc final : public ProcSource {
 public:
  explicit Proc(std::string root)
      : root_(std::move(root)), boot_(unix_ns() - now_ns(CLOCK_BOOTTIME)) {}

  bool read(uint32_t pid, ProcessFacts& facts) override {
    const std::string process = folder(pid);
    const auto stat = look(pid, facts);
    if (!stat) return false;
    if (facts.kernel_thread) return true;
    facts.cwd = read_link(process + "/cwd");
    const std::string arguments = read_text(process + "/cmdline", kBlock);
    facts.args = parse_args(arguments);
    if (arguments.size() == kBlock || !overwritten(*stat, arguments)) {
      const std::string environment = read_text(process + "/environ", kBlock);
      facts.environment = parse_environment(environment, environment.size() == kBlock);
    }
    facts.owner = owner_of(process);
    runtimes_.detect(process, facts);
    return true;
  }

  bool identify(uint32_t pid, ProcessFacts& facts) override { return look(pid, facts).has_value(); }

  bool refine(uint32_t pid, ProcessFacts& facts) override {
    return runtimes_.refine(folder(pid), facts);
  }

  ProcessContextPtr context(uint32_t pid, const ProcessContextPtr& known) override {
    LiveMemory memory(folder(pid));
    return read_context(memory, known);
  }

  std::vector<uint32_t> pids() override { return list_pids(root_); }

  uint32_t self() override { return parse_pid(read_link(root_ + "/self")); }

  bool listens_on(uint32_t pid, uint16_t port) override {
    return process_listens(folder(pid), port);
  }

 private:
  std::string folder(uint32_t pid) const { return root_ + "/" + std::to_string(pid); }

  std::optional<ProcStat> look(uint32_t pid, ProcessFacts& facts) {
    const std::string process = folder(pid);
    auto stat = parse_stat(read_text(process + "/stat", kSmall));
    if (!stat) return stat;
    facts.pid = pid;
    facts.ppid = stat->ppid;
    facts.start_ticks = stat->start_ticks;
    facts.created = boot_ + stat->start_ticks * kTick;
    facts.kernel_thread = stat->kernel_thread;
    facts.comm = std::move(stat->comm);
    if (facts.kernel_thread) return stat;
    facts.exe = executable_of(process);
    CgroupFacts cgroup = parse_cgroup(read_text(process + "/cgroup", kSmall));
    if (cgroup.container_id.empty() && hidden(cgroup.path)) {
      cgroup.container_id = container_of_mounts(read_text(process + "/mountinfo", kBlock));
    }
    facts.cgroup = std::move(cgroup.path);
    facts.container_id = std::move(cgroup.container_id);
    facts.container_runtime = cgroup.runtime;
    return stat;
  }

  // Looked up in the process's own root: a container has its own users.
  std::string owner_of(const std::string& process) {
    const auto uid = parse_uid(read_text(process + "/status", kSmall));
    if (!uid) return {};
    return user_name(read_regular(process + "/root/etc/passwd", kBlock), *uid);
  }

  std::string root_;
  uint64_t boot_;  // Unix ns
  RuntimeDetector runtimes_;
};

class Nothing final : public ProcSource {
 public:
  bool read(uint32_t, ProcessFacts&) override { return false; }
  std::vector<uint32_t> pids() override { return {}; }
  bool listens_on(uint32_t, uint16_t) override { return false; }
};

}  // namespace

std::unique_ptr<ProcSource> ProcSource::proc(std::string root) {
  return std::make_unique<Proc>(std::move(root));
}

std::unique_ptr<ProcSource> ProcSource::none() {
  return std::make_unique<Nothing>();
}

}  // namespace weft
