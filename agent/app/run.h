// SPDX-License-Identifier: Apache-2.0
// The commands that do work. Each returns when it is done; an error carries the exit code.
#pragma once

#include "agent/base/result.h"
#include "agent/cli/cli.h"

namespace weft::app {

// run, attach, record: until SIGINT, SIGTERM or the duration's end; then flushes and
// detaches.
Status run(const cli::Invocation& invocation);
// replay: a recording through the same pipeline; prints what the exporters print.
Status replay(const cli::Invocation& invocation);
// doctor: what this kernel offers and which hook type each hook would use. Writes to stdout.
Status doctor(const cli::Invocation& invocation);
// status: the running agent's counters. Writes to stdout.
Status status(const cli::Invocation& invocation);

// exporters: invocation.text, then the running agent's, if there is one. Writes to stdout.
Status exporters(const cli::Invocation& invocation);
// export-test: a line for each exporter on stdout. Error kUnreachable: one did not deliver.
Status export_test(const cli::Invocation& invocation);

// Logs to stderr at the configured level; call once.
void start_logging(const Config& config);

}  // namespace weft::app
