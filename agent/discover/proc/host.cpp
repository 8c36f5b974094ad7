// SPDX-License-Identifier: Apache-2.0
#include "agent/discover/proc/host.h"

#include <array>
#include <sys/utsname.h>
#include <utility>

#include "agent/discover/proc/proc_file.h"
#include "agent/discover/proc/runtime_version.h"

namespace weft {
namespace {

std::string first_line(const std::string& path) {
  const std::string text = read_text(path, 4096);
  return text.substr(0, text.find_first_of(" \t\r\n"));
}

std::string architecture(const std::string& machine) {
  static constexpr std::array<std::pair<const char*, const char*>, 6> kNames{{
      {"x86_64", "amd64"},
      {"aarch64", "arm64"},
      {"i686", "x86"},
      {"armv7l", "arm32"},
      {"ppc64le", "ppc64"},
      {"s390x", "s390x"},
  }};
  for (const auto& [from, to] : kNames) {
    if (machine == from) return to;
  }
  return machine;
}

// A link's target is a path in that root, not in ours.
std::string below(const std::string& root, const std::string& path) {
  const std::string target = read_link(root + path);
  return root + (target.starts_with('/') ? target : path);
}

// os-release(5): the first file that exists.
void read_system(const std::string& init_root, Host& host) {
  std::string text;
  for (const std::string& path :
       {below(init_root, "/etc/os-release"), init_root + "/usr/lib/os-release",
        std::string("/etc/os-release"), std::string("/usr/lib/os-release")}) {
    if (text.empty()) text = read_regular(path, 16 << 10);
  }
  host.os_name = release_field(text, "NAME");
  host.os_version = release_field(text, "VERSION_ID");
  host.os_description = release_field(text, "PRETTY_NAME");
}

}  // namespace

Host self_host(const std::string& proc_root) {
  Host host;
  utsname names{};
  const bool known = uname(&names) == 0;
  if (known) host.arch = architecture(names.machine);

  const std::string init = proc_root + "/1";
  const std::string ours = read_link(proc_root + "/self/ns/uts");
  const std::string theirs = read_link(init + "/ns/uts");
  if (!theirs.empty() && theirs != ours) host.name = first_line(init + "/root/etc/hostname");
  if (host.name.empty() && known) host.name = names.nodename;

  for (const std::string& path : {init + "/root/etc/machine-id", std::string("/etc/machine-id"),
                                  init + "/root/var/lib/dbus/machine-id"}) {
    if (host.id.empty()) host.id = first_line(path);
  }
  read_system(init + "/root", host);
  return host;
}

}  // namespace weft
