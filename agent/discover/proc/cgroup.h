// SPDX-License-Identifier: Apache-2.0
// Which control group and container a process is in. Pure; any thread; any bytes.
#pragma once

#include <string>
#include <string_view>

namespace weft {

struct CgroupFacts {
  std::string path;          // the most telling of the lines, see parse_cgroup
  std::string container_id;  // 64 hex digits, or empty
  std::string_view runtime;  // see runtime_of_path()
};

// /proc/PID/cgroup: lines "ID:CONTROLLERS:PATH", v2 ("0::"), v1 or both. The path is, in
// order: one that names a container; the v2 one unless it is the root; systemd's; the
// longest. A path may begin with "/../" when the reader is in a cgroup namespace.
CgroupFacts parse_cgroup(std::string_view text);

// The innermost container of a cgroup path: Docker, containerd, CRI-O, Podman, with and
// without systemd. The runtime's monitor beside a container (conmon) is not in it.
std::string container_of_path(std::string_view path);

// Who made it, by what the path calls it: "docker", "containerd", "cri-o", "podman"; else empty,
// as for Kubernetes without systemd. A constant.
std::string_view runtime_of_path(std::string_view path);

// /proc/PID/mountinfo: the container id in the source of the files that an engine mounts
// over /etc/hostname, /etc/hosts and /etc/resolv.conf. For a process whose cgroup path is
// hidden by its cgroup namespace. A pod's sandbox id is not taken for a container's.
std::string container_of_mounts(std::string_view text);

}  // namespace weft
