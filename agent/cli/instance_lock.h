// SPDX-License-Identifier: Apache-2.0
// At most one agent traces a host: two would double every span and the cost.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "agent/base/fd.h"
#include "agent/base/result.h"

namespace weft {

// Held from acquire() until destruction, or until the process ends in any way: the kernel
// releases both parts. There are two parts, because neither alone covers a host:
//   * a lock on weft.lock in the host's /run, reached through process 1's root, so that an
//     agent in a container with the host's pid namespace meets one outside. The file also
//     holds the pid of its owner, for the message;
//   * an abstract Unix socket, for agents that share only the network namespace.
// Agents that share neither do not see each other. A part that is not available (a read-only
// /run, an unreadable process 1) is left out; without both, acquire() succeeds unprotected.
// Move-only; descriptors are CLOEXEC.
class InstanceLock {
 public:
  struct LockPaths {
    std::vector<std::string> files;  // the first that can be opened is used
    std::string socket;              // abstract name
  };
  static LockPaths host();

  // Error kAlreadyRunning names the holder's pid if known.
  static Result<InstanceLock> acquire(const LockPaths& paths = host());

  bool has_file() const { return file_.valid(); }
  bool has_socket() const { return socket_.valid(); }

 private:
  InstanceLock(Fd file, Fd socket) : file_(std::move(file)), socket_(std::move(socket)) {}

  Fd file_;
  Fd socket_;
};

}  // namespace weft
