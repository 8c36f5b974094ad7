// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/calls.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "agent/storage/fold_io.h"
#include "agent/storage/stamp.h"

namespace weft::storage {
namespace {

const ProbeSpec* probe_of(const Engine& engine, const weft_ev_probe& event) {
  const auto& probes = engine.target.probes;
  const auto found = std::ranges::find(probes, event.number, &ProbeSpec::number);
  return found == probes.end() ? nullptr : &*found;
}

// The call as I/O of its thread; children and summary come later.
PendingIo io_of(const Engine& engine, const ProbedCall& call) {
  PendingIo io;
  io.engine = &engine;
  io.tree.start = call.start;
  io.tree.end = call.by.time;
  io.tree.by = call.by;
  return io;
}

// The I/O inside a call counts for its enclosing call too.
void become_part(uint16_t outer, const IoSummary& summary, PendingIo& io) {
  io.within = outer;
  io.summary = summary;
  io.path = summary.file;
  io.summary.file = {};
}

bool waits(const PendingIo& io) {
  return io.summary.waits > 0 || !io.tree.links.empty();
}

SpanContextPtr last_link(const SpanTree& tree) {
  for (auto child = tree.children.rbegin(); child != tree.children.rend(); ++child) {
    if (!child->links.empty()) return child->links.back();
  }
  return nullptr;
}

}  // namespace

Calls::Calls(LogIo& log_io, EnginePresence& presence, Instances& instances, Output& output,
             CounterSet& counters)
    : log_io_(log_io),
      presence_(presence),
      instances_(instances),
      output_(output),
      unknown_(counters.get("weft.storage.dropped", {{"cause", "unknown_file"}})) {}

void Calls::on_probe(const weft_ev_probe& event) {
  const Engine* engine = engine_with(event.target);
  const ProbeSpec* spec = engine ? probe_of(*engine, event) : nullptr;
  if (!spec) return unknown_.add();
  emit(*engine, *spec, call_of(event));
}

ProbedCall Calls::call_of(const weft_ev_probe& event) const {
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
                  .slept = (event.flags & WEFT_PROBE_SLEPT) != 0,
                  .seen_from_start = seen_from_start_.contains(event.h.pid),
                  .last_sync = nullptr};
  std::copy(std::begin(event.value), std::end(event.value), call.values.begin());
  return call;
}

void Calls::emit(const Engine& engine, const ProbeSpec& spec, ProbedCall call) {
  Instance& of = instances_.get(engine, call.by.pid);
  PendingIo io = io_of(engine, call);
  std::vector<PendingIo> inside = log_io_.take(call.by.tid, {.start = call.start,
                                                             .end = call.by.time,
                                                             .number = call.number_on_thread,
                                                             .outermost = call.within == 0});
  if (spec.sync.implied_wait) add_wait(engine, of, call, *spec.sync.implied_wait, inside);
  if (spec.sync.encloses_flush) inside = with_flushes(std::move(inside), engine, *of.tracer);
  const IoSummary summary = fold_io(inside, io.tree);
  call.last_sync = last_sync(of, spec, call, summary);
  if (!spec.nested) {
    presence_.called(engine, call.by.pid, call.by.tid);
    if (summary.syncs == 0) of.syncs.credit(call.last_sync ? call.last_sync : last_link(io.tree));
  }
  const uint64_t statement = call.text.empty() ? 0 : statement_hash(call.text);
  io.tree.parent_ref = output_.sink().parent_ref(call.by, statement, engine.thread_owns_request);
  if (!of.tracer->call(call, summary, io.tree)) return leave_parts(std::move(io), call.within);
  output_.measure(io, io.tree.name, summary);
  if (!spec.nested && call.within == 0) return output_.push(std::move(io.tree));
  become_part(call.within, summary, io);
  log_io_.keep(std::move(io));
}

// The wait that is known without a probe of its own: see ProbeSpec::Sync::implied_wait. It lasted
// from the beginning of the call until the sync was over at least.
void Calls::add_wait(const Engine& engine, Instance& of, const ProbedCall& call, uint8_t number,
                     std::vector<PendingIo>& inside) {
  const bool slept = inside.empty() ? call.slept : inside.front().slept;
  if (!slept || std::ranges::any_of(inside, waits)) return;
  const uint64_t until = inside.empty() ? call.by.time : inside.front().tree.start;
  const RecentSyncs::Sync* sync = of.syncs.awaited(call.start, {.time = until, .tid = call.by.tid});
  if (!sync) return;
  ProbedCall wait{.number = number, .start = call.start, .by = call.by};
  wait.by.time = sync->end;
  wait.last_sync = sync->span_context;
  PendingIo io = io_of(engine, wait);
  io.tree.parent_ref = output_.sink().parent_ref(call.by, 0, engine.thread_owns_request);
  if (!of.tracer->call(wait, {}, io.tree)) return;
  output_.measure(io, io.tree.name, {});
  inside.insert(inside.begin(), std::move(io));
}

// The sync that the call waited for, or that had served it before. Null: none, or its own.
SpanContextPtr Calls::last_sync(const Instance& instance, const ProbeSpec& spec,
                                const ProbedCall& call, const IoSummary& summary) const {
  const bool earlier = spec.sync.served_by_earlier_sync;
  const bool by_another = spec.sync.is_wait || (earlier && summary.waits == 0);
  if (!by_another || summary.syncs > 0) return nullptr;
  const RecentSyncs::Sync* sync = instance.syncs.awaited(earlier ? 0 : call.start, call.by);
  return sync ? sync->span_context : nullptr;
}

// The call is not worth a span: its children are emitted without it.
void Calls::leave_parts(PendingIo call, uint16_t within) {
  for (SpanTree& tree : call.tree.children) {
    if (within == 0) {
      output_.push(std::move(tree));
      continue;
    }
    PendingIo part;
    part.engine = call.engine;
    part.within = within;
    part.tree = std::move(tree);
    log_io_.keep(std::move(part));
  }
}

}  // namespace weft::storage
