// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/storage.h"

#include <algorithm>
#include <cstring>

#include "agent/base/error_name.h"
#include "agent/base/semconv.h"
#include "agent/storage/describe.h"
#include "agent/storage/gather.h"
#include "agent/storage/stamp.h"

namespace weft::storage {
namespace {

constexpr size_t kSyncsKept = 8;

template <size_t N>
std::string_view text(const char (&field)[N]) {
  return {field, strnlen(field, N)};
}

bool is_sync(weft_file_op op) {
  return op == WEFT_FILE_FSYNC || op == WEFT_FILE_FDATASYNC || op == WEFT_FILE_SYNC_RANGE;
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
                                      .instance = storage_.instance_of(story.by.pid),
                                      .operation = story.name,
                                      .file = story.attributes.text(semconv::kWalFilePath),
                                      .backend = story.attributes.text(semconv::kWalEntryBackend),
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
      sights_(counters),
      unknown_(counters.get("weft.storage.dropped", {{"cause", "unknown_file"}})),
      unclaimed_(counters.get("weft.storage.dropped", {{"cause", "no_engine"}})),
      folded_(counters.get("weft.storage.dropped", {{"cause", "many_inside"}})),
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
    case WEFT_EV_EXEC:  // another program
      return forget(event.head->pid);
    case WEFT_EV_EXIT:
      born_.erase(event.head->pid);
      return forget(event.head->pid);
    default:
      return;
  }
}

void Storage::forget(uint32_t pid) {
  sights_.forget(pid);
  if (instance_of_.contains(pid)) end(pid);
  // Also of a server's first process that has done nothing itself.
  std::erase_if(instances_, [&](const auto& e) { return e.first.second == pid; });
}

void Storage::end(uint32_t pid) {
  for (Deed& deed : threads_.due([&](const Deed& d) { return d.story.by.pid == pid; })) {
    tell_alone(std::move(deed));
  }
  to_narrators(pid, [&](Narrator& narrator, StorySink& sink) { narrator.exited(pid, sink); });
  instance_of_.erase(pid);
}

uint32_t Storage::instance_of(uint32_t pid) {
  const auto known = instance_of_.find(pid);
  if (known != instance_of_.end()) return known->second;
  return instance_of_[pid] = around_.instance_of(pid);
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
                  .bytes = bytes,
                  .within = event.within};
  switch (file->log.use) {
    case WEFT_FILE_LOG:
      return log_op(*file, op);
    case WEFT_FILE_ENTRY: {
      Entries sink(*this, *file->engines.front());
      return instance(*file->engines.front(), op.by.pid).narrator->entry(op, sink);
    }
    case WEFT_FILE_LIBRARY:
      for (const Engine* engine : file->engines) held(*engine, op.by.pid);
      return around_.on_library(op.by.pid);
    case WEFT_FILE_IGNORE:
      return;
  }
}

void Storage::on_rename(const weft_ev_rename& event) {
  to_narrators(event.h.pid, [&](Narrator& narrator, StorySink& sink) {
    narrator.renamed(stamp_of(event.h, 0, 0), text(event.from), text(event.to), sink);
  });
}

void Storage::to_narrators(uint32_t pid, const std::function<void(Narrator&, StorySink&)>& tell) {
  const auto known = instance_of_.find(pid);
  if (known == instance_of_.end()) return;  // it has done nothing that they would know of
  const uint32_t of = known->second;
  for (auto& [key, instance] : instances_) {
    if (key.second != of) continue;
    Entries sink(*this, *key.first);
    tell(*instance.narrator, sink);
  }
}

void Storage::log_op(File& file, const FileOp& op) {
  if (op.op != WEFT_FILE_WRITE && !is_sync(op.op)) return;
  Deed deed = deed_of(file, op);
  measure(deed, deed.is_write ? "wal.write" : "wal.sync", deed.work);
  if (deed.is_sync && op.result >= 0) note_sync(deed);
  if (deed.is_sync && deed.engine->sites.empty()) return tell_alone(std::move(deed));
  keep(std::move(deed));
}

