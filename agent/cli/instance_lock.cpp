// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/instance_lock.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace weft {
namespace {

std::unexpected<Error> already_running(const std::string& pid) {
  return fail(ExitCode::kAlreadyRunning, "another weft" +
                                             (pid.empty() ? "" : " (pid " + pid + ")") +
                                             " is tracing this host: stop it or use `weft status`");
}

Fd open_first(const std::vector<std::string>& files) {
  // Another user's file with that name, or a link, is not our lock.
  constexpr int kFlags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  for (const std::string& file : files) {
    Fd fd(::open(file.c_str(), O_RDWR | O_CREAT | kFlags, 0644));
    // A read-only /run: the lock still works, but the pid in the file is not updated.
    if (!fd.valid()) fd = Fd(::open(file.c_str(), O_RDONLY | kFlags));
    struct stat facts {};
    if (fd.valid() && fstat(fd.get(), &facts) == 0 && S_ISREG(facts.st_mode)) return fd;
  }
  return {};
}

std::string holder_in(int fd) {
  char text[16] = {};
  const ssize_t n = pread(fd, text, sizeof text - 1, 0);
  const std::string pid(text, n > 0 ? static_cast<size_t>(n) : 0);
  return pid.substr(0, pid.find_first_not_of("0123456789"));
}

void write_holder(int fd) {
  const std::string pid = std::to_string(getpid()) + "\n";
  // Only for the other agent's message: failing to write the pid is not failing to lock.
  if (ftruncate(fd, 0) == 0) (void)!pwrite(fd, pid.data(), pid.size(), 0);
}

struct Address {
  sockaddr_un value{};
  socklen_t size = 0;
};

Address abstract_address(const std::string& name) {
  Address out;
  out.value.sun_family = AF_UNIX;
  const size_t n = std::min(name.size(), sizeof out.value.sun_path - 1);
  std::memcpy(out.value.sun_path + 1, name.data(), n);  // the leading NUL makes it abstract
  out.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + n);
  return out;
}

// The process that listens there; none: it cannot be determined.
std::optional<ucred> listener(const Address& address) {
  const Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto* raw = reinterpret_cast<const sockaddr*>(&address.value);
  if (!fd.valid() || connect(fd.get(), raw, address.size) != 0) return std::nullopt;
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(fd.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  return peer;
}

// Every user may take the name: another user's process with it must not keep us from running.
bool may_hold(const ucred& peer) {
  return peer.uid == 0 || peer.uid == geteuid();
}

Result<Fd> lock_socket(const std::string& name) {
  const Address address = abstract_address(name);
  Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return Fd();
  const auto* raw = reinterpret_cast<const sockaddr*>(&address.value);
  if (bind(fd.get(), raw, address.size) == 0) {
    // Connections are not accepted; the queue only lets another agent read our pid.
    constexpr int kQueue = 16;
    return listen(fd.get(), kQueue) == 0 ? std::move(fd) : Fd();
  }
  if (errno != EADDRINUSE) return Fd();
  const auto peer = listener(address);
  if (peer && !may_hold(*peer)) return Fd();
  return already_running(peer && peer->pid > 0 ? std::to_string(peer->pid) : "");
}

}  // namespace

InstanceLock::LockPaths InstanceLock::host() {
  return {{"/proc/1/root/run/weft.lock", "/run/weft.lock"}, "weft.instance"};
}

Result<InstanceLock> InstanceLock::acquire(const LockPaths& paths) {
  Fd file = open_first(paths.files);
  if (file.valid() && flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return already_running(holder_in(file.get()));
    file.reset();  // a file system without locks
  }
  auto socket = lock_socket(paths.socket);
  if (!socket) return std::unexpected(socket.error());
  if (file.valid()) write_holder(file.get());
  return InstanceLock(std::move(file), std::move(*socket));
}

}  // namespace weft
