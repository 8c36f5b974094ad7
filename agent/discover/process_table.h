// SPDX-License-Identifier: Apache-2.0
// All known processes: facts, resource and decision, kept current by EXEC, FORK and EXIT events.
// Live, facts are completed from /proc; in a replay they come from events alone
// (ProcSource::none()).
#pragma once

#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <unordered_map>
#include <utility>

#include "agent/base/clock.h"
#include "agent/base/counter.h"
#include "agent/config/config.h"
#include "agent/discover/proc/source.h"
#include "agent/discover/process.h"
#include "agent/discover/resource.h"
#include "agent/discover/rules.h"
#include "agent/port/event.h"

namespace weft {

struct ProcessTableOptions {
  size_t capacity = 16384;                    // beyond it the least recently used is evicted
  uint64_t (*clock)() = coarse_monotonic_ns;  // ns; only differences matter
  Host host = {};                             // goes into every resource; see self_host()
  // A process whose decision was sent has ended or executes another program. A decision written to
  // the kernel after that would never be removed.
  std::function<void(uint32_t pid)> on_gone = [](uint32_t) {};
};

// Most processes of a host never cause a span, so a fork or an exec costs one small entry and no
// read: a forked child shares its parent's facts, an exec has its record's. The first get() reads
// what the source knows and decides; until then the kernel captures. For an unwanted process only
// what the rules need is read.
//
// If only a --port rule can decide, it takes longer, because a server starts to listen some time
// after its exec. Until then the process is pending: not traced, but no decision is sent, so that
// the kernel goes on capturing. get() checks again, at growing intervals (10 ms … 30 s); after ten
// minutes the process is ignored. So whoever emits spans must call get() for each, not once per
// connection.
//
// A process may publish a process context at any time. Its mappings are searched on the first get()
// and, if it is traced, five more times within ten minutes. Once found, a check for changes is one
// small read, at most once a second and only on get().
//
// One thread (the pipeline's).
class ProcessTable {
 public:
  // Called when a decision is made or changes, to write the kernel's filter.
  using DecisionCallback = std::function<void(uint32_t pid, bool traced)>;

  // `config` and `counters` outlive the table.
  ProcessTable(const Config& config, std::unique_ptr<ProcSource> source,
               DecisionCallback on_decision, CounterSet& counters,
               ProcessTableOptions options = {});

  // Decides on all running processes. Call once, after the hooks are attached.
  void scan();
  // Uses EXEC, FORK and EXIT events; ignores others.
  void on_event(const Event& event);
  // The process of an event; if unknown, read from the source, or a bare pid. Never null. Remains
  // valid while held, also after an exit. Costs a hash look-up, except at the first call for a
  // process and when it is read again.
  ProcessPtr get(uint32_t pid);

  // The process was seen to export or to receive spans. Exported spans count as its own unless it
  // also receives spans, which it then passes on (a proxy, a collector). Both hold until it
  // executes another program.
  void exports_spans(uint32_t pid);
  void receives_spans(uint32_t pid);

  size_t size() const { return entries_.size(); }
  // For status: calls f for each live process that was asked for with get().
  void for_each(const std::function<void(const Process&)>& f) const;

 private:
  enum class Lineage : uint8_t { kNone, kTarget, kAgent };  // inherited over fork and exec
  enum class TargetDecision : uint8_t { kTraced, kIgnored, kPending, kUndecided };
  using FactsPtr = std::shared_ptr<const ProcessFacts>;

  struct Entry {
    FactsPtr facts;      // a forked child's are its parent's until the first get()
    ProcessPtr process;  // null until the first get()
    uint32_t ppid = 0;
    Lineage lineage = Lineage::kNone;
    TargetDecision decision = TargetDecision::kUndecided;
    bool complete = false;  // facts come from read() and are complete
    bool settled = false;   // old enough to have mapped its libraries
    bool refined = false;
    bool told = false;      // its decision was sent
    bool gone = false;      // it has ended: send no decision
    bool exports = false;   // spans
    bool receives = false;  // spans
    uint8_t contexts = 0;   // searches for a context; once found, changes of it
    uint64_t heard = 0;     // time of the exec or fork record
    uint64_t since = 0;     // when the table first knew this program image
    uint64_t verified = 0;  // when the pid was last seen to be the same process
    uint64_t next_look = 0;
    uint64_t next_context = 0;
    std::list<uint32_t>::iterator used;
  };

  void on_exec(const Event& event);
  void on_fork(const weft_ev_fork& fork);
  void on_exit(uint32_t pid);

  Entry& insert(uint32_t pid, Entry entry);
  void erase(uint32_t pid);
  Entry* find(uint32_t pid);
  Entry& learn(uint32_t pid, Lineage lineage);
  ProcessPtr find_gone(uint32_t pid);
  Lineage lineage_of(uint32_t pid, uint32_t ppid) const;

  void decide(uint32_t pid, Entry& entry, const ProcessFacts& facts);
  void decide(uint32_t pid, Entry& entry, bool traced);
  bool listens(uint32_t pid, const Entry& entry);
  void make(uint32_t pid, Entry& entry);
  void tell(uint32_t pid, Entry& entry);
  static ProcessFacts own(uint32_t pid, const Entry& entry);
  ProcessFacts identified(uint32_t pid, const Entry& entry);
  ProcessFacts completed(uint32_t pid, const Entry& entry);
  ProcessFacts recalled(ProcessFacts told, const ProcessFacts& origin);
  // Refreshes what may have changed since. May replace the entry.
  Entry& look_again(uint32_t pid, Entry& entry, uint64_t now);
  void refine(uint32_t pid, Entry& entry);
  bool exports_own_spans(const Entry& entry, const ProcessFacts& facts) const;
  void look_for_context(uint32_t pid, Entry& entry, uint64_t now);
  void publish(Entry& entry, ProcessFacts facts);  // with a new resource
  static void hold(Entry& entry, ProcessPtr process);

  std::unique_ptr<ProcSource> source_;
  DecisionCallback on_decision_;
  ProcessTableOptions options_;
  Rules rules_;
  const bool prefer_sdk_;
  ResourceBuilder resources_;
  uint32_t self_;
  std::unordered_map<uint32_t, Entry> entries_;
  std::list<uint32_t> order_;  // pids, most recently used first
  // The last few processes that ended, for records that arrive after the exit. Those with a get()
  // are kept apart, so that a burst of others does not push them out.
  using Gone = std::deque<std::pair<uint32_t, Entry>>;
  Gone gone_;
  Gone gone_unasked_;
  Counter& evicted_;
  Counter& reused_;
};

}  // namespace weft
