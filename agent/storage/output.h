// SPDX-License-Identifier: Apache-2.0
// Where storage's results go: span trees to the stitcher, and a measurement of each operation to
// the metrics.
#pragma once

#include <cstdint>
#include <string_view>

#include "agent/base/counter.h"
#include "agent/port/meter.h"
#include "agent/storage/instances.h"
#include "agent/storage/pending_io.h"

namespace weft::storage {

// Borrows what it is made of. One thread.
class Output {
 public:
  // Counts "weft.storage.operations".
  Output(SpanTreeSink& sink, StorageMeter& meter, Instances& instances, CounterSet& counters);

  SpanTreeSink& sink() { return sink_; }
  void push(SpanTree tree);
  void measure(const PendingIo& io, std::string_view operation, const IoSummary& summary);
  // Entry spans have no sample per operation: measured when they are emitted.
  void measure_entry(const Engine& engine, const SpanTree& tree);
  // A sync by the process served `size` commits, its own included.
  void measure_group(const Engine& engine, uint32_t pid, uint64_t size);

 private:
  SpanTreeSink& sink_;
  StorageMeter& meter_;
  Instances& instances_;
  Counter& operations_;
};

// Takes the entry spans of an engine's tracer.
class EntryOutput final : public EntrySink {
 public:
  EntryOutput(Output& output, const Engine& engine) : output_(output), engine_(engine) {}
  ParentRefPtr parent_ref(const Stamp& by) override;
  SpanContextPtr reserve_context(const ParentRefPtr& parent_ref) override;
  void push(SpanTree tree) override;

 private:
  Output& output_;
  const Engine& engine_;
};

}  // namespace weft::storage
