// SPDX-License-Identifier: Apache-2.0
// Parses, dispatches, turns an error into one line and an exit code. Nothing else.
#include <cstdio>

#include "agent/app/run.h"
#include "agent/cli/cli.h"

namespace {

weft::Status dispatch(const weft::cli::Invocation& invocation) {
  using weft::cli::Command;
  switch (invocation.command) {
    case Command::kPrint:
      std::fputs(invocation.text.c_str(), stdout);
      return {};
    case Command::kRun:
    case Command::kAttach:
    case Command::kRecord:
      return weft::app::run(invocation);
    case Command::kReplay:
      return weft::app::replay(invocation);
    case Command::kDoctor:
      return weft::app::doctor(invocation);
    case Command::kStatus:
      return weft::app::status(invocation);
  }
  return {};
}

int report(const weft::Error& error) {
  std::fprintf(stderr, "weft: %s\n", error.message.c_str());
  return static_cast<int>(error.code);
}

}  // namespace

int main(int argc, char** argv) {
  const auto invocation =
      weft::cli::parse(argc, argv, weft::process_environment(), weft::exporter_kinds());
  if (!invocation) return report(invocation.error());
  weft::app::start_logging(invocation->config);
  for (const std::string& warning : invocation->warnings) {
    std::fprintf(stderr, "weft: warning: %s\n", warning.c_str());
  }
  const weft::Status done = dispatch(*invocation);
  return done ? 0 : report(done.error());
}
