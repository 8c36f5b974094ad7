// SPDX-License-Identifier: Apache-2.0
// Errors as values. Setup, attach, configuration and I/O return Result<T>; the data path
// uses result enums and counters; main alone turns an Error into an exit code.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace weft {

// The process's exit codes, stable: scripts depend on them. docs/exit-codes.md lists them.
enum class ExitCode : int {
  kOk = 0,
  kFailure = 1,         // something unforeseen
  kUsage = 2,           // unknown flag or command, wrong value on the command line
  kConfig = 4,          // configuration file or OTEL_* variable
  kPermission = 5,      // not root / missing capability
  kNoBtf = 6,           // kernel without BTF
  kKernelRefused = 7,   // a required hook has no usable hook type, or not the forced one
  kNoSuchProcess = 8,   // a named target does not exist
  kAlreadyRunning = 9,  // another agent runs on this host
  kBadRecording = 10,   // malformed or foreign recording
  kWriteFailed = 11,    // disk full, unwritable output
  kUnreachable = 12,    // the agent (status) or an endpoint cannot be reached
  kAddressInUse = 13,   // admin endpoint's port is taken
};

// One line that names the problem and its remedy; no trailing full stop or newline.
struct Error {
  std::string message;
  ExitCode code = ExitCode::kFailure;
};

template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

inline std::unexpected<Error> fail(ExitCode code, std::string message) {
  return std::unexpected(Error{std::move(message), code});
}

}  // namespace weft
