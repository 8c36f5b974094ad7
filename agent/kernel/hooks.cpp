// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/hooks.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "bpf/abi/weft_calls.h"

namespace weft::kernel {
namespace {

constexpr AttachKind kTp = AttachKind::kTracepoint;
constexpr AttachKind kFn = AttachKind::kFentry;
constexpr AttachKind kKp = AttachKind::kKprobe;

const ProgramRef kSyscallExit{"sys_moved", kTp, "sys_exit"};

// System call entry points are ordinary functions; not every kernel has all of them.
std::vector<ProgramRef> file_calls() {
  std::vector<ProgramRef> out;
#define WEFT_ADD(program, call, number, enter, leave, optional)                         \
  if (enter) out.push_back({"fe_" #program, kFn, "__x64_sys_" #call, (optional) != 0}); \
  if (leave) out.push_back({"fx_" #program, kFn, "__x64_sys_" #call, (optional) != 0});
  WEFT_FILE_CALLS(WEFT_ADD)
#undef WEFT_ADD
  return out;
}

std::vector<Hook> make_table() {
  return {
      {"processes",
       true,
       false,
       {{HookType::kTracepoint,
         {{"proc_exec", kTp, "sched_process_exec"},
          {"proc_fork", kTp, "sched_process_fork"},
          {"proc_exit", kTp, "sched_process_exit"}}}}},
      {"tcp life",
       true,
       false,
       {{HookType::kTracepoint,
         {{"sock_state", kTp, "inet_sock_set_state"}, {"sock_destroy", kTp, "tcp_destroy_sock"}}}}},
      {"tcp send",
       true,
       true,
       {{HookType::kFentry,
         {{"fe_tcp_sending", kFn, "tcp_sendmsg_locked"},
          {"fx_tcp_sent", kFn, "tcp_sendmsg_locked"},
          {"fx_tcp_sendpage", kFn, "tcp_sendpage", true},
          {"fx_mptcp_sent", kFn, "mptcp_sendmsg", true}}},
        {HookType::kTracepoint,
         {{"tp_tcp_sending", kTp, "tcp_sendmsg_locked", true},
          {"tp_sent", kTp, "sock_send_length"}}},
        {HookType::kKprobe,
         {{"kp_tcp_sending", kKp, "tcp_sendmsg_locked"},
          {"kr_sent", kKp, "tcp_sendmsg_locked"},
          {"kp_call", kKp, "tcp_sendpage", true},
          {"kr_sent", kKp, "tcp_sendpage", true},
          {"kp_call", kKp, "mptcp_sendmsg", true},
          {"kr_sent", kKp, "mptcp_sendmsg", true}}},
        {HookType::kSyscall, {kSyscallExit}}}},
      {"tcp receive",
       true,
       true,
       {{HookType::kFentry,
         {{"fx_inet_recvd", kFn, "inet_recvmsg"}, {"fx_inet6_recvd", kFn, "inet6_recvmsg", true}}},
        {HookType::kTracepoint, {{"tp_received", kTp, "sock_recv_length"}}},
        {HookType::kKprobe,
         {{"kp_tcp_recvd", kKp, "tcp_cleanup_rbuf"},
          {"kp_mptcp_recv", kKp, "mptcp_recvmsg", true},
          {"kr_received", kKp, "mptcp_recvmsg", true}}},
        {HookType::kSyscall, {kSyscallExit}}}},
      {"unix send",
       false,
       true,
       {{HookType::kFentry,
         {{"fx_unix_sent", kFn, "unix_stream_sendmsg"},
          {"fx_unix_page", kFn, "unix_stream_sendpage", true}}},
        {HookType::kTracepoint, {{"tp_sent", kTp, "sock_send_length"}}},
        {HookType::kKprobe,
         {{"kp_unix_call", kKp, "unix_stream_sendmsg"},
          {"kr_sent", kKp, "unix_stream_sendmsg"},
          {"kp_unix_call", kKp, "unix_stream_sendpage", true},
          {"kr_sent", kKp, "unix_stream_sendpage", true}}},
        {HookType::kSyscall, {kSyscallExit}}}},
      {"unix receive",
       false,
       true,
       {{HookType::kFentry,
         {{"fx_unix_recvd", kFn, "unix_stream_recvmsg"},
          {"fx_unix_spliced", kFn, "unix_stream_splice_read", true}}},
        {HookType::kTracepoint, {{"tp_received", kTp, "sock_recv_length"}}},
        {HookType::kKprobe,
         {{"kp_unix_recving", kKp, "unix_stream_recvmsg"},
          {"kr_received", kKp, "unix_stream_recvmsg"},
          {"kp_unix_call", kKp, "unix_stream_splice_read", true},
          {"kr_received", kKp, "unix_stream_splice_read", true}}},
        {HookType::kSyscall, {kSyscallExit}}}},
      {"file io",
       false,
       true,
       {{HookType::kFentry, file_calls()},
        {HookType::kSyscall, {{"file_enter", kTp, "sys_enter"}, {"file_exit", kTp, "sys_exit"}}}},
       &Observed::files,
       "file_changed"},
      {"file changes",
       false,
       false,
       {{HookType::kTracepoint, {{"file_changed", kTp, "writeback_mark_inode_dirty"}}}},
       &Observed::files},
      {"mapped libraries",
       false,
       false,
       {{HookType::kTracepoint, {{"file_mapping", kTp, "vm_unmapped_area"}}}},
       &Observed::libraries},
      {"file io_uring",
       false,
       false,
       {{HookType::kTracepoint,
         {{"uring_submit", kTp, "io_uring_submit_req"},
          {"uring_complete", kTp, "io_uring_complete"}}}},
       &Observed::files},
      {"function calls",
       false,
       false,
       {{HookType::kUprobe,
         {{"probe_enter", AttachKind::kProbe, ""},
          {"probe_leave", AttachKind::kProbe, ""},
          {"probe_point", AttachKind::kProbe, ""},
          {"probe_finish", AttachKind::kProbe, ""}}}},
       &Observed::functions},
      {"library bytes",
       false,
       false,
       {{HookType::kUprobe,
         {{"probe_plain", AttachKind::kProbe, ""}, {"probe_plain_ret", AttachKind::kProbe, ""}}}},
       &Observed::layers},
      {"runtime tasks",
       false,
       false,
       {{HookType::kUprobe, {{"probe_task", AttachKind::kProbe, ""}}}},
       &Observed::tasks},
      {"mapped code",
       false,
       false,
       {{HookType::kIterator, {{"code_map", AttachKind::kIterator, "bpf_iter_task_vma"}}}},
       &Observed::functions},
  };
}

}  // namespace

std::span<const Hook> hooks() {
  static const std::vector<Hook> kTable = make_table();
  return kTable;
}

std::vector<Hook> hooks_for(const Observed& observed) {
  std::vector<Hook> out;
  std::ranges::copy_if(hooks(), std::back_inserter(out),
                       [&](const Hook& hook) { return !hook.only_for || observed.*hook.only_for; });
  return out;
}

const ProgramRef& program_named(std::string_view name) {
  for (const Hook& hook : hooks()) {
    for (const HookPrograms& fallback : hook.fallbacks) {
      for (const ProgramRef& program : fallback.programs) {
        if (program.name == name) return program;
      }
    }
  }
  std::abort();  // unreachable: programs to load come from this table
}

std::string_view hook_type_name(HookType type) {
  switch (type) {
    case HookType::kAuto:
      return "auto";
    case HookType::kFentry:
      return "fentry";
    case HookType::kTracepoint:
      return "tracepoint";
    case HookType::kKprobe:
      return "kprobe";
    case HookType::kSyscall:
      return "syscall";
    case HookType::kUprobe:
      return "uprobe";
    case HookType::kIterator:
      return "iterator";
  }
  return "?";
}

}  // namespace weft::kernel
