// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/features.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <sys/utsname.h>
#include <unistd.h>

#include "agent/base/fd.h"

namespace weft::kernel {
namespace {

struct BtfDeleter {
  void operator()(btf* b) const { btf__free(b); }
};
using Btf = std::unique_ptr<btf, BtfDeleter>;

// r0 = 0; exit
constexpr bpf_insn kReturnZero[] = {
    {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
    {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
};

std::string reason(int error) {
  return std::string(std::strerror(error < 0 ? -error : error));
}

// A trial load of an empty program: is the program type allowed?
std::string try_fentry(const btf& kernel, std::string_view function) {
  const int id = btf__find_by_name_kind(&kernel, std::string(function).c_str(), BTF_KIND_FUNC);
  if (id < 0) return "no function " + std::string(function) + " in kernel BTF";
  bpf_prog_load_opts options{};
  options.sz = sizeof options;
  options.expected_attach_type = BPF_TRACE_FENTRY;
  options.attach_btf_id = static_cast<uint32_t>(id);
  const Fd program(bpf_prog_load(BPF_PROG_TYPE_TRACING, "weft_try", "GPL", kReturnZero,
                                 std::size(kReturnZero), &options));
  if (!program.valid()) return "load refused: " + reason(errno);
  const Fd link(bpf_raw_tracepoint_open(nullptr, program.get()));
  return link.valid() ? "" : "attach refused: " + reason(errno);
}

std::string try_kprobe() {
  if (access("/sys/bus/event_source/devices/kprobe/type", R_OK) != 0) {
    return "kernel built without kprobes";
  }
  return "";
}

std::string try_uprobe() {
  if (access("/sys/bus/event_source/devices/uprobe/type", R_OK) != 0) {
    return "kernel built without uprobes";
  }
  const bool cookies =
      libbpf_probe_bpf_helper(BPF_PROG_TYPE_KPROBE, BPF_FUNC_get_attach_cookie, nullptr) == 1;
  return cookies ? "" : "a probe cannot be told from another (no cookies: since 5.15)";
}

constexpr std::string_view kTracepointType = "btf_trace_";

// The attach targets of all programs in the table.
std::set<std::string_view> all_targets() {
  std::set<std::string_view> targets;
  for (const Hook& hook : hooks()) {
    for (const HookPrograms& fallback : hook.fallbacks) {
      for (const ProgramRef& program : fallback.programs) targets.insert(program.target);
    }
  }
  return targets;
}

// Number of a tracepoint's parameters, without the hidden first one; 0: no such tracepoint.
uint32_t tracepoint_parameters(const btf& kernel, const char* tracepoint) {
  const std::string name = std::string(kTracepointType) + tracepoint;
  const int id = btf__find_by_name_kind(&kernel, name.c_str(), BTF_KIND_TYPEDEF);
  if (id < 0) return 0;
  const btf_type* pointer = btf__type_by_id(&kernel, btf__type_by_id(&kernel, id)->type);
  return btf_vlen(btf__type_by_id(&kernel, pointer->type)) - 1u;
}

// The active preemption model is in parentheses. If the file cannot be read, assume what
// distributions ship: voluntary.
bool preempts_kernel() {
  std::ifstream file("/sys/kernel/debug/sched/preempt");
  const std::string models{std::istreambuf_iterator<char>(file), {}};
  return models.find("(full)") != std::string::npos || models.find("(lazy)") != std::string::npos;
}

Status check_bpf() {
  const Fd program(bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "weft_try", "GPL", kReturnZero,
                                 std::size(kReturnZero), nullptr));
  if (program.valid()) return {};
  if (errno == EPERM || errno == EACCES) {
    if (geteuid() != 0) {
      return fail(ExitCode::kPermission,
                  "loading BPF programs needs root (or CAP_BPF and CAP_PERFMON): run it with sudo");
    }
    return fail(ExitCode::kPermission,
                "the kernel refuses BPF to this root (" + reason(errno) +
                    "): in a container, run it privileged; else lockdown or a seccomp profile "
                    "forbids it");
  }
  return fail(ExitCode::kKernelRefused, "the kernel has no BPF (" + reason(errno) +
                                            "): CONFIG_BPF_SYSCALL and CONFIG_BPF_JIT are needed");
}

}  // namespace

void Features::add(std::string name, const std::string& refusal, const std::string& found) {
  const bool available = refusal.empty();
  capabilities_.push_back({std::move(name), available, available ? found : refusal});
}

// One pass over all types: a kernel has some 100 000, and libbpf scans them all for every name.
void Features::find_targets(const btf& kernel) {
  const std::set<std::string_view> targets = all_targets();
  const uint32_t count = btf__type_cnt(&kernel);
  for (uint32_t id = 1; id < count; ++id) {
    const btf_type* type = btf__type_by_id(&kernel, id);
    const bool function = btf_is_func(type);
    if (!function && !btf_is_typedef(type)) continue;
    std::string_view name = btf__name_by_offset(&kernel, type->name_off);
    if (!function) {
      if (!name.starts_with(kTracepointType)) continue;
      name.remove_prefix(kTracepointType.size());
    }
    if (targets.contains(name)) (function ? functions_ : tracepoints_).emplace(name);
  }
}

Result<Features> Features::probe() {
  Features f;
  utsname name{};
  uname(&name);
  f.release_ = name.release;
  if (Status bpf = check_bpf(); !bpf) return std::unexpected(bpf.error());
  f.add("BPF", "", "programs load");
  const Btf kernel(btf__load_vmlinux_btf());
  if (!kernel) {
    return fail(ExitCode::kNoBtf, "kernel " + f.release_ +
                                      " has no BTF (/sys/kernel/btf/vmlinux): use a kernel built "
                                      "with CONFIG_DEBUG_INFO_BTF=y");
  }
  f.add("kernel BTF", "", "/sys/kernel/btf/vmlinux");
  f.find_targets(*kernel);
  f.fentry_refusal_ = try_fentry(*kernel, "tcp_sendmsg");
  f.kprobe_refusal_ = try_kprobe();
  f.add("fentry/fexit", f.fentry_refusal_, "trial program attached");
  f.add("kprobe/kretprobe", f.kprobe_refusal_, "perf event source present");
  f.uprobe_refusal_ = try_uprobe();
  f.add("uprobe/uretprobe", f.uprobe_refusal_, "perf event source present");
  f.uring_completion_ = tracepoint_parameters(*kernel, "io_uring_complete") == 3;
  const auto tracepoint = [&](const char* point, const char* since) {
    f.add(std::string("tracepoint ") + point,
          f.tracepoints_.contains(point) ? "" : std::string("not in this kernel (") + since + ")",
          "in kernel BTF");
  };
  tracepoint("sock_recv_length", "since 6.3");
  tracepoint("tcp_sendmsg_locked", "since 6.16");
  tracepoint("sys_exit", "always");
  // The struct bpf_mem_alloc appeared in 6.1.
  f.map_alloc_anywhere_ =
      btf__find_by_name_kind(kernel.get(), "bpf_mem_alloc", BTF_KIND_STRUCT) > 0;
  f.add("map allocation in any context",
        f.map_alloc_anywhere_ ? "" : "no bpf_mem_alloc (since 6.1): tables are preallocated",
        "tables grow on demand");
  // This guard makes a tracepoint's programs preemptible (7.0); before, none were.
  f.preemptible_tracepoints_ =
      btf__find_by_name_kind(kernel.get(), "class_srcu_fast_notrace_t", BTF_KIND_TYPEDEF) > 0;
  f.preemptible_kernel_ = f.preemptible_tracepoints_ || preempts_kernel();
  f.add("programs run unpreempted",
        f.preemptible_kernel_ ? "each is attached twice, for the calls that one misses" : "",
        "none misses a call");
  return f;
}

bool Features::preemptible(const ProgramRef& program) const {
  switch (program.kind) {
    case AttachKind::kTracepoint:
      return preemptible_tracepoints_;
    case AttachKind::kFentry:
      return preemptible_kernel_;
    case AttachKind::kKprobe:
    case AttachKind::kProbe:
    case AttachKind::kIterator:
      return false;
  }
  return false;
}

std::string Features::missing(const ProgramRef& program) const {
  switch (program.kind) {
    case AttachKind::kTracepoint:
      return tracepoints_.contains(program.target)
                 ? ""
                 : "no tracepoint " + std::string(program.target) + " in this kernel";
    case AttachKind::kFentry:
      if (!fentry_refusal_.empty()) return "fentry " + fentry_refusal_;
      break;
    case AttachKind::kKprobe:
      if (!kprobe_refusal_.empty()) return kprobe_refusal_;
      break;
    case AttachKind::kProbe:
      return uprobe_refusal_;
    case AttachKind::kIterator:
      break;
  }
  return functions_.contains(program.target)
             ? ""
             : "no function " + std::string(program.target) + " in this kernel";
}

}  // namespace weft::kernel
