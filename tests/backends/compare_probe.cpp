// SPDX-License-Identifier: Apache-2.0
// compare_probe KIND BATCHES [key=value…] [+ KIND [key=value…]]…: sends a known trace through
// the agent's own exporters, BATCHES times (each time as another trace, the same to each
// exporter), and prints one line per batch: the trace id. Exit 1 when a batch is not
// delivered, 2 for a wrong call.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>

#include "agent/port/exporter.h"
#include "tests/backends/known_trace.h"

namespace weft {
namespace {

struct Wanted {
  const char* kind;
  ExporterSettings settings{};
};

Result<std::unique_ptr<Exporter>> make(const Wanted& wanted) {
  for (const ExporterKind& kind : exporter_kinds()) {
    if (kind.name == wanted.kind) return kind.make(wanted.settings);
  }
  return fail(ExitCode::kUsage, std::string("no exporter ") + wanted.kind);
}

// Empty: a wrong call.
std::vector<Wanted> wanted_of(std::span<char*> arguments) {
  std::vector<Wanted> all = {{arguments[0]}};
  for (size_t i = 2; i < arguments.size(); ++i) {
    if (std::strcmp(arguments[i], "+") == 0) {
      if (++i == arguments.size()) return {};
      all.push_back({arguments[i]});
      continue;
    }
    char* equals = std::strchr(arguments[i], '=');
    if (!equals) return {};
    all.back().settings.values[std::string(arguments[i], equals)] = equals + 1;
  }
  return all;
}

bool deliver(Exporter& exporter, const std::vector<SpanPtr>& batch) {
  const auto delivery = exporter.deliver(batch, Deadline::in(std::chrono::seconds(30)));
  if (!delivery.message.empty()) fprintf(stderr, "%s\n", delivery.message.c_str());
  return delivery.kind == Delivery::Kind::kDelivered && delivery.rejected == 0;
}

int run(std::span<char*> arguments) {
  if (arguments.size() < 2) return 2;
  const auto wanted = wanted_of(arguments);
  if (wanted.empty()) return 2;
  std::vector<std::unique_ptr<Exporter>> exporters;
  for (const Wanted& one : wanted) {
    auto exporter = make(one);
    if (!exporter) return fprintf(stderr, "%s\n", exporter.error().message.c_str()), 2;
    exporters.push_back(std::move(*exporter));
  }
  for (int n = std::atoi(arguments[1]); n > 0; --n) {
    const auto batch = KnownTrace::make();
    for (const auto& exporter : exporters) {
      if (!deliver(*exporter, batch)) return 1;
    }
    printf("%s\n", batch[0]->trace.hex().c_str());
  }
  return 0;
}

}  // namespace
}  // namespace weft

int main(int argc, char** argv) {
  return weft::run(std::span(argv, static_cast<size_t>(argc)).subspan(1));
}
