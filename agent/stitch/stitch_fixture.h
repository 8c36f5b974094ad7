// SPDX-License-Identifier: Apache-2.0
// For tests of the stitcher: processes, exchanges in, spans out.
#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/base/semconv.h"
#include "agent/stitch/stitcher.h"

namespace weft::testing {

class CaptureSpans : public SpanSink {
 public:
  void push(SpanPtr span) override { spans.push_back(std::move(span)); }
  std::vector<SpanPtr> spans;
};

inline constexpr std::string_view kRequestLoop[] = {"nginx"};
inline constexpr Runtime kRuntimes[] = {
    {.target =
         {.kind = TargetKind::kRuntime, .id = 1, .name = "nginx", .executables = kRequestLoop},
     .only_serves_requests = true},
    {.target = {.kind = TargetKind::kRuntime, .id = 2, .name = "with tasks"},
     .task_id = {.from = TaskId::From::kSwitchProbe}}};

// Every process exists. Pid 900 is a Go program, 800 is nginx, 700 is not traced, 2 listens. What a
// test changes takes effect when a process is read again.
class FixedSource : public ProcSource {
 public:
  std::set<uint32_t> listening{2};
  std::set<uint32_t> other_program;

  bool read(uint32_t pid, ProcessFacts& facts) override {
    facts.pid = pid;
    facts.exe = pid == 800 ? "/usr/sbin/nginx" : "/usr/bin/app" + std::to_string(pid);
    if (other_program.contains(pid)) facts.exe = "/usr/bin/app700";
    facts.tasks = pid == 900 ? TaskModel::kGoroutine : TaskModel::kThread;
    return true;
  }
  std::vector<uint32_t> pids() override { return {}; }
  bool listens_on(uint32_t pid, uint16_t) override { return listening.contains(pid); }
};

inline const Protocol kFake{.id = 1, .name = "fake", .make = nullptr, .sniff = nullptr};

inline Outcome outcome(uint64_t time) {
  Outcome o;
  o.end_time = time;
  o.name = "GET";
  return o;
}

class StitchFixture : public ::testing::Test {
 protected:
  struct Call {
    std::unique_ptr<ExchangeSink> sink;
    ExchangeHandle handle;
  };
  struct Where {
    uint32_t pid = 100;
    uint32_t tid = 100;
    uint64_t exchange_id = 0;
    uint64_t current_exchange = 0;
    uint8_t flags = 0;
    uint16_t client_port = 5000;
    uint64_t pos = 1;
    uint32_t batch = 0;
    uint64_t statement = 0;
    uint64_t inode = 0;  // set for a Unix socket
    uint64_t task = 0;
  };

  Call begin(Role role, const Where& where) {
    ConnectionInfo info;
    info.family = where.inode != 0 ? WEFT_FAMILY_UNIX : WEFT_FAMILY_IPV4;
    info.inode = info.peer_inode = where.inode;
    info.role = role;
    info.protocol = &kFake;
    Endpoint client{.address = {127, 0, 0, 1}, .port = where.client_port};
    Endpoint server{.address = {127, 0, 0, 1}, .port = 80};
    info.local = role == Role::kClient ? client : server;
    info.remote = role == Role::kClient ? server : client;
    info.remote_address = info.remote.text();
    Call call;
    call.sink = stitcher_.open(std::make_shared<const ConnectionInfo>(info));
    call.handle = call.sink->begin({.stamp = {.time = ++time_,
                                              .tid = where.tid,
                                              .exchange_id = where.exchange_id,
                                              .current_exchange = where.current_exchange,
                                              .flags = where.flags,
                                              .pid = where.pid,
                                              .task = where.task},
                                    .pos = where.pos,
                                    .batch = where.batch,
                                    .statement = where.statement});
    return call;
  }
  // Returns its span. Unless the test is about waiting (patient_), the parent is promised.
  SpanPtr end(Call& call) {
    const size_t before = spans_.spans.size();
    call.sink->end(call.handle, outcome(++time_));
    if (spans_.spans.size() == before && !patient_) promise_all();
    return spans_.spans.size() > before ? spans_.spans.back() : nullptr;
  }
  void promise_all() { stitcher_.sweep(3600'000'000'000); }
  static std::string how(const SpanPtr& span) {
    return std::string(span->attributes.text(semconv::kWeftCorrelation));
  }
  static TraceContext context(const char* trace, const char* parent) {
    return {*TraceId::parse(trace), *SpanId::parse(parent), kFlagSampled, "a=1"};
  }

  static TargetRules without_700() {
    TargetRules out;
    out.exclude = {"app700"};
    return out;
  }
  static Config config(TargetRules targets) {
    Config out;
    out.targets = std::move(targets);
    return out;
  }
  explicit StitchFixture(TargetRules targets = without_700(), SamplerConfig sampling = {})
      : config_(config(std::move(targets))),
        share_(sampling),
        stitcher_(processes_, kRuntimes, share_, spans_, counters_) {}

  // The clock advances at every call, so that a process may be read again at once.
  static uint64_t a_while_later() {
    static uint64_t now = 0;
    return now += 1'000'000'000;
  }
  void starts_listening(uint32_t pid) { source_->listening.insert(pid); }
  // The process executes a program that is not traced.
  void executes_another(uint32_t pid) {
    source_->other_program.insert(pid);
    weft_ev_exec exec{};
    exec.h.type = WEFT_EV_EXEC;
    exec.h.size = sizeof exec;
    exec.h.pid = pid;
    processes_.on_event({&exec.h});
  }

  const Config config_;
  CounterSet counters_;
  CaptureSpans spans_;
  FixedSource* const source_ = new FixedSource;  // owned by processes_
  ProcessTable processes_{config_,
                          std::unique_ptr<ProcSource>(source_),
                          [](uint32_t, bool) {},
                          counters_,
                          {.clock = a_while_later}};
  TraceShare share_;
  Stitcher stitcher_;
  uint64_t time_ = 1000;
  bool patient_ = false;
};

inline constexpr char kTrace[] = "0123456789abcdef0123456789abcdef";
inline constexpr char kParent[] = "00000000000000aa";

}  // namespace weft::testing
