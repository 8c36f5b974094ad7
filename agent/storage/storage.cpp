// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/storage.h"

#include <algorithm>
#include <cstring>

#include "agent/base/semconv.h"
#include "agent/storage/describe.h"

namespace weft::storage {
namespace {

constexpr size_t kSyncsKept = 8;

template <size_t N>
std::string_view text(const char (&field)[N]) {
  return {field, strnlen(field, N)};
}

Stamp stamp_of(const weft_event& head, uint64_t task_xid, uint8_t flags) {
  return {.time = head.time,
          .tid = head.tid,
          .xid = 0,
          .task_xid = task_xid,
          .flags = static_cast<uint8_t>(flags & WEFT_DATA_UNBROKEN),
          .pid = head.pid};
}

const Engine* engine_of(uint8_t id) {
  const auto all = engines();
  const auto found = std::ranges::find(all, id, &Engine::id);
  return found == all.end() ? nullptr : &*found;
}

const SiteSpec* site_of(const Engine& engine, const weft_ev_site& event) {
  const auto found = std::ranges::find(engine.sites, event.number, &SiteSpec::number);
  return found == engine.sites.end() ? nullptr : &*found;
}

bool is_sync(weft_file_op op) {
  return op == WEFT_FILE_FSYNC || op == WEFT_FILE_FDATASYNC || op == WEFT_FILE_SYNC_RANGE;
}

// Inside a call only what took time is worth a span of its own; writes are counted.
Work gather(std::vector<Deed>& deeds, Story& story) {
  Work work;
  for (Deed& deed : deeds) {
    work.bytes += deed.work.bytes;
    work.writes += deed.work.writes;
    work.syncs += deed.is_sync ? 1 : 0;
    work.waits += deed.story.links.empty() ? 0 : 1;
    if (!deed.path.empty()) work.file = deed.path;
    const bool worth = !deed.is_write || !deed.story.error_type.empty();
    if (deed.is_write && !deed.story.error_type.empty()) deed.story.name = "wal.write";
    if (!deed.story.error_type.empty()) story.error_type = deed.story.error_type;
    if (worth) story.inner.push_back(std::move(deed.story));
  }
  return work;
}

}  // namespace

// The stories that narrators make of entries: measured here, for no operation of theirs is.
class Storage::Entries final : public StorySink {
 public:
  Entries(Storage& storage, const Engine& engine) : storage_(storage), engine_(engine) {}

  PlacePtr place(const Stamp& by) override {
    return storage_.around_.teller.place(by, 0, engine_.thread_owns_request);
  }
  SpanIdentityPtr identify(const PlacePtr& place) override {
    return storage_.around_.teller.identify(place);
  }
  void push(Story story) override {
    storage_.around_.meter.operation({.engine = &engine_,
                                      .instance = storage_.around_.instance_of(story.by.pid),
                                      .operation = story.name,
                                      .file = story.attributes.text(semconv::kWalFilePath),
                                      .duration = story.end - story.start,
                                      .bytes = 0,
                                      .failed = !story.error_type.empty()});
    storage_.push(std::move(story));
  }

