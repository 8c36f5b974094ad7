// SPDX-License-Identifier: Apache-2.0
#include "agent/attach/planner.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <utility>

#include "agent/attach/compile.h"
#include "agent/attach/mappings.h"
#include "agent/base/path.h"
#include "agent/discover/proc/proc_file.h"

namespace weft::attach {
namespace {

std::string_view without_probes(const ProbeTarget& target) {
  return target.kind == TargetKind::kEngine ? "inferred from file I/O only" : "not followed";
}

}  // namespace

Planner::Planner(ProbeHolder& probes, CodeMap& code, Targets targets, HasTarget on_target,
                 bool records, std::string proc)
    : probes_(probes),
      code_(code),
      targets_(std::move(targets)),
      with_libraries_(std::ranges::any_of(
          targets_, [](const ProbeTarget* target) { return !target->libraries.empty(); })),
      on_target_(std::move(on_target)),
      records_(records),
      proc_(std::move(proc)) {}

void Planner::scan() {
  for (const uint32_t pid : list_pids(proc_)) {
    executed(pid, executable_of(proc_ + "/" + std::to_string(pid)));
    find_libraries(pid);
  }
}

void Planner::executed(uint32_t pid, std::string_view path) {
  ended(pid);  // drop what it executed before
  for (const ProbeTarget* target : targets_) {
    if (!named(target->executables, base_name(path))) continue;
    use({*target, pid, proc_ + "/" + std::to_string(pid) + "/exe", std::string(path)},
        [](const MappedCode& code) { return code.program; });
  }
}

void Planner::mapping(uint32_t pid) {
  find_libraries(pid);
  mapping_.insert(pid);
}

void Planner::find_libraries(uint32_t pid) {
  if (!with_libraries_) return;
  for (const CodeMapping& mapping : code_mappings(proc_ + "/" + std::to_string(pid))) {
    for (const ProbeTarget* target : targets_) {
      if (!named(target->libraries, base_name(mapping.shown))) continue;
      use({*target, pid, mapping.path, mapping.shown},
          [&](const MappedCode& code) { return code.start == mapping.start; });
    }
  }
}

void Planner::forked(uint32_t parent, uint32_t child) {
  const auto found = used_by_.find(parent);
  if (found == used_by_.end()) return;
  const std::set<BinaryId> ids = found->second;
  for (const BinaryId& id : ids) {
    add_user(binaries_[id], child);
    on_target_(*id.target, child);
  }
  used_by_[child] = ids;
}

void Planner::ended(uint32_t pid) {
  const auto found = used_by_.find(pid);
  if (found == used_by_.end()) return;
  for (const BinaryId& id : found->second) binaries_[id].users.erase(pid);
  used_by_.erase(found);
}

void Planner::add_user(Binary& binary, uint32_t pid) {
  binary.users.insert(pid);
  binary.unused_since = 0;
}

BinaryId Planner::identify(const Mapping& mapping, const Fd& file, const MappedCode* code) const {
  if (code) return {&mapping.target, 0, code->file};
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return {};
  return {&mapping.target, info.st_dev, info.st_ino};
}

// Whether the agent, or the host's first process, sees the same file at that path.
bool Planner::on_host(const Mapping& mapping, const Fd& file) const {
  const std::string roots[] = {"", proc_ + "/1/root"};
  struct stat opened {};
  if (::fstat(file.get(), &opened) != 0) return false;
  return std::ranges::any_of(roots, [&](const std::string& root) {
    struct stat seen {};
    return ::stat((root + mapping.shown).c_str(), &seen) == 0 && opened.st_dev == seen.st_dev &&
           opened.st_ino == seen.st_ino;
  });
}

// The file is opened before the kernel is asked for its inode: while it is open, its inode cannot
// be reused.
void Planner::use(const Mapping& mapping, const std::function<bool(const MappedCode&)>& is_it) {
  on_target_(mapping.target, mapping.pid);
  if (mapping.target.probes.empty()) return;
  Fd file(::open(mapping.path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return;  // the process has ended
  const std::vector<MappedCode> all = code_.of(mapping.pid);
  const auto code = std::ranges::find_if(all, is_it);
  const BinaryId id = identify(mapping, file, code == all.end() ? nullptr : &*code);
  if (!id.target) return;
  const auto [binary, is_new] = binaries_.try_emplace(id);
  add_user(binary->second, mapping.pid);
  used_by_[mapping.pid].insert(id);
  if (!is_new) return;
  binary->second.of_host = on_host(mapping, file);
  binary->second.file = std::move(file);
  examine(mapping, id, binary->second);
}

void Planner::examine(const Mapping& mapping, const BinaryId& id, Binary& binary) {
  const std::string path = "/proc/self/fd/" + std::to_string(binary.file.get());
  const auto opened = resolve::Binary::open(path);
  const std::string fault = opened ? std::string() : opened.error().message;
  if (!opened) spdlog::warn("{}: {}: {}", mapping.shown, fault, without_probes(mapping.target));
  for (const ProbeSpec& spec : mapping.target.probes) {
    if (spec.is_implied || (spec.per_record && !records_)) continue;
    ProbeRow row{
        .target = &mapping.target, .spec = &spec, .in = id, .binary = mapping.shown, .how = fault};
    if (opened) place(**opened, path, row);
    spdlog::debug("{} {}: {} {}", mapping.shown, spec.name, row.how, row.refusal);
    rows_.push_back(std::move(row));
  }
}

void Planner::place(const resolve::Binary& binary, const std::string& path, ProbeRow& row) {
  Compiled compiled = compile(*row.target, *row.spec, binary, path);
  row.how = std::move(compiled.how);
  row.direct_calls = compiled.direct_calls;
  row.probes = std::move(compiled.probes);
  attach(row);
}

void Planner::attach(ProbeRow& row) {
  row.paused_until = 0;
  row.refusal.clear();
  row.probed = !row.probes.empty();
  for (const CompiledProbe& wanted : row.probes) {
    const Result<uint32_t> number = probes_.attach(wanted);
    if (number) {
      row.numbers.push_back(*number);
      continue;
    }
    row.refusal = number.error().message;
    row.probed = false;
    return detach(row);
  }
}

void Planner::detach(ProbeRow& row) {
  for (const uint32_t number : std::exchange(row.numbers, {})) probes_.detach(number);
}

void Planner::tick(uint64_t now) {
  for (const uint32_t pid : std::exchange(mapping_, {})) find_libraries(pid);
  forget_dead(now);
  if (release_unused(now)) {  // there may now be room for refused probes
    for (ProbeRow& row : rows_) {
      if (!row.refusal.empty()) attach(row);
    }
  }
  const uint64_t elapsed = std::max<uint64_t>(now - std::exchange(last_tick_, now), 1);
  for (ProbeRow& row : rows_) {
    if (row.paused_until != 0 && now >= row.paused_until) attach(row);
    const uint64_t last = std::exchange(row.seen, hits(row));
    const double calls = static_cast<double>(row.seen - last) * 1e9;
    const bool is_spared = row.target->kind == TargetKind::kEngine;
    if (is_spared && calls / static_cast<double>(elapsed) > double{kMostCalls}) pause(row, now);
  }
}

// Forgets processes whose EXIT event was lost.
void Planner::forget_dead(uint64_t now) {
  if (now - verified_ < kVerify) return;
  verified_ = now;
  std::vector<uint32_t> dead;
  for (const auto& [pid, ids] : used_by_) {
    if (!has_process(proc_, pid)) dead.push_back(pid);
  }
  for (const uint32_t pid : dead) ended(pid);
}

bool Planner::is_unused(Binary& binary, uint64_t now, bool linger) {
  if (!binary.users.empty()) return false;
  if (binary.unused_since == 0) binary.unused_since = now;
  return !linger || !binary.of_host || now - binary.unused_since >= kLinger;
}

bool Planner::release_unused(uint64_t now) {
  const bool linger = std::ranges::all_of(rows_, &std::string::empty, &ProbeRow::refusal);
  std::set<BinaryId> unused;
  for (auto& [id, binary] : binaries_) {
    if (is_unused(binary, now, linger)) unused.insert(id);
  }
  if (unused.empty()) return false;
  const auto goes = [&](const ProbeRow& row) { return unused.contains(row.in); };
  for (ProbeRow& row : rows_) {
    if (goes(row)) detach(row);
  }
  std::erase_if(rows_, goes);
  std::erase_if(binaries_, [&](const auto& e) { return unused.contains(e.first); });
  return true;
}

void Planner::pause(const ProbeRow& busy, uint64_t now) {
  spdlog::warn("{}: {} is called more than {} times a second: {} is {} for {} s", busy.binary,
               busy.spec->name, kMostCalls, busy.target->name, without_probes(*busy.target),
               kPause / 1'000'000'000);
  const BinaryId in = busy.in;
  for (ProbeRow& row : rows_) {
    if (row.in != in || row.numbers.empty()) continue;
    row.before = hits(row);
    detach(row);
    row.paused_until = now + kPause;
  }
}

uint64_t Planner::hits(const ProbeRow& row) const {
  return row.before + (row.numbers.empty() ? 0 : probes_.hits(row.numbers.front()));
}

}  // namespace weft::attach
