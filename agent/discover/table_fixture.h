// SPDX-License-Identifier: Apache-2.0
// For tests: a source with processes set by the test, events in the kernel's layout, and a manual
// clock.
#pragma once

#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/discover/process_table.h"

namespace weft::testing {

class FakeSource final : public ProcSource {
 public:
  struct State {
    std::map<uint32_t, ProcessFacts> live;
    std::set<std::pair<uint32_t, uint16_t>> listening;
    std::map<uint32_t, std::string> mapped;  // the runtime that refine() finds
    std::map<uint32_t, ProcessContextPtr> contexts;
    uint32_t self = 0;
    int searches = 0;  // for a context not yet known
    int reads = 0, identifies = 0, asked_ports = 0, refines = 0;
  };
  explicit FakeSource(State& state) : state_(state) {}

  bool read(uint32_t pid, ProcessFacts& facts) override {
    ++state_.reads;
    return find(pid, facts);
  }
  bool identify(uint32_t pid, ProcessFacts& facts) override {
    ++state_.identifies;
    if (!find(pid, facts)) return false;
    facts.args.clear();
    facts.environment.clear();
    facts.language.clear();
    return true;
  }
  bool refine(uint32_t pid, ProcessFacts& facts) override {
    ++state_.refines;
    const auto found = state_.mapped.find(pid);
    if (found == state_.mapped.end()) return false;
    facts.language = found->second;
    return true;
  }
  ProcessContextPtr context(uint32_t pid, const ProcessContextPtr& known) override {
    if (!known) ++state_.searches;
    const auto found = state_.contexts.find(pid);
    return found == state_.contexts.end() ? known : found->second;
  }
  std::vector<uint32_t> pids() override {
    std::vector<uint32_t> pids;
    for (const auto& [pid, facts] : state_.live) pids.push_back(pid);
    return pids;
  }
  uint32_t self() override { return state_.self; }
  bool listens_on(uint32_t pid, uint16_t port) override {
    ++state_.asked_ports;
    return state_.listening.contains({pid, port});
  }

 private:
  bool find(uint32_t pid, ProcessFacts& facts) {
    const auto found = state_.live.find(pid);
    if (found == state_.live.end()) return false;
    facts = found->second;
    return true;
  }
  State& state_;
};

// A record as the ring carries it.
class Record {
 public:
  static Record exec(uint32_t pid, uint32_t ppid, const std::string& path,
                     const std::vector<std::string>& args = {},
                     const std::vector<std::string>& environment = {}) {
    weft_ev_exec exec{};
    exec.h.type = WEFT_EV_EXEC;
    exec.h.pid = exec.h.tid = pid;
    exec.h.time = next_time();
    exec.ppid = ppid;
    std::strncpy(exec.path, path.c_str(), sizeof exec.path - 1);
    std::strncpy(exec.comm, path.substr(path.rfind('/') + 1).c_str(), sizeof exec.comm - 1);
    const std::string argv = block(args);
    const std::string envp = block(environment);
    exec.args_len = static_cast<uint16_t>(argv.size());
    exec.env_len = static_cast<uint16_t>(envp.size());
    exec.h.size = static_cast<uint32_t>(sizeof exec + argv.size() + envp.size());
    return Record(exec, argv + envp);
  }
  static Record fork(uint32_t parent, uint32_t child) {
    weft_ev_fork fork{};
    fork.h.type = WEFT_EV_FORK;
    fork.h.pid = fork.h.tid = parent;
    fork.h.time = next_time();
    fork.h.size = sizeof fork;
    fork.child_pid = child;
    return Record(fork, {});
  }
  static Record exit(uint32_t pid) {
    weft_event exit{};
    exit.type = WEFT_EV_EXIT;
    exit.pid = exit.tid = pid;
    exit.time = next_time();
    exit.size = sizeof exit;
    return Record(exit, {});
  }
  Event event() const { return {reinterpret_cast<const weft_event*>(words_.data())}; }

 private:
  template <class T>
  Record(const T& head, const std::string& tail) : words_((sizeof(T) + tail.size() + 7) / 8) {
    std::memcpy(words_.data(), &head, sizeof(T));
    if (!tail.empty()) {
      std::memcpy(reinterpret_cast<char*>(words_.data()) + sizeof(T), tail.data(), tail.size());
    }
  }
  static std::string block(const std::vector<std::string>& items) {
    std::string out;
    for (const std::string& item : items) out += item + '\0';
    return out;
  }
  static uint64_t next_time() {
    static uint64_t time = 1'000'000'000;
    return time += 1000;
  }
  std::vector<uint64_t> words_;  // aligned as the ring aligns
};

inline uint64_t fake_now = 0;
inline uint64_t fake_clock() {
  return fake_now;
}

// A table over a FakeSource, and the decisions it sent.
struct TableFixture {
  Config config;
  FakeSource::State state;
  std::vector<std::pair<uint32_t, bool>> decision;
  std::vector<uint32_t> gone;
  CounterSet counters;
  size_t capacity = 1024;
  std::unique_ptr<ProcessTable> table;

  TableFixture() { fake_now = 1'000'000'000'000; }

  ProcessTable& make() {
    table = std::make_unique<ProcessTable>(
        config, std::make_unique<FakeSource>(state),
        [this](uint32_t pid, bool traced) { decision.emplace_back(pid, traced); }, counters,
        ProcessTableOptions{
            .capacity = capacity, .clock = fake_clock, .host = {}, .on_gone = [this](uint32_t pid) {
              gone.push_back(pid);
            }});
    return *table;
  }
  void send(const Record& record) { table->on_event(record.event()); }
  void run(uint32_t pid, uint32_t ppid, const std::string& exe, std::vector<std::string> args = {},
           std::vector<std::string> environment = {}) {
    ProcessFacts facts;
    facts.pid = pid;
    facts.ppid = ppid;
    facts.start_ticks = ++ticks_;
    facts.exe = exe;
    facts.comm = exe.substr(exe.rfind('/') + 1);
    facts.args = std::move(args);
    facts.environment = std::move(environment);
    state.live[pid] = std::move(facts);
  }
  std::string name(uint32_t pid) {
    return std::string(table->get(pid)->resource->attributes.text("service.name"));
  }

 private:
  uint64_t ticks_ = 0;
};

}  // namespace weft::testing
