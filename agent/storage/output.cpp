// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/output.h"

#include <utility>

#include "agent/base/semconv.h"

namespace weft::storage {

Output::Output(SpanTreeSink& sink, StorageMeter& meter, Instances& instances, CounterSet& counters)
    : sink_(sink),
      meter_(meter),
      instances_(instances),
      operations_(counters.get("weft.storage.operations")) {}

void Output::push(SpanTree tree) {
  operations_.add();
  sink_.emit(std::move(tree));
}

void Output::measure(const PendingIo& io, std::string_view operation, const IoSummary& summary) {
  meter_.operation({.engine = io.engine,
                    .instance = instances_.of(io.tree.by.pid),
                    .operation = operation,
                    .file = summary.file.empty() ? std::string_view(io.path) : summary.file,
                    .duration = io.tree.end - io.tree.start,
                    .bytes = summary.bytes,
                    .failed = !io.tree.error_type.empty()});
}

void Output::measure_entry(const Engine& engine, const SpanTree& tree) {
  meter_.operation({.engine = &engine,
                    .instance = instances_.of(tree.by.pid),
                    .operation = tree.name,
                    .file = tree.attributes.text(semconv::kWalFilePath),
                    .backend = tree.attributes.text(semconv::kWalEntryBackend),
                    .duration = tree.end - tree.start,
                    .bytes = 0,
                    .failed = !tree.error_type.empty()});
}

void Output::measure_group(const Engine& engine, uint32_t pid, uint64_t size) {
  meter_.group(engine, instances_.of(pid), size);
}

ParentRefPtr EntryOutput::parent_ref(const Stamp& by) {
  return output_.sink().parent_ref(by, 0, engine_.thread_owns_request);
}

SpanContextPtr EntryOutput::reserve_context(const ParentRefPtr& parent_ref) {
  return output_.sink().reserve_context(parent_ref);
}

void EntryOutput::push(SpanTree tree) {
  output_.measure_entry(engine_, tree);
  output_.push(std::move(tree));
}

}  // namespace weft::storage
