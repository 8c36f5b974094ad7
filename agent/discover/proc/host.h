// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace weft {

// The host, for resource attributes; an empty field is left out.
struct Host {
  std::string name;
  std::string id;
  std::string arch;  // "amd64", "arm64", …
  // From os-release: "Debian GNU/Linux", "12", "Debian GNU/Linux 12 (bookworm)".
  std::string os_name = {};
  std::string os_version = {};
  std::string os_description = {};
};

// The agent's host as pid 1 sees it: an agent in a container with the host's pid namespace reports
// the host, not the container. If pid 1's files are not readable, the agent's own are used.
Host self_host(const std::string& proc_root = "/proc");

}  // namespace weft
