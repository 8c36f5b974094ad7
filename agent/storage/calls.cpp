// SPDX-License-Identifier: Apache-2.0
// Storage: what engines' calls come to.
#include <algorithm>

#include "agent/storage/gather.h"
#include "agent/storage/stamp.h"
#include "agent/storage/storage.h"

namespace weft::storage {
namespace {

const Engine* engine_of(uint8_t id) {
  const auto all = engines();
  const auto found = std::ranges::find(all, id, &Engine::id);
  return found == all.end() ? nullptr : &*found;
}

const SiteSpec* site_of(const Engine& engine, const weft_ev_site& event) {
  const auto found = std::ranges::find(engine.sites, event.number, &SiteSpec::number);
  return found == engine.sites.end() ? nullptr : &*found;
}

// What was done inside counts for the call around it too.
void become_part(uint16_t outer, const Work& work, Deed& deed) {
  deed.within = outer;
  deed.work = work;
  deed.path = work.file;
  deed.work.file = {};
}

SpanIdentityPtr last_link(const Story& story) {
  for (auto inner = story.inner.rbegin(); inner != story.inner.rend(); ++inner) {
    if (!inner->links.empty()) return inner->links.back();
  }
  return nullptr;
}

}  // namespace

void Storage::on_site(const weft_ev_site& event) {
  const Engine* engine = engine_of(event.engine);
  const SiteSpec* spec = engine ? site_of(*engine, event) : nullptr;
  if (!spec) {
    unknown_.add();
    return;
  }
  SiteCall call{.number = event.number,
                .start = std::min<uint64_t>(event.start, event.h.time),
                .by = stamp_of(event.h, event.task_xid, event.flags),
                .result = event.result,
                .values = {},
                .missing = event.missing,
                .text = {event.text, event.text_len},
                .no_text = (event.flags & WEFT_SITE_NO_TEXT) != 0,
                .cut = (event.flags & WEFT_SITE_CUT) != 0,
                .number_on_thread = event.call,
                .within = event.within,
                .born = born_.contains(event.h.pid),
                .last_sync = nullptr};
  std::copy(std::begin(event.value), std::end(event.value), call.values.begin());
  tell_call(*engine, *spec, call);
}

void Storage::tell_call(const Engine& engine, const SiteSpec& spec, SiteCall call) {
  Instance& of = instance(engine, call.by.pid);
  Deed deed;
  deed.engine = &engine;
  deed.story.start = call.start;
  deed.story.end = call.by.time;
  deed.story.by = call.by;
  std::vector<Deed> inside = threads_.within(call.by.tid, {.start = call.start,
                                                           .end = call.by.time,
                                                           .number = call.number_on_thread,
                                                           .outermost = call.within == 0});
  if (spec.flushes) inside = with_flushes(std::move(inside), engine, *of.narrator);
  const Work work = gather(inside, deed.story);
  if (spec.waits || (spec.served && work.waits == 0)) {
    call.last_sync = awaited(of, work, spec.served ? 0 : call.start, call);
  }
  if (!spec.inner) {
    sights_.called(engine, call.by.pid, call.by.tid);
    if (work.syncs == 0) credit(of, call.last_sync ? call.last_sync : last_link(deed.story));
  }
  const uint64_t statement = call.text.empty() ? 0 : statement_hash(call.text);
  deed.story.place = around_.teller.place(call.by, statement, engine.thread_owns_request);
  if (!of.narrator->call(call, work, deed.story)) return leave_parts(std::move(deed), call.within);
  measure(deed, deed.story.name, work);
  if (!spec.inner && call.within == 0) return push(std::move(deed.story));
  become_part(call.within, work, deed);
  keep(std::move(deed));
}

// The call is not worth a span: what is inside is told without it.
void Storage::leave_parts(Deed call, uint16_t within) {
  for (Story& story : call.story.inner) {
    if (within == 0) {
      push(std::move(story));
      continue;
    }
    Deed part;
    part.engine = call.engine;
    part.within = within;
    part.story = std::move(story);
    keep(std::move(part));
  }
}

// Whoever holds a log's lock syncs and then lets go: the last sync before a wait's end is
// the one waited for.
SpanIdentityPtr Storage::awaited(const Instance& instance, const Work& work, uint64_t since,
                                 const SiteCall& call) {
  if (work.syncs > 0) return nullptr;
  for (auto it = instance.syncs.rbegin(); it != instance.syncs.rend(); ++it) {
    if (it->end < since) return nullptr;
    if (it->end <= call.by.time && it->tid != call.by.tid) return it->identity;
  }
  return nullptr;
}

// A call that ended without a sync of its own was served by that one.
void Storage::credit(Instance& instance, const SpanIdentityPtr& sync) {
  for (Instance::Sync& kept : instance.syncs) {
    if (kept.identity == sync) ++kept.served;
  }
}

}  // namespace weft::storage
