// SPDX-License-Identifier: Apache-2.0
// Every process the agent has heard of: facts, resource and decision, kept current by
// exec, fork and exit events. Live it completes facts from /proc; in a replay it learns
// from events alone (ProcSource::none()).
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
  size_t capacity = 16384;             // beyond it the least recently used is evicted
  uint64_t (*clock)() = monotonic_ns;  // ns; only differences matter
  Host host = {};                      // of every resource; see self_host()
  // A process whose decision was told has ended, or executes another program: told after that,
  // it would stay for ever.
  std::function<void(uint32_t pid)> on_gone = [](uint32_t) {};
};

// Most processes of a host never do anything that is told, so a fork or an exec costs one
// small entry and nothing is read of it: a forked child shares its parent's facts, an exec
// has its record's. What the source knows is read, and the decision reached, on the first
// get(); the kernel captures what is undecided. Of a process that is not wanted only what
// the rules need is read.
//
// Where only a --port rule can tell, a decision takes longer, for a server listens some time
// after its exec. Until the question is settled the process is pending: not traced, but no
// decision is told, so that the kernel goes on capturing. It is asked again on get(), at
// growing intervals (10 ms … 30 s), and ignored after ten minutes. Whoever emits spans
// therefore calls get() then, not once per connection.
//
// A process may publish a context at any time: its mappings are searched for one on the first
// get() and, if it is traced, five times more within ten minutes; once there is one, a look at
// it is one small read, at most once a second and only on get().
//
// One thread (the pipeline's).
class ProcessTable {
 public:
  // Told when a decision is known or changes, to write the kernel's filter.
  using DecisionCallback = std::function<void(uint32_t pid, bool traced)>;

  // `config` and `counters` outlive the table.
  ProcessTable(const Config& config, std::unique_ptr<ProcSource> source,
               DecisionCallback on_decision, CounterSet& counters,
               ProcessTableOptions options = {});

  // Judges everything that runs now. Call once, after the hooks are attached.
  void scan();
  // Only EXEC, FORK and EXIT events concern it.
  void on_event(const Event& event);
  // The process behind an event; made from the source, or as a bare pid, when unknown.
  // Never null. Valid as long as held: an exit does not invalidate it. Costs a hash
  // look-up, except where a process is asked for the first time or looked at again.
  ProcessPtr get(uint32_t pid);

  // It was seen to export spans: its own, unless it receives others' as well, which it then
  // passes on (a proxy, a collector). Both hold until it executes another program.
  void exports_spans(uint32_t pid);
  void receives_spans(uint32_t pid);

  size_t size() const { return entries_.size(); }
  // For status: calls f for each live process that was asked for with get().
  void for_each(const std::function<void(const Process&)>& f) const;

 private:
  enum class Lineage : uint8_t { kNone, kTarget, kAgent };  // sticky, over fork and exec
  enum class TargetDecision : uint8_t { kTraced, kIgnored, kPending, kUndecided };
  using FactsPtr = std::shared_ptr<const ProcessFacts>;

  struct Entry {
    FactsPtr facts;      // the parent's while a forked child has not been asked for
    ProcessPtr process;  // null until asked for
    uint32_t ppid = 0;
    Lineage lineage = Lineage::kNone;
    TargetDecision decision = TargetDecision::kUndecided;
    bool complete = false;  // facts come from read(): nothing more to find
    bool settled = false;   // old enough to have mapped its libraries
    bool refined = false;
    bool told = false;      // its decision
    bool gone = false;      // it has ended: nobody wants its decision
    bool exports = false;   // spans
    bool receives = false;  // spans
    uint8_t contexts = 0;   // searches for a context; once there is one, changes of it
    uint64_t heard = 0;     // time of the exec or fork record
    uint64_t since = 0;     // when the table heard of this image
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
  // Refreshes what time may have changed. The entry may be replaced by another.
  Entry& look_again(uint32_t pid, Entry& entry, uint64_t now);
  void refine(uint32_t pid, Entry& entry);
  bool tells_itself(const Entry& entry, const ProcessFacts& facts) const;
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
  // The last few that ended, for records that arrive after their process's end. Those that
  // were asked for are kept apart: a storm of others does not push them out.
  using Gone = std::deque<std::pair<uint32_t, Entry>>;
  Gone gone_;
  Gone gone_unasked_;
  Counter& evicted_;
  Counter& reused_;
};

}  // namespace weft
