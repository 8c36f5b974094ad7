// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace weft {

// The host as resource attributes name it; an empty field is left out.
struct Host {
  std::string name;
  std::string id;
  std::string arch;  // "amd64", "arm64", …
  // Of its os-release: "Debian GNU/Linux", "12", "Debian GNU/Linux 12 (bookworm)".
  std::string os_name = {};
  std::string os_version = {};
  std::string os_description = {};
};

// The host the agent runs on, as its pid 1 sees it: an agent in a container with the
// host's pid namespace names the host, not the container. Where pid 1's files may not be
// looked at, the agent's own have to do.
Host self_host(const std::string& proc_root = "/proc");

}  // namespace weft
