// SPDX-License-Identifier: Apache-2.0
#include "agent/discover/proc/cgroup.h"

#include <algorithm>
#include <array>

namespace weft {
namespace {

constexpr size_t kIdLength = 64;
constexpr size_t kAbsent = std::string_view::npos;

std::string_view next_line(std::string_view& text) {
  const size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == kAbsent ? text.size() : end + 1);
  return line;
}

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

// A run of exactly 64 hex digits in one component of a path.
std::string_view id_in(std::string_view component) {
  size_t run = 0;
  for (size_t i = 0; i <= component.size(); ++i) {
    if (i < component.size() && is_hex(component[i])) {
      ++run;
      continue;
    }
    if (run == kIdLength) return component.substr(i - kIdLength, kIdLength);
    run = 0;
  }
  return {};
}

// How specific a line of /proc/PID/cgroup is; the highest wins, then the longest.
int weight(std::string_view controllers, std::string_view path, bool container) {
  if (container) return 4;
  if (path.find_first_not_of("/.") == kAbsent) return 0;
  if (controllers.empty()) return 3;  // v2
  return controllers == "name=systemd" ? 2 : 1;
}

std::string_view field(std::string_view line, size_t index) {
  for (size_t i = 0; i < index; ++i) {
    const size_t space = line.find(' ');
    if (space == kAbsent) return {};
    line.remove_prefix(space + 1);
  }
  return line.substr(0, line.find(' '));
}

}  // namespace

std::string container_of_path(std::string_view path) {
  while (!path.empty()) {
    const size_t slash = path.rfind('/');
    const std::string_view component = slash == kAbsent ? path : path.substr(slash + 1);
    if (component.find("conmon") == kAbsent) {
      if (const std::string_view id = id_in(component); !id.empty()) return std::string(id);
    }
    path = path.substr(0, slash == kAbsent ? 0 : slash);
  }
  return {};
}

std::string_view runtime_of_path(std::string_view path) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kMarks{{
      {"/cri-containerd-", "containerd"},
      {":cri-containerd:", "containerd"},
      {"/nerdctl-", "containerd"},
      {"/crio-", "cri-o"},
      {"/libpod-", "podman"},
      {"/docker-", "docker"},
      {"/docker/", "docker"},
  }};
  const std::string id = container_of_path(path);
  if (id.empty()) return {};
  const std::string_view before = path.substr(0, path.rfind(id));
  for (const auto& [mark, runtime] : kMarks) {
    if (before.ends_with(mark)) return runtime;
  }
  return {};
}

CgroupFacts parse_cgroup(std::string_view text) {
  CgroupFacts best;
  std::pair<int, size_t> best_weight{-1, 0};
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    const size_t first = line.find(':');
    const size_t second = first == kAbsent ? kAbsent : line.find(':', first + 1);
    if (second == kAbsent) continue;
    const std::string_view path = line.substr(second + 1);
    std::string id = container_of_path(path);
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const std::pair weighed{weight(controllers, path, !id.empty()), path.size()};
    if (weighed <= best_weight) continue;
    best_weight = weighed;
    best = {std::string(path), std::move(id), runtime_of_path(path)};
  }
  return best;
}

std::string container_of_mounts(std::string_view text) {
  static constexpr std::array<std::string_view, 3> kFiles{"/etc/hostname", "/etc/hosts",
                                                          "/etc/resolv.conf"};
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    if (std::ranges::count(kFiles, field(line, 4)) == 0) continue;
    // …/containers/ID/hostname (Docker), …/overlay-containers/ID/userdata/hostname (Podman)
    const std::string_view source = field(line, 3);
    const size_t folder = source.rfind("containers/");
    if (folder == kAbsent) continue;
    const std::string_view rest = source.substr(folder + std::string_view("containers/").size());
    const std::string_view id = rest.substr(0, rest.find('/'));
    if (id.size() == kIdLength && id_in(id) == id) return std::string(id);
  }
  return {};
}

}  // namespace weft
