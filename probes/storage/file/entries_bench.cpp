// SPDX-License-Identifier: Apache-2.0
// ns per change of one operation, and per end of a process, beside as many others that change.
#include <benchmark/benchmark.h>

#include "probes/storage/file/entries.h"

namespace weft::engine::file {
namespace {

class Nowhere final : public StorySink {
 public:
  PlacePtr place(const Stamp&) override { return nullptr; }
  SpanIdentityPtr identify(const PlacePtr&) override { return nullptr; }
  void push(Story story) override { benchmark::DoNotOptimize(story); }
};

void write(EntryNarrator& narrator, uint32_t pid, const std::string& id, const char* status) {
  static Nowhere nowhere;
  const std::string text = R"({"id": ")" + id + R"(", "status": ")" + status + R"("})";
  LogFile file;
  file.path = "/wal/" + id;
  file.name = id;
  file.use = WEFT_FILE_ENTRY;
  const Stamp by{.time = 1, .tid = pid, .pid = pid};
  const auto op = [&](weft_file_op what, std::string_view bytes) {
    narrator.entry({.file = file,
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
  EntryNarrator narrator;
  for (int64_t i = 1; i < state.range(0); ++i) write(narrator, 7, std::to_string(i), "pending");
  bool flip = false;
  for (auto _ : state) {
    write(narrator, 8, "mine", flip ? "pending" : "processing");
    narrator.exited(9, nowhere);
    flip = !flip;
  }
}
BENCHMARK(change)->Arg(1)->Arg(100)->Arg(4000);

}  // namespace
}  // namespace weft::engine::file

BENCHMARK_MAIN();
