// SPDX-License-Identifier: Apache-2.0
// At most one agent traces a host: two would double every span and the cost.
#pragma once

#include <string>

#include "agent/base/fd.h"
#include "agent/base/result.h"

namespace weft {

// Held from acquire() until destruction, or the process's death however it dies: the
// kernel releases both halves. Two halves, because neither alone covers a host:
//   * a lock on /run/weft.lock, which also carries the holder's pid for the message, and
//   * an abstract Unix socket, for agents with another /run (a container) but the same
//     network namespace.
// Agents that share neither (a container with its own /run and its own network) do not
// see each other. Move-only; children must not inherit it (descriptors are CLOEXEC).
class InstanceLock {
 public:
  // Error kAlreadyRunning names the holder's pid where it can be known. A /run that
  // cannot be written is no error while the socket half is held.
  static Result<InstanceLock> acquire(const std::string& path = "/run/weft.lock",
                                      const std::string& socket_name = "weft.instance");

 private:
  InstanceLock(Fd file, Fd socket) : file_(std::move(file)), socket_(std::move(socket)) {}

  Fd file_;
  Fd socket_;
};

}  // namespace weft
