// SPDX-License-Identifier: Apache-2.0
// Storage: from engines' calls to span trees.
#include <algorithm>

#include "agent/storage/fold_io.h"
#include "agent/storage/stamp.h"
#include "agent/storage/storage.h"

namespace weft::storage {
namespace {

const ProbeSpec* probe_of(const Engine& engine, const weft_ev_probe& event) {
  const auto& probes = engine.target.probes;
  const auto found = std::ranges::find(probes, event.number, &ProbeSpec::number);
  return found == probes.end() ? nullptr : &*found;
}

// The I/O inside a call counts for its enclosing call too.
void become_part(uint16_t outer, const IoSummary& summary, PendingIo& io) {
  io.within = outer;
  io.summary = summary;
  io.path = summary.file;
  io.summary.file = {};
}

SpanContextPtr last_link(const SpanTree& tree) {
  for (auto child = tree.children.rbegin(); child != tree.children.rend(); ++child) {
    if (!child->links.empty()) return child->links.back();
  }
  return nullptr;
}

}  // namespace

void Storage::on_probe(const weft_ev_probe& event) {
  const Engine* engine = engine_with(event.target);
  const ProbeSpec* spec = engine ? probe_of(*engine, event) : nullptr;
  if (!spec) {
    unknown_.add();
    return;
  }
  ProbedCall call{.number = event.number,
                  .start = std::min<uint64_t>(event.start, event.h.time),
                  .by = stamp_of(event),
                  .result = event.result,
                  .values = {},
                  .missing = event.missing,
                  .text = {event.text, event.text_len},
                  .no_text = (event.flags & WEFT_PROBE_NO_TEXT) != 0,
                  .interrupted = (event.flags & WEFT_PROBE_INTERRUPTED) != 0,
                  .number_on_thread = event.call,
                  .within = event.within,
                  .seen_from_start = seen_from_start_.contains(event.h.pid),
                  .last_sync = nullptr};
  std::copy(std::begin(event.value), std::end(event.value), call.values.begin());
  emit_call(*engine, *spec, call);
}

void Storage::emit_call(const Engine& engine, const ProbeSpec& spec, ProbedCall call) {
  Instance& of = instance(engine, call.by.pid);
  PendingIo io;
  io.engine = &engine;
  io.tree.start = call.start;
  io.tree.end = call.by.time;
  io.tree.by = call.by;
  std::vector<PendingIo> inside = pending_.within(call.by.tid, {.start = call.start,
                                                                .end = call.by.time,
                                                                .number = call.number_on_thread,
                                                                .outermost = call.within == 0});
  if (spec.sync.encloses_flush) inside = with_flushes(std::move(inside), engine, *of.tracer);
  const IoSummary summary = fold_io(inside, io.tree);
  if (spec.sync.is_wait || (spec.sync.served_by_earlier_sync && summary.waits == 0)) {
    call.last_sync = awaited(of, summary, spec.sync.served_by_earlier_sync ? 0 : call.start, call);
  }
  if (!spec.nested) {
    presence_.called(engine, call.by.pid, call.by.tid);
    if (summary.syncs == 0) credit(of, call.last_sync ? call.last_sync : last_link(io.tree));
  }
  const uint64_t statement = call.text.empty() ? 0 : statement_hash(call.text);
  io.tree.parent_ref =
      surroundings_.sink.parent_ref(call.by, statement, engine.thread_owns_request);
  if (!of.tracer->call(call, summary, io.tree)) return leave_parts(std::move(io), call.within);
  measure(io, io.tree.name, summary);
  if (!spec.nested && call.within == 0) return push(std::move(io.tree));
  become_part(call.within, summary, io);
  keep(std::move(io));
}

// The call is not worth a span: its children are emitted without it.
void Storage::leave_parts(PendingIo call, uint16_t within) {
  for (SpanTree& tree : call.tree.children) {
    if (within == 0) {
      push(std::move(tree));
      continue;
    }
    PendingIo part;
    part.engine = call.engine;
    part.within = within;
    part.tree = std::move(tree);
    keep(std::move(part));
  }
}

// The holder of a log's lock syncs and then releases it: the last sync that ended before the wait
// did is the one that was waited for.
SpanContextPtr Storage::awaited(const Instance& instance, const IoSummary& summary, uint64_t since,
                                const ProbedCall& call) {
  if (summary.syncs > 0) return nullptr;
  for (auto it = instance.syncs.rbegin(); it != instance.syncs.rend(); ++it) {
    if (it->end < since) return nullptr;
    if (it->end <= call.by.time && it->tid != call.by.tid) return it->span_context;
  }
  return nullptr;
}

// Counts a call that ended without a sync of its own for the sync that served it.
void Storage::credit(Instance& instance, const SpanContextPtr& sync) {
  for (Instance::Sync& kept : instance.syncs) {
    if (kept.span_context == sync) ++kept.served;
  }
}

}  // namespace weft::storage
