// SPDX-License-Identifier: Apache-2.0
#include "agent/discover/process_table.h"

#include <algorithm>

#include "agent/discover/exec_facts.h"

namespace weft {
namespace {

constexpr size_t kGone = 64;
constexpr int kMaxAncestors = 64;

}  // namespace

ProcessTable::ProcessTable(const Config& config, std::unique_ptr<ProcSource> source,
                           DecisionCallback on_decision, CounterSet& counters,
                           ProcessTableOptions options)
    : source_(std::move(source)),
      on_decision_(std::move(on_decision)),
      options_(std::move(options)),
      rules_(config.targets),
      prefer_sdk_(config.existing_instrumentation == ExistingInstrumentation::kPreferSdk),
      resources_(config, options_.host, counters),
      self_(source_->self()),
      evicted_(counters.get("weft.discover.evicted")),
      reused_(counters.get("weft.discover.reused_pids")) {}

void ProcessTable::scan() {
  std::vector<ProcessFacts> all;
  std::unordered_map<uint32_t, uint32_t> parents;
  for (const uint32_t pid : source_->pids()) {
    ProcessFacts facts;
    if (!source_->identify(pid, facts) || facts.kernel_thread) continue;
    parents[pid] = facts.ppid;
    all.push_back(std::move(facts));
  }
  // A child may have a lower pid than its parent, so lineage needs the whole process tree.
  const auto lineage = [&](uint32_t pid) {
    Lineage found = Lineage::kNone;
    for (int i = 0; i < kMaxAncestors && pid != 0; ++i) {
      if (pid == self_) return Lineage::kAgent;
      if (rules_.names_pid(pid)) found = Lineage::kTarget;
      const auto parent = parents.find(pid);
      pid = parent == parents.end() ? 0 : parent->second;
    }
    return found;
  };
  for (ProcessFacts& facts : all) {
    const uint32_t pid = facts.pid;
    if (find(pid) != nullptr) continue;  // an event came first
    Entry entry;
    entry.settled = true;
    entry.ppid = facts.ppid;
    entry.lineage = lineage(pid);
    entry.facts = std::make_shared<const ProcessFacts>(std::move(facts));
    Entry& placed = insert(pid, std::move(entry));
    decide(pid, placed, *placed.facts);
  }
}

void ProcessTable::on_event(const Event& event) {
  switch (event.head->type) {
    case WEFT_EV_EXEC:
      return on_exec(event);
    case WEFT_EV_FORK:
      return on_fork(event.as<weft_ev_fork>());
    case WEFT_EV_EXIT:
      return on_exit(event.head->pid);
    default:
      return;
  }
}

void ProcessTable::on_exec(const Event& event) {
  ProcessFacts facts = facts_of(event);
  const uint32_t pid = facts.pid;
  // The kernel removes its decision at exec, but one may have been written just after that.
  if (const Entry* before = find(pid); before && before->told) options_.on_gone(pid);
  Entry entry;
  entry.ppid = facts.ppid;
  entry.lineage = lineage_of(pid, facts.ppid);
  entry.heard = facts.heard;
  entry.facts = std::make_shared<const ProcessFacts>(std::move(facts));
  insert(pid, std::move(entry));
}

// The kernel copies the parent's decision itself, so none is sent here.
void ProcessTable::on_fork(const weft_ev_fork& fork) {
  erase(fork.child_pid);
  const Entry* parent = find(fork.h.pid);
  if (!parent) return;  // read from the source at the first get()
  Entry child;
  child.facts = parent->facts;
  child.ppid = fork.h.pid;
  child.lineage = lineage_of(fork.child_pid, fork.h.pid);
  child.decision = parent->decision;
  child.complete = parent->complete;
  child.refined = parent->refined;
  child.heard = fork.h.time;
  insert(fork.child_pid, std::move(child));
}

void ProcessTable::on_exit(uint32_t pid) {
  Entry* entry = find(pid);
  if (!entry) return;
  if (entry->told) options_.on_gone(pid);
  entry->gone = true;
  if (entry->process || entry->facts->pid == pid) {
    Gone& gone = entry->process ? gone_ : gone_unasked_;
    gone.emplace_back(pid, *entry);
    if (gone.size() > kGone) gone.pop_front();
  }
  erase(pid);
}

ProcessPtr ProcessTable::get(uint32_t pid) {
  Entry* entry = find(pid);
  if (!entry) {
    if (ProcessPtr process = find_gone(pid)) return process;
    entry = &learn(pid, Lineage::kNone);
  }
  if (entry->used != order_.begin()) order_.splice(order_.begin(), order_, entry->used);
  const uint64_t now = options_.clock();
  if (now >= entry->next_look) entry = &look_again(pid, *entry, now);
  if (entry->process) return entry->process;
  make(pid, *entry);
  look_for_context(pid, *entry, now);
  if (now >= entry->next_look) entry = &look_again(pid, *entry, now);
  return entry->process;
}

void ProcessTable::exports_spans(uint32_t pid) {
  Entry* entry = find(pid);
  if (!entry || entry->exports) return;
  entry->exports = true;
  entry->next_context = entry->next_look = 0;  // a process that exports spans may publish a context
                                               // too
  if (entry->process) publish(*entry, entry->process->facts);
}

void ProcessTable::receives_spans(uint32_t pid) {
  Entry* entry = find(pid);
  if (!entry || entry->receives) return;
  entry->receives = true;
  if (entry->process) publish(*entry, entry->process->facts);
}

void ProcessTable::for_each(const std::function<void(const Process&)>& f) const {
  for (const auto& [pid, entry] : entries_) {
    if (entry.process) f(*entry.process);
  }
}

ProcessTable::Entry* ProcessTable::find(uint32_t pid) {
  const auto found = entries_.find(pid);
  return found == entries_.end() ? nullptr : &found->second;
}

ProcessTable::Entry& ProcessTable::insert(uint32_t pid, Entry entry) {
  erase(pid);
  if (entries_.size() >= options_.capacity) {
    entries_.erase(order_.back());
    order_.pop_back();
    evicted_.add();
  }
  entry.since = entry.verified = options_.clock();
  order_.push_front(pid);
  entry.used = order_.begin();
  return entries_.insert_or_assign(pid, std::move(entry)).first->second;
}

void ProcessTable::erase(uint32_t pid) {
  const auto found = entries_.find(pid);
  if (found == entries_.end()) return;
  order_.erase(found->second.used);
  entries_.erase(found);
}

ProcessTable::Entry& ProcessTable::learn(uint32_t pid, Lineage lineage) {
  ProcessFacts facts;
  Entry entry;
  entry.complete = source_->read(pid, facts);
  if (!entry.complete) facts = {};
  entry.gone = !entry.complete;
  facts.pid = pid;
  entry.settled = true;
  entry.ppid = facts.ppid;
  entry.lineage = lineage != Lineage::kNone ? lineage : lineage_of(pid, facts.ppid);
  entry.facts = std::make_shared<const ProcessFacts>(std::move(facts));
  Entry& placed = insert(pid, std::move(entry));
  decide(pid, placed, *placed.facts);
  return placed;
}

ProcessPtr ProcessTable::find_gone(uint32_t pid) {
  Entry* gone = nullptr;
  for (Gone* list : {&gone_unasked_, &gone_}) {
    const auto found = std::find_if(list->rbegin(), list->rend(),
                                    [pid](const auto& item) { return item.first == pid; });
    if (found == list->rend()) continue;
    if (!gone || found->second.since >= gone->since) gone = &found->second;
  }
  if (!gone) return nullptr;
  Entry& entry = *gone;
  ProcessFacts live;
  if (source_->identify(pid, live) && !same_process(*entry.facts, live)) return nullptr;
  if (!entry.process) make(pid, entry);
  return entry.process;
}

ProcessTable::Lineage ProcessTable::lineage_of(uint32_t pid, uint32_t ppid) const {
  if (self_ != 0 && (pid == self_ || ppid == self_)) return Lineage::kAgent;
  for (const uint32_t known : {pid, ppid}) {
    const auto found = entries_.find(known);
    if (found != entries_.end() && found->second.lineage != Lineage::kNone) {
      return found->second.lineage;
    }
  }
  return rules_.names_pid(pid) || rules_.names_pid(ppid) ? Lineage::kTarget : Lineage::kNone;
}

}  // namespace weft