 private:
  Storage& storage_;
  const Engine& engine_;
};

Storage::~Storage() = default;

Storage::Storage(Patterns patterns, Surroundings surroundings, CounterSet& counters)
    : files_(std::move(patterns)),
      around_(std::move(surroundings)),
      unknown_(counters.get("weft.storage.dropped", {{"cause", "unknown_file"}})),
      told_(counters.get("weft.storage.stories")) {}

void Storage::on_event(const Event& event) {
  switch (event.head->type) {
    case WEFT_EV_FILE:
      return on_file(event.as<weft_ev_file>());
    case WEFT_EV_FILE_IO:
      return on_io(event.as<weft_ev_file_io>(), event.tail<weft_ev_file_io>());
    case WEFT_EV_RENAME:
      return on_rename(event.as<weft_ev_rename>());
    case WEFT_EV_SITE:
      return on_site(event.as<weft_ev_site>());
    case WEFT_EV_FORK:
      born_.insert(event.as<weft_ev_fork>().child_pid);
      return;
    case WEFT_EV_EXIT:
      return forget(event.head->pid);
    default:
      return;
  }
}

void Storage::forget(uint32_t pid) {
  born_.erase(pid);
  std::erase_if(unsighted_, [&](const auto& e) { return e.second == pid; });
  for (auto& [key, instance] : instances_) {
    Entries sink(*this, *key.first);
    instance.narrator->exited(pid, sink);
  }
  std::erase_if(instances_, [&](const auto& e) { return e.first.second == pid; });
}

void Storage::on_file(const weft_ev_file& event) {
  if (!files_.meet(event)) around_.on_unwanted(event.key);
}

void Storage::on_io(const weft_ev_file_io& event, std::string_view bytes) {
  File* file = files_.find(event.file);
  if (!file) {
    unknown_.add();
    return;
  }
  file->used = event.h.time;
  const FileOp op{.file = file->log,
                  .op = static_cast<weft_file_op>(event.op),
                  .start = std::min<uint64_t>(event.start, event.h.time),
                  .by = stamp_of(event.h, event.task_xid, event.flags),
                  .result = event.result,
                  .fd = event.fd,
                  .bytes = bytes};
  switch (file->log.use) {
    case WEFT_FILE_LOG:
      return log_op(*file, op);
    case WEFT_FILE_ENTRY: {
      Entries sink(*this, *file->engine);
      return instance(*file->engine, op.by.pid).narrator->entry(op, sink);
    }
    case WEFT_FILE_LIBRARY:
      return around_.on_library(op.by.pid, *file->engine);
    case WEFT_FILE_IGNORE:
      return;
  }
}

void Storage::on_rename(const weft_ev_rename& event) {
  for (auto& [key, instance] : instances_) {
    if (key.second != around_.instance_of(event.h.pid)) continue;
    Entries sink(*this, *key.first);
    instance.narrator->renamed(stamp_of(event.h, 0, 0), text(event.from), text(event.to), sink);
  }
}

void Storage::log_op(File& file, const FileOp& op) {
  if (op.op != WEFT_FILE_WRITE && !is_sync(op.op)) return;
  Deed deed = deed_of(file, op);
  around_.meter.operation({.engine = file.engine,
                           .instance = around_.instance_of(op.by.pid),
                           .operation = deed.is_write ? "wal.write" : "wal.sync",
                           .file = file.log.path,
                           .duration = op.by.time - op.start,
                           .bytes = deed.work.bytes,
                           .failed = op.result < 0});
  if (deed.is_sync) note_sync(*file.engine, deed);
  const bool alone = file.engine->sites.empty() || unsighted_.contains({file.engine, op.by.pid});
  if (deed.is_sync && alone) return tell_alone(std::move(deed));
  keep(std::move(deed));
}

Deed Storage::deed_of(File& file, const FileOp& op) {
  Deed deed;
  deed.engine = file.engine;
  deed.file = file.log.id;
  deed.path = file.log.path;
  deed.is_sync = is_sync(op.op) || writes_through(file.log);
  deed.is_write = !deed.is_sync;
  deed.story.start = op.start;
  deed.story.end = op.by.time;
  deed.story.by = op.by;
  deed.story.place = around_.teller.place(op.by, 0, file.engine->thread_owns_request);
  if (op.result < 0) deed.story.error_type = error_name(op.result);
  if (op.op == WEFT_FILE_WRITE && op.result > 0) {
    deed.work = {.bytes = static_cast<uint64_t>(op.result), .writes = 1};
    file.unsynced += deed.work.bytes;
  }
  if (deed.is_sync) {
    describe_sync(op, file.unsynced, deed.story);
    if (op.result >= 0) file.unsynced = 0;
    deed.story.identity = around_.teller.identify(deed.story.place);
  }
  return deed;
}

void Storage::keep(Deed deed) {
  for (Deed& early : threads_.add(std::move(deed))) tell_alone(std::move(early));
}

void Storage::note_sync(const Engine& engine, const Deed& deed) {
  Instance& of = instance(engine, deed.story.by.pid);
  if (of.syncs.size() >= kSyncsKept) {
    around_.meter.group(engine, around_.instance_of(deed.story.by.pid),
                        of.syncs.front().served + 1);
    of.syncs.pop_front();
  }
  of.syncs.push_back({deed.story.end, deed.story.by.tid, 0, deed.story.identity});
}

// No call of the engine was around it.
void Storage::tell_alone(Deed deed) {
  if (!deed.is_write && !deed.is_sync) return push(std::move(deed.story));
  const Engine& engine = *deed.engine;
  Story story;
  story.start = deed.story.start;
  story.end = deed.story.end;
  story.by = deed.story.by;
  story.place = deed.story.place;
  story.error_type = deed.story.error_type;
  std::vector<Deed> all;
  if (deed.is_sync) all = threads_.writes(deed.story.by.pid, deed.file);
  const bool synced = deed.is_sync;
  const std::string path = deed.path;
  all.push_back(std::move(deed));
  for (const Deed& d : all) story.start = std::min(story.start, d.story.start);
  Work work = gather(all, story);
  work.file = path;
  if (synced) {
    describe_flush(engine, work, story);
  } else {
    describe_append(engine, work, story);
  }
  push(std::move(story));
}

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
                .text = {event.text, std::min<size_t>(event.text_len, sizeof event.text)},
                .cut = (event.flags & WEFT_SITE_CUT) != 0,
                .born = born_.contains(event.h.pid),
                .last_sync = nullptr};
  std::copy(std::begin(event.value), std::end(event.value), call.values.begin());
  tell_call(*engine, *spec, call);
}

