// SPDX-License-Identifier: Apache-2.0
// Finds a process's control group and container. Pure; any thread; any bytes.
#pragma once

#include <string>
#include <string_view>

namespace weft {

struct CgroupFacts {
  std::string path;          // the most specific line's, see parse_cgroup
  std::string container_id;  // 64 hex digits, or empty
  std::string_view runtime;  // see runtime_of_path()
};

// Parses /proc/PID/cgroup: lines "ID:CONTROLLERS:PATH", v2 ("0::"), v1 or both. The path is the
// first of: one that names a container; the v2 path unless it is the root; systemd's; the longest.
// A path may begin with "/../" if the reader is in a cgroup namespace.
CgroupFacts parse_cgroup(std::string_view text);

// The innermost container id in a cgroup path: Docker, containerd, CRI-O, Podman, with and without
// systemd. Empty for the runtime's monitor process (conmon), which has a cgroup beside the
// container's.
std::string container_of_path(std::string_view path);

// The container runtime, by the path's naming: "docker", "containerd", "cri-o", "podman"; else
// empty, as for Kubernetes without systemd. Static string.
std::string_view runtime_of_path(std::string_view path);

// Parses /proc/PID/mountinfo, for a process whose cgroup path is hidden by its cgroup namespace:
// returns the container id in the source of the files that an engine mounts over /etc/hostname,
// /etc/hosts and /etc/resolv.conf. A pod sandbox's id is not a container's id.
std::string container_of_mounts(std::string_view text);

}  // namespace weft
