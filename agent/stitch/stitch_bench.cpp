// SPDX-License-Identifier: Apache-2.0
// ns per request that a process serves while making one request of its own, with N other open
// requests.
#include <benchmark/benchmark.h>
#include <memory>
#include <vector>

#include "agent/stitch/stitcher.h"

namespace weft {
namespace {

class AnyProcess : public ProcSource {
 public:
  bool read(uint32_t pid, ProcessFacts& facts) override {
    facts.pid = pid;
    facts.exe = "/usr/bin/app";
    return true;
  }
  std::vector<uint32_t> pids() override { return {}; }
  bool listens_on(uint32_t, uint16_t) override { return false; }
};

class Nowhere : public SpanSink {
 public:
  void push(SpanPtr span) override { benchmark::DoNotOptimize(span); }
};

constexpr Protocol kProtocol{.id = 1, .name = "bench", .make = nullptr, .sniff = nullptr};

struct Host {
  Config config;
  CounterSet counters;
  Nowhere nowhere;
  ProcessTable processes{config, std::make_unique<AnyProcess>(), [](uint32_t, bool) {}, counters};
  TraceShare share{{}};
  Stitcher stitcher{processes, {}, share, nowhere, counters};
  uint64_t number = 1;  // makes ids, ports and positions differ

  struct Request {
    std::unique_ptr<ExchangeSink> sink;
    ExchangeHandle handle = 0;
  };
  std::unique_ptr<ExchangeSink> connect(Role role, uint16_t family, uint32_t address) {
    ConnectionInfo info;
    info.family = family;
    info.role = role;
    info.protocol = &kProtocol;
    info.inode = info.peer_inode = address;
    Endpoint& client = role == Role::kClient ? info.local : info.remote;
    for (size_t i = 0; i < 4; ++i) client.address[i] = address >> 8 * i & 0xff;
    client.port = 5000;
    return stitcher.open(std::make_shared<const ConnectionInfo>(info));
  }
  ExchangeHandle begin(ExchangeSink& sink, uint32_t tid, uint64_t task, uint64_t pos) {
    ++number;
    return sink.begin({.stamp = {.time = number,
                                 .tid = tid,
                                 .exchange_id = number,
                                 .current_exchange = task,
                                 .pid = 1},
                       .pos = pos});
  }
  Request serve(uint32_t tid, const std::optional<TraceContext>& received) {
    Request request{connect(Role::kServer, WEFT_FAMILY_IPV4, static_cast<uint32_t>(number))};
    request.handle = begin(*request.sink, tid, 0, 1);
    request.sink->head(request.handle, received);
    return request;
  }
};

Outcome outcome(uint64_t time) {
  Outcome out;
  out.end_time = time;
  out.name = "GET";
  return out;
}

TraceContext any_context() {
  return {TraceId::random(), SpanId::random(), kFlagSampled, ""};
}

// threads: true: each open request has its own thread; false: all are on the measured thread. same:
// true: all received one trace context; false: each its own.
void beside(benchmark::State& state, bool threads, bool same) {
  Host host;
  const TraceContext shared = any_context();
  const auto received = [&] { return same ? shared : any_context(); };
  std::vector<Host::Request> open;
  for (uint32_t i = 1; i < state.range(0); ++i) {
    open.push_back(host.serve(threads ? 100 + i : 7, received()));
  }
  for (auto _ : state) {
    Host::Request in = host.serve(7, received());
    const uint64_t task = host.number;
    const auto out = host.connect(Role::kClient, WEFT_FAMILY_IPV4, static_cast<uint32_t>(task));
    const ExchangeHandle call = host.begin(*out, 7, task, 9);
    out->head(call, received());
    out->end(call, outcome(host.number));
    in.sink->end(in.handle, outcome(host.number));
  }
}
BENCHMARK_CAPTURE(beside, threads, true, false)->Arg(1)->Arg(100)->Arg(10000);
BENCHMARK_CAPTURE(beside, one_thread, false, false)->Arg(1)->Arg(100)->Arg(10000);
BENCHMARK_CAPTURE(beside, one_context, true, true)->Arg(1)->Arg(100)->Arg(10000);

// Both ends of a Unix socket, with N requests in flight.
void pipelined(benchmark::State& state) {
  Host host;
  const auto client = host.connect(Role::kClient, WEFT_FAMILY_UNIX, 4711);
  const auto server = host.connect(Role::kServer, WEFT_FAMILY_UNIX, 4711);
  uint64_t pos = 1;
  for (int64_t i = 1; i < state.range(0); ++i) host.begin(*client, 7, 0, ++pos);
  for (auto _ : state) {
    const ExchangeHandle out = host.begin(*client, 7, 0, ++pos);
    const ExchangeHandle in = host.begin(*server, 8, 0, pos);
    server->end(in, outcome(host.number));
    client->end(out, outcome(host.number));
  }
}
BENCHMARK(pipelined)->Arg(1)->Arg(100)->Arg(10000);

}  // namespace
}  // namespace weft

BENCHMARK_MAIN();
