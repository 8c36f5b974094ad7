// SPDX-License-Identifier: Apache-2.0
// ns per change of one operation, and per process exit, while N other operations are changing.
#include <benchmark/benchmark.h>

#include "probes/storage/file/entries.h"

namespace weft::engine::file {
namespace {

class Nowhere final : public EntrySink {
 public:
  ParentRefPtr parent_ref(const Stamp&) override { return nullptr; }
  SpanContextPtr reserve_context(const ParentRefPtr&) override { return nullptr; }
  void push(SpanTree tree) override { benchmark::DoNotOptimize(tree); }
};

void write(EntryTracer& tracer, uint32_t pid, const std::string& id, const char* status) {
  static Nowhere nowhere;
  const std::string text = R"({"id": ")" + id + R"(", "status": ")" + status + R"("})";
  LogFile file;
  file.path = "/wal/" + id;
  file.name = id;
  file.use = WEFT_FILE_ENTRY;
  const Stamp by{.time = 1, .tid = pid, .pid = pid};
  const auto op = [&](weft_file_op what, std::string_view bytes) {
    tracer.entry({.file = file,
                  .op = what,
                  .start = 1,
                  .by = by,
                  .result = static_cast<int64_t>(bytes.size()),
                  .fd = 5,
                  .bytes = bytes},
                 nowhere);
  };
  op(WEFT_FILE_OPEN, {});
  op(WEFT_FILE_WRITE, text);
  op(WEFT_FILE_CLOSE, {});
}

void change(benchmark::State& state) {
  Nowhere nowhere;
  EntryTracer tracer;
  for (int64_t i = 1; i < state.range(0); ++i) write(tracer, 7, std::to_string(i), "pending");
  bool flip = false;
  for (auto _ : state) {
    write(tracer, 8, "mine", flip ? "pending" : "processing");
    tracer.exited(9, nowhere);
    flip = !flip;
  }
}
BENCHMARK(change)->Arg(1)->Arg(100)->Arg(4000);

}  // namespace
}  // namespace weft::engine::file

BENCHMARK_MAIN();