void Storage::tell_call(const Engine& engine, const SiteSpec& spec, SiteCall call) {
  Instance& of = instance(engine, call.by.pid);
  Instance::Sync* sync = spec.waits ? sync_before(of, call.by.time, call.by.tid) : nullptr;
  if (sync) {
    ++sync->served;
    call.last_sync = sync->identity;
  }
  Deed deed;
  deed.engine = &engine;
  deed.story.start = call.start;
  deed.story.end = call.by.time;
  deed.story.by = call.by;
  std::vector<Deed> inside = threads_.within(call.by.tid, call.start, call.by.time);
  const Work work = gather(inside, deed.story);
  if (!spec.inner) unsighted_.erase({&engine, call.by.pid});
  const uint64_t statement = call.text.empty() ? 0 : statement_hash(call.text);
  deed.story.place = around_.teller.place(call.by, statement, engine.thread_owns_request);
  if (!of.narrator->call(call, work, deed.story)) {
    for (Story& story : deed.story.inner) push(std::move(story));
    return;
  }
  around_.meter.operation({.engine = &engine,
                           .instance = around_.instance_of(call.by.pid),
                           .operation = deed.story.name,
                           .file = work.file,
                           .duration = deed.story.end - deed.story.start,
                           .bytes = work.bytes,
                           .failed = !deed.story.error_type.empty()});
  if (spec.inner) return keep(std::move(deed));
  push(std::move(deed.story));
}

Storage::Instance& Storage::instance(const Engine& engine, uint32_t pid) {
  Instance& found = instances_[{&engine, around_.instance_of(pid)}];
  if (!found.narrator) found.narrator = engine.make();
  return found;
}

// Whoever holds a log's lock syncs and then lets go: the last sync before a wait's end is
// the one waited for.
Storage::Instance::Sync* Storage::sync_before(Instance& instance, uint64_t time, uint32_t not_tid) {
  for (auto it = instance.syncs.rbegin(); it != instance.syncs.rend(); ++it) {
    if (it->end <= time && it->tid != not_tid) return &*it;
  }
  return nullptr;
}

void Storage::sweep(uint64_t now) {
  if (now < kPatience) return;
  for (Deed& deed : threads_.older(now - kPatience)) {
    if (!deed.engine->sites.empty()) unsighted_.insert({deed.engine, deed.story.by.pid});
    tell_alone(std::move(deed));
  }
  for (auto& [key, instance] : instances_) {
    Entries sink(*this, *key.first);
    instance.narrator->tick(now, sink);
  }
}

void Storage::push(Story story) {
  told_.add();
  around_.teller.tell(std::move(story));
}

}  // namespace weft::storage
