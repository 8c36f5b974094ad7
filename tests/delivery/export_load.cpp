// SPDX-License-Identifier: Apache-2.0
// export_load RATE SECONDS MADE_FILE [--disk-queue DIR] [KIND:OPTIONS…]: spans at a steady rate
// through the agent's own exporters and queues, without a kernel. Spans are numbered: 1, 2, …
// is their span id, counted in MADE_FILE (8 bytes, mapped: it outlives a kill) before each is
// handed over; a later run goes on where it says. At the end the counters, one a line, the
// processor time in µs ("cpu_us") and the memory in KiB after a quarter of the time and at
// its end ("rss_early", "rss_late").
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <thread>

#include "agent/base/clock.h"
#include "agent/base/semconv.h"
#include "agent/config/load/load.h"
#include "agent/delivery/exporters.h"

namespace weft {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kStep{10};
constexpr milliseconds kStop{3000};

std::atomic<uint64_t>* map_counter(const char* path) {
  const int fd = open(path, O_RDWR | O_CREAT, 0600);
  if (fd < 0 || ftruncate(fd, 8) != 0) return nullptr;
  void* at = mmap(nullptr, 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  return at == MAP_FAILED ? nullptr : static_cast<std::atomic<uint64_t>*>(at);
}

SpanPtr numbered(uint64_t number, const ResourcePtr& resource) {
  auto span = std::make_shared<Span>();
  span->trace = TraceId::random();
  uint8_t id[8];
  for (int i = 7; i >= 0; --i, number >>= 8) id[i] = static_cast<uint8_t>(number);
  std::memcpy(&span->id, id, sizeof id);
  span->name = "GET";
  span->kind = SpanKind::kServer;
  span->end = unix_ns();
  span->start = span->end - 1'000'000;
  span->attributes.set(semconv::kHttpRequestMethod, "GET");
  span->attributes.set(semconv::kUrlPath, "/orders");
  span->attributes.set(semconv::kHttpResponseStatusCode, 200);
  span->resource = resource;
  return span;
}

long resident_kib() {
  long pages = 0;
  if (FILE* file = fopen("/proc/self/statm", "re")) {
    if (fscanf(file, "%*d %ld", &pages) != 1) pages = 0;
    fclose(file);
  }
  return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

uint64_t cpu_us() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto us = [](const timeval& t) { return t.tv_sec * 1'000'000 + t.tv_usec; };
  return static_cast<uint64_t>(us(used.ru_utime) + us(used.ru_stime));
}

// Returns the memory in use after a quarter of the time.
long push_steadily(SpanFanout& out, uint64_t rate, milliseconds time, std::atomic<uint64_t>& made) {
  long early = 0;
  auto resource = std::make_shared<Resource>();
  resource->attributes.set(semconv::kServiceName, "load");
  const auto start = Clock::now();
  const uint64_t first = made;
  for (auto now = start; now < start + time; now = Clock::now()) {
    const auto spent = std::chrono::duration_cast<milliseconds>(now - start);
    const uint64_t due = first + rate * static_cast<uint64_t>(spent.count()) / 1000;
    while (made < due) out.push(numbered(++made, resource));
    if (early == 0 && now > start + time / 4) early = resident_kib();
    std::this_thread::sleep_for(kStep);
  }
  return early;
}

void print_counters(const CounterSet& counters) {
  for (const CounterSet::Sample& sample : counters.samples()) {
    std::string labels;
    for (const auto& label : sample.labels) labels += " " + label.value;
    printf("%s%s %llu\n", sample.name.c_str(), labels.c_str(),
           static_cast<unsigned long long>(sample.value));
  }
}

int run(int argc, char** argv) {
  spdlog::set_default_logger(spdlog::stderr_logger_mt("load"));
  Overrides flags;
  for (int i = 4; i < argc; ++i) {
    if (std::strcmp(argv[i], "--disk-queue") == 0 && i + 1 < argc) {
      flags.disk_queue = argv[++i];
    } else {
      flags.exporters.emplace_back(argv[i]);
    }
  }
  const auto loaded = load({process_environment(), exporter_kinds(), flags});
  if (!loaded) return fprintf(stderr, "%s\n", loaded.error().message.c_str()), 2;
  CounterSet counters;
  const auto exporters = make_exporters(loaded->config, counters);
  if (!exporters) return fprintf(stderr, "%s\n", exporters.error().message.c_str()), 2;
  auto* made = map_counter(argv[3]);
  if (!made) return 2;
  const milliseconds time(std::lround(std::atof(argv[2]) * 1000));
  const uint64_t before = cpu_us();
  const long early = push_steadily(**exporters, std::strtoull(argv[1], nullptr, 10), time, *made);
  const long late = resident_kib();
  (*exporters)->stop(Clock::now() + kStop);
  print_counters(counters);
  printf("cpu_us %llu\nrss_early %ld\nrss_late %ld\n",
         static_cast<unsigned long long>(cpu_us() - before), early, late);
  return 0;
}

}  // namespace
}  // namespace weft

int main(int argc, char** argv) {
  return argc < 4 ? 2 : weft::run(argc, argv);
}
