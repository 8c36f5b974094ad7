// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace weft {

// The host as resource attributes name it; an empty field is left out.
struct Host {
  std::string name;
  std::string id;
  std::string arch;  // "amd64", "arm64", …
};

// The host the agent runs on, as its pid 1 sees it: an agent in a container with the
// host's pid namespace names the host, not the container.
Host self_host(const std::string& proc_root = "/proc");

}  // namespace weft
