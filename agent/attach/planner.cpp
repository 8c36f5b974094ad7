// SPDX-License-Identifier: Apache-2.0
#include "agent/attach/planner.h"

#include <algorithm>
#include <charconv>
#include <dirent.h>
#include <fnmatch.h>
#include <fstream>
#include <memory>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/attach/lower.h"

namespace weft::attach {
namespace {

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

bool named(std::span<const std::string_view> globs, std::string_view name) {
  return std::ranges::any_of(globs, [&](std::string_view glob) {
    return fnmatch(std::string(glob).c_str(), std::string(name).c_str(), 0) == 0;
  });
}

std::string link_target(const std::string& path) {
  char target[4096];
  const ssize_t n = readlink(path.c_str(), target, sizeof target);
  std::string text(target, n > 0 ? static_cast<size_t>(n) : 0);
  if (text.ends_with(" (deleted)")) text.resize(text.size() - 10);
  return text;
}

std::vector<uint32_t> pids(const std::string& proc) {
  std::vector<uint32_t> out;
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(proc.c_str()), closedir);
  while (const dirent* entry = dir ? readdir(dir.get()) : nullptr) {
    const std::string_view name = entry->d_name;
    uint32_t pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error == std::errc() && end == name.data() + name.size()) out.push_back(pid);
  }
  return out;
}

}  // namespace

Planner::Planner(ProbeHolder& probes, Held on_held, std::string proc)
    : probes_(probes), on_held_(std::move(on_held)), proc_(std::move(proc)) {}

void Planner::scan() {
  for (const uint32_t pid : pids(proc_)) {
    executed(pid, link_target(proc_ + "/" + std::to_string(pid) + "/exe"));
    scan_maps(pid);
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
void Planner::scan_maps(uint32_t pid) {
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

void Planner::mapped(uint32_t pid, const Engine&) {
  scan_maps(pid);
}

bool Planner::is_new(const Engine& engine, const std::string& path) {
  struct stat file {};
  return stat(path.c_str(), &file) == 0 &&
         done_.insert({&engine, {file.st_dev, file.st_ino}}).second;
}

void Planner::probe(const Engine& engine, const std::string& path, const std::string& shown) {
  if (engine.sites.empty() || !is_new(engine, path)) return;
  const auto binary = resolve::Binary::open(path);
  if (!binary) spdlog::warn("{}: {}: told by its files alone", shown, binary.error().message);
  for (const SiteSpec& spec : engine.sites) {
    SiteRow row{.engine = &engine,
                .binary = shown,
                .site = std::string(spec.name),
                .how = binary ? "" : binary.error().message,
                .around = spec.shape == SiteSpec::Shape::kCall && !spec.inner,
                .numbers = {}};
    if (binary) place(spec, **binary, path, row);
    spdlog::debug("{} {}: {}", shown, row.site, row.how);
    rows_.push_back(std::move(row));
  }
}

void Planner::place(const SiteSpec& spec, const resolve::Binary& binary, const std::string& path,
                    SiteRow& row) {
  Lowered lowered = lower(*row.engine, spec, binary, path);
  row.how = std::move(lowered.how);
  row.probed = !lowered.probes.empty();
  row.direct_calls = lowered.direct_calls;
  for (const SiteProbe& wanted : lowered.probes) {
    const Result<uint32_t> number = probes_.attach(wanted);
    if (number) {
      row.numbers.push_back(*number);
    } else {
      row.probed = false;
      row.how += ": " + number.error().message;
    }
  }
}

uint64_t Planner::hits(const SiteRow& row) const {
  return row.numbers.empty() ? 0 : probes_.hits(row.numbers.front());
}

}  // namespace weft::attach
