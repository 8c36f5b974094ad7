// SPDX-License-Identifier: Apache-2.0
// At most one agent traces a host: two would double every span and the cost.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "agent/base/fd.h"
#include "agent/base/result.h"

namespace weft {

// Held from acquire() until destruction, or the process's death however it dies: the
// kernel releases both halves. Two halves, because neither alone covers a host:
//   * a lock on weft.lock in the host's /run, reached through process 1's root so that an
//     agent in a container with the host's pid namespace meets one outside. The file also
//     carries the holder's pid, for the message;
//   * an abstract Unix socket, for agents that share the network namespace only.
// Agents that share neither do not see each other. A half that cannot be had (a read-only
// /run, a process 1 that may not be looked at) is left out; with neither, acquire()
// succeeds unprotected. Move-only; descriptors are CLOEXEC.
class InstanceLock {
 public:
  struct LockPaths {
    std::vector<std::string> files;  // the first that can be opened is used
    std::string socket;              // abstract name
  };
  static LockPaths host();

  // Error kAlreadyRunning names the holder's pid where it can be known.
  static Result<InstanceLock> acquire(const LockPaths& paths = host());

  bool has_file() const { return file_.valid(); }
  bool has_socket() const { return socket_.valid(); }

 private:
  InstanceLock(Fd file, Fd socket) : file_(std::move(file)), socket_(std::move(socket)) {}

  Fd file_;
  Fd socket_;
};

}  // namespace weft
