// SPDX-License-Identifier: Apache-2.0
// Parses, dispatches, and turns an error into one line and an exit code. Nothing else.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <system_error>

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
    case Command::kExporters:
      return weft::app::exporters(invocation);
    case Command::kExportTest:
      return weft::app::export_test(invocation);
  }
  return {};
}

int report(const weft::Error& error) {
  std::fprintf(stderr, "weft: %s\n", error.message.c_str());
  return static_cast<int>(error.code);
}

// Weft itself throws nothing on purpose: an exception from a library or the allocator ends here,
// not in abort().
int report_exception() noexcept {
  if (!std::current_exception()) std::abort();
  try {
    throw;
  } catch (const std::bad_alloc&) {
    std::fputs("weft: out of memory: raise its limit, or trace fewer processes\n", stderr);
  } catch (const std::system_error& fault) {
    std::fprintf(stderr, "weft: %s: raise its limits of memory and threads\n", fault.what());
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "weft: %s (a fault of weft itself: please report it)\n", fault.what());
  } catch (...) {
    std::fputs("weft: something unknown was thrown (a fault of weft itself: please report it)\n",
               stderr);
  }
  return static_cast<int>(weft::ExitCode::kFailure);
}

weft::Status run(int argc, char** argv) {
  const auto invocation =
      weft::cli::parse(argc, argv, weft::process_environment(), weft::exporter_kinds());
  if (!invocation) return std::unexpected(invocation.error());
  weft::app::start_logging(invocation->config);
  for (const std::string& warning : invocation->warnings) {
    std::fprintf(stderr, "weft: warning: %s\n", warning.c_str());
  }
  return dispatch(*invocation);
}

}  // namespace

int main(int argc, char** argv) {
  std::set_terminate([] { std::_Exit(report_exception()); });  // on any thread
  try {
    const weft::Status done = run(argc, argv);
    return done ? 0 : report(done.error());
  } catch (...) {
    return report_exception();
  }
}