void Storage::measure(const Deed& deed, std::string_view operation, const Work& work) {
  around_.meter.operation({.engine = deed.engine,
                           .instance = instance_of(deed.story.by.pid),
                           .operation = operation,
                           .file = work.file.empty() ? std::string_view(deed.path) : work.file,
                           .duration = deed.story.end - deed.story.start,
                           .bytes = work.bytes,
                           .failed = !deed.story.error_type.empty()});
}

Deed Storage::deed_of(File& file, const FileOp& op) {
  Deed deed;
  deed.rivals = file.engines;
  deed.engine = file.engines.front();
  deed.story.by = op.by;
  if (const Engine* owner = owner_of(deed)) {
    deed.engine = owner;
    deed.rivals = {};
  }
  deed.file = file.log.id;
  deed.path = file.log.path;
  deed.is_sync = is_sync(op.op) || writes_through(file.log);
  deed.is_write = !deed.is_sync;
  deed.within = op.within;
  deed.story.start = op.start;
  deed.story.end = op.by.time;
  deed.story.place = around_.teller.place(op.by, 0, deed.engine->thread_owns_request);
  if (op.result < 0) deed.story.error_type = error_name(op.result);
  if (op.result > 0) {  // of a sync it never is
    deed.work = {.bytes = static_cast<uint64_t>(op.result), .writes = 1};
    file.unsynced += deed.work.bytes;
  }
  if (deed.is_sync) {
    deed.work.syncs = 1;
    describe_sync(op, file.unsynced, deed.story);
    if (op.result >= 0) file.unsynced = 0;
    deed.story.identity = around_.teller.identify(deed.story.place);
  }
  return deed;
}

void Storage::keep(Deed deed) {
  if (threads_.fold(deed)) return folded_.add();
  for (Deed& early : threads_.add(std::move(deed))) tell_alone(std::move(early));
}

void Storage::note_sync(const Deed& deed) {
  Instance& of = instance(*deed.engine, deed.story.by.pid);
  if (of.syncs.size() >= kSyncsKept) {
    around_.meter.group(*deed.engine, instance_of(deed.story.by.pid), of.syncs.front().served + 1);
    of.syncs.pop_front();
  }
  of.syncs.push_back({deed.story.end, deed.story.by.tid, 0, deed.story.identity});
}

// Null: several engines name files like this, the process holds none of them.
const Engine* Storage::owner_of(const Deed& deed) const {
  return deed.rivals.size() > 1 ? sights_.holder(deed.rivals, deed.story.by.pid) : deed.engine;
}

// No call of the engine was around it. Writes to what nobody can say is a log are not told
// unless they are synced: such names are given to logs of text, too.
void Storage::tell_alone(Deed deed) {
  if (!deed.is_write && !deed.is_sync) return push(std::move(deed.story));
  const uint32_t pid = deed.story.by.pid;
  const Engine* engine = owner_of(deed);
  if (!engine && !deed.is_sync) return unclaimed_.add();
  if (engine && deed.is_sync) sights_.flushed_uncalled(*engine);
  std::vector<Deed> all;
  if (deed.is_sync) all = threads_.writes(pid, deed.file, deed.story.start);
  all.push_back(std::move(deed));
  Narrator* narrator = engine ? instance(*engine, pid).narrator.get() : nullptr;
  push(flush_of(std::move(all), engine, narrator).story);
}

Storage::Instance& Storage::instance(const Engine& engine, uint32_t pid) {
  Instance& found = instances_[{&engine, instance_of(pid)}];
  if (!found.narrator) found.narrator = engine.make();
  return found;
}

bool Storage::waited(const Deed& deed, uint64_t now) const {
  if (deed.within != 0) return deed.story.end + kLongPatience < now;
  const bool silent = sights_.silent(*deed.engine, deed.story.by.pid, deed.story.by.tid);
  return deed.story.end + (silent ? kShortPatience : kPatience) < now;
}

void Storage::sweep(uint64_t now) {
  for (Deed& deed : threads_.due([&](const Deed& d) { return waited(d, now); })) {
    if ((deed.is_write || deed.is_sync) && !deed.engine->sites.empty()) {
      sights_.not_called(*deed.engine, deed.story.by.pid, deed.story.by.tid);
    }
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
