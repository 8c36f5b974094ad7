// SPDX-License-Identifier: Apache-2.0
// The part of the process table that depends on time: decisions, and repeated checks of what was
// found.
#include <algorithm>
#include <iterator>

#include "agent/discover/exec_facts.h"
#include "agent/discover/process_table.h"

namespace weft {
namespace {

constexpr uint64_t kMillisecond = 1'000'000;
constexpr uint64_t kSecond = 1000 * kMillisecond;
constexpr uint64_t kAskPortsAtLeast = 10 * kMillisecond;
constexpr uint64_t kAskPortsAtMost = 30 * kSecond;
constexpr uint64_t kGiveUpPorts = 600 * kSecond;
constexpr uint64_t kLibrariesMapped = kSecond;  // by then a runtime has mapped its libraries
constexpr uint64_t kVerify = 30 * kSecond;
// Pauses between searches for a context: a library may publish late, but reading all mappings is
// costly.
constexpr uint64_t kSearchPauses[] = {kSecond, 4 * kSecond, 25 * kSecond, 90 * kSecond,
                                      480 * kSecond};
constexpr uint64_t kContextPause = kSecond;
constexpr uint8_t kMostContexts = 64;  // stop following a context that keeps changing

// When to search again, after `times` searches, or, once found, `times` changes.
uint64_t next_context(uint8_t times, bool found, uint64_t now) {
  if (found) return times < kMostContexts ? now + kContextPause : UINT64_MAX;
  return times <= std::size(kSearchPauses) ? now + kSearchPauses[times - 1] : UINT64_MAX;
}

}  // namespace

void ProcessTable::decide(uint32_t pid, Entry& entry, const ProcessFacts& facts) {
  if (entry.lineage == Lineage::kAgent) return decide(pid, entry, false);
  switch (rules_.decide(facts, entry.lineage == Lineage::kTarget)) {
    case RuleResult::kTrace:
      return decide(pid, entry, true);
    case RuleResult::kIgnore:
      return decide(pid, entry, false);
    case RuleResult::kByPort:
      entry.decision = TargetDecision::kPending;
      entry.next_look = 0;
      return;
  }
}

void ProcessTable::decide(uint32_t pid, Entry& entry, bool traced) {
  entry.decision = traced ? TargetDecision::kTraced : TargetDecision::kIgnored;
  if (entry.process && (entry.process->traced != traced || entry.process->undecided)) {
    auto changed = std::make_shared<Process>(*entry.process);
    changed->traced = traced;
    changed->undecided = false;
    hold(entry, std::move(changed));
  }
  tell(pid, entry);
}

// A decision sent for an ended process would apply to the next one with its pid.
void ProcessTable::tell(uint32_t pid, Entry& entry) {
  if (entry.gone) return;
  entry.told = true;
  on_decision_(pid, entry.decision == TargetDecision::kTraced);
}

// A forked worker may have closed the listening socket that its parent holds.
bool ProcessTable::listens(uint32_t pid, const Entry& entry) {
  const auto any = [this](uint32_t who) {
    return std::ranges::any_of(rules_.ports(),
                               [&](uint16_t port) { return source_->listens_on(who, port); });
  };
  if (any(pid)) return true;
  const Entry* parent = find(entry.ppid);
  return parent && parent->facts->exe == entry.facts->exe &&
         (parent->decision == TargetDecision::kTraced || any(entry.ppid));
}

void ProcessTable::hold(Entry& entry, ProcessPtr process) {
  entry.facts = FactsPtr(process, &process->facts);
  entry.process = std::move(process);
}

bool ProcessTable::exports_own_spans(const Entry& entry, const ProcessFacts& facts) const {
  return prefer_sdk_ && ((entry.exports && !entry.receives) || facts.context);
}

void ProcessTable::publish(Entry& entry, ProcessFacts facts) {
  auto process = std::make_shared<Process>();
  process->facts = std::move(facts);
  process->resource = resources_.build(process->facts);
  process->traced = entry.decision == TargetDecision::kTraced;
  process->undecided = entry.decision == TargetDecision::kPending;
  process->exports_own_spans = exports_own_spans(entry, process->facts);
  hold(entry, std::move(process));
}

void ProcessTable::make(uint32_t pid, Entry& entry) {
  const bool inherited = entry.facts->pid != pid;
  if (entry.decision == TargetDecision::kUndecided && rules_.narrow()) {
    entry.facts = std::make_shared<const ProcessFacts>(identified(pid, entry));
    decide(pid, entry, *entry.facts);
    if (entry.decision == TargetDecision::kIgnored) return publish(entry, *entry.facts);
  }
  ProcessFacts facts = completed(pid, entry);
  entry.complete = true;
  if (!entry.refined && (entry.settled || options_.clock() - entry.since >= kLibrariesMapped)) {
    entry.refined = true;
    source_->refine(pid, facts);
  }
  const bool other_image = inherited && facts.exe != entry.facts->exe;  // an exec record was lost
  if (other_image || entry.decision == TargetDecision::kUndecided) {
    decide(pid, entry, facts);
  } else if (inherited && entry.decision != TargetDecision::kPending) {
    // The kernel copied the parent's decision at the fork, unless it was not made yet.
    tell(pid, entry);
  }
  publish(entry, std::move(facts));
}

// What is known without reading /proc: the record's facts, or for a forked child its parent's.
ProcessFacts ProcessTable::own(uint32_t pid, const Entry& entry) {
  ProcessFacts told = *entry.facts;
  if (told.pid != pid) {
    told.pid = pid;
    told.ppid = entry.ppid;
    told.start_ticks = told.created = 0;
    told.heard = entry.heard;
    told.context.reset();  // not inherited over a fork
  }
  return told;
}

ProcessFacts ProcessTable::identified(uint32_t pid, const Entry& entry) {
  ProcessFacts told = own(pid, entry);
  ProcessFacts live;
  return source_->identify(pid, live) && same_process(told, live) ? merged(told, std::move(live))
                                                                  : told;
}

ProcessFacts ProcessTable::completed(uint32_t pid, const Entry& entry) {
  ProcessFacts told = own(pid, entry);
  ProcessFacts live;
  if (!entry.complete) {
    if (source_->read(pid, live) && same_process(told, live)) return merged(told, std::move(live));
    return entry.facts->pid == pid ? told : recalled(std::move(told), *entry.facts);
  }
  if (entry.facts->pid == pid || !source_->identify(pid, live) || !same_process(told, live)) {
    return told;
  }
  if (live.exe != told.exe) {
    ProcessFacts other;
    return source_->read(pid, other) ? other : told;
  }
  told.start_ticks = live.start_ticks;
  told.created = live.created;
  told.cgroup = live.cgroup;
  told.container_id = live.container_id;
  told.container_runtime = live.container_runtime;
  return told;
}

// For a forked child that has ended: the process that executed this image still knows the
// arguments.
ProcessFacts ProcessTable::recalled(ProcessFacts told, const ProcessFacts& origin) {
  ProcessFacts live;
  if (!source_->read(origin.pid, live) || !same_process(origin, live) || live.exe != told.exe) {
    return told;
  }
  const ProcessFacts whole = merged(origin, std::move(live));
  told.args = whole.args;
  told.args_cut = whole.args_cut;
  told.environment = whole.environment;
  return told;
}

ProcessTable::Entry& ProcessTable::look_again(uint32_t pid, Entry& entry, uint64_t now) {
  if (now - entry.verified >= kVerify) {
    entry.verified = now;
    ProcessFacts live;
    if (entry.process && source_->identify(pid, live)) {
      if (!same_process(*entry.facts, live)) {
        reused_.add();
        return learn(pid, Lineage::kNone);
      }
      // An exec whose record was lost.
      if (!live.exe.empty() && live.exe != entry.facts->exe) return learn(pid, entry.lineage);
    }
  }
  const uint64_t age = now - entry.since;
  entry.next_look = entry.verified + kVerify;
  if (entry.decision == TargetDecision::kPending) {
    if (listens(pid, entry)) {
      decide(pid, entry, true);
    } else if (age >= kGiveUpPorts) {
      decide(pid, entry, false);
    } else {
      const uint64_t pause = std::clamp(age / 8, kAskPortsAtLeast, kAskPortsAtMost);
      entry.next_look = std::min(entry.next_look, now + pause);
    }
  }
  look_for_context(pid, entry, now);
  if (entry.refined) return entry;
  if (age < kLibrariesMapped) {
    entry.next_look = std::min(entry.next_look, entry.since + kLibrariesMapped);
  } else if (entry.process) {
    refine(pid, entry);
  }
  return entry;
}

void ProcessTable::look_for_context(uint32_t pid, Entry& entry, uint64_t now) {
  if (!entry.process || !entry.process->traced) return;
  if (now >= entry.next_context) {
    const ProcessContextPtr known = entry.process->facts.context;
    ProcessContextPtr found = source_->context(pid, known);
    const bool changed = found != known;
    if (changed || !known) ++entry.contexts;
    if (changed && !known) entry.contexts = 0;
    entry.next_context = next_context(entry.contexts, found != nullptr, now);
    if (changed) {
      ProcessFacts facts = entry.process->facts;
      facts.context = std::move(found);
      publish(entry, std::move(facts));
    }
  }
  entry.next_look = std::min(entry.next_look, entry.next_context);
}

void ProcessTable::refine(uint32_t pid, Entry& entry) {
  entry.refined = true;
  ProcessFacts facts = entry.process->facts;
  if (source_->refine(pid, facts)) publish(entry, std::move(facts));
}

}  // namespace weft
