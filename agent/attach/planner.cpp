// SPDX-License-Identifier: Apache-2.0
#include "agent/attach/planner.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <utility>

#include "agent/attach/lower.h"
#include "agent/base/path.h"
#include "agent/discover/proc/proc_file.h"

namespace weft::attach {
namespace {

bool named(std::span<const std::string_view> globs, std::string_view name) {
  return std::ranges::any_of(globs, [&](std::string_view glob) { return fits_glob(glob, name); });
}

}  // namespace

Planner::Planner(ProbeHolder& probes, Held on_held, bool records, std::string proc)
    : probes_(probes), on_held_(std::move(on_held)), records_(records), proc_(std::move(proc)) {}

void Planner::scan() {
  for (const uint32_t pid : list_pids(proc_)) {
    executed(pid, executable_of(proc_ + "/" + std::to_string(pid)));
    mapped(pid);
  }
}

void Planner::executed(uint32_t pid, std::string_view path) {
  for (const Engine& engine : engines()) {
    if (!named(engine.executables, base_name(path))) continue;
    on_held_(engine, pid);
    probe(engine, proc_ + "/" + std::to_string(pid) + "/exe", std::string(path));
  }
}

// Lines: "from-to perms offset device inode   path".
void Planner::mapped(uint32_t pid) {
  const std::string process = proc_ + "/" + std::to_string(pid);
  std::ifstream maps(process + "/maps");
  for (std::string line; std::getline(maps, line);) {
    const size_t range = line.find(' ');
    const size_t slash = line.find('/');
    if (slash == std::string::npos || range + 4 > line.size() || line[range + 3] != 'x') continue;
    const std::string path = line.substr(slash);
    for (const Engine& engine : engines()) {
      if (!named(engine.libraries, base_name(path))) continue;
      on_held_(engine, pid);
      probe(engine, process + "/map_files/" + line.substr(0, range), path);
    }
  }
}

bool Planner::is_new(const Engine& engine, const std::string& path) {
  struct stat file {};
  return stat(path.c_str(), &file) == 0 &&
         done_.insert({&engine, {file.st_dev, file.st_ino}}).second;
}

void Planner::probe(const Engine& engine, const std::string& path, const std::string& shown) {
  if (engine.sites.empty() || !is_new(engine, path)) return;
  const auto binary = resolve::Binary::open(path);
  Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const std::string fault = !binary        ? binary.error().message
                            : file.valid() ? std::string()
                                           : std::strerror(errno);
  if (!fault.empty()) spdlog::warn("{}: {}: told by its files alone", shown, fault);
  const std::string held = "/proc/self/fd/" + std::to_string(file.get());
  for (const SiteSpec& spec : engine.sites) {
    if (spec.per_record && !records_) continue;
    SiteRow row{.engine = &engine,
                .binary = shown,
                .site = std::string(spec.name),
                .how = fault,
                .around = spec.shape == SiteSpec::Shape::kCall && !spec.inner};
    if (fault.empty()) place(spec, **binary, held, row);
    spdlog::debug("{} {}: {}", shown, row.site, row.how);
    rows_.push_back(std::move(row));
  }
  if (fault.empty()) files_.push_back(std::move(file));
}

void Planner::place(const SiteSpec& spec, const resolve::Binary& binary, const std::string& path,
                    SiteRow& row) {
  Lowered lowered = lower(*row.engine, spec, binary, path);
  row.how = std::move(lowered.how);
  row.direct_calls = lowered.direct_calls;
  row.probes = std::move(lowered.probes);
  put(row);
}

void Planner::put(SiteRow& row) {
  row.paused_until = 0;
  row.probed = !row.probes.empty();
  for (const SiteProbe& wanted : row.probes) {
    const Result<uint32_t> number = probes_.attach(wanted);
    if (number) {
      row.numbers.push_back(*number);
      continue;
    }
    row.how += ": " + number.error().message;
    row.probed = false;
    for (const uint32_t placed : std::exchange(row.numbers, {})) probes_.detach(placed);
    return;
  }
}

void Planner::tick(uint64_t now) {
  const uint64_t elapsed = std::max<uint64_t>(now - std::exchange(last_tick_, now), 1);
  for (SiteRow& row : rows_) {
    if (row.paused_until != 0 && now >= row.paused_until) put(row);
    const uint64_t last = std::exchange(row.seen, hits(row));
    const double calls = static_cast<double>(row.seen - last) * 1e9;
    if (calls / static_cast<double>(elapsed) > double{kMostCalls}) pause(row, now);
  }
}

void Planner::pause(const SiteRow& busy, uint64_t now) {
  spdlog::warn(
      "{}: {} is called more than {} times a second: {} is told by its files alone for {} s",
      busy.binary, busy.site, kMostCalls, busy.engine->name, kPause / 1'000'000'000);
  const Engine* engine = busy.engine;
  const std::string binary = busy.binary;
  for (SiteRow& row : rows_) {
    if (row.engine != engine || row.binary != binary || row.numbers.empty()) continue;
    row.before = hits(row);
    for (const uint32_t number : std::exchange(row.numbers, {})) probes_.detach(number);
    row.paused_until = now + kPause;
  }
}

uint64_t Planner::hits(const SiteRow& row) const {
  return row.before + (row.numbers.empty() ? 0 : probes_.hits(row.numbers.front()));
}

}  // namespace weft::attach
