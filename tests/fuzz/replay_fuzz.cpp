// SPDX-License-Identifier: Apache-2.0
// The input as a recording, through the whole pipeline: what `weft replay` does with a
// file that came from anywhere.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

#include "agent/base/fd.h"
#include "agent/kernel/recording.h"
#include "agent/pipeline/pipeline.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const weft::Fd file(memfd_create("recording", MFD_CLOEXEC));
  if (write(file.get(), data, size) != static_cast<ssize_t>(size)) std::abort();
  auto recording = weft::kernel::Replay::open("/proc/self/fd/" + std::to_string(file.get()));
  if (!recording) return 0;
  const weft::Config config;
  weft::CounterSet counters;
  auto exporters = std::make_unique<weft::SpanFanout>(std::vector<std::unique_ptr<weft::Batcher>>{},
                                                      config.limits);
  weft::Pipeline pipeline(config, weft::ProcSource::none(), {},
                          *weft::storage::Patterns::make({}, {}), std::move(exporters), counters);
  pipeline.set_clock(recording->clock());
  (void)recording->run(pipeline);
  pipeline.stop(std::chrono::steady_clock::now());
  return 0;
}
