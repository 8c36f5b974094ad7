// SPDX-License-Identifier: Apache-2.0
// A function to probe, as data: how to find it in any build, what to read there, and which of its
// calls to report.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/port/locator.h"
#include "bpf/abi/weft_probe.h"

namespace weft {

// A distance that differs between builds: a number, or the number that an exported one-line getter
// adds ("sqlite3_sql"). A getter that cannot be decoded makes the value absent.
struct Offset {
  int64_t fixed = 0;
  std::string_view getter{};

  constexpr Offset(int64_t distance = 0) : fixed(distance) {}
  static constexpr Offset of(std::string_view getter) {
    Offset offset;
    offset.getter = getter;
    return offset;
  }
};

// A value to read at a probe. It starts from an argument, the result or a global of the same
// binary; each step then loads a pointer and adds the step's offset.
struct ValueSpec {
  enum class From : uint8_t { kNone, kArgument, kGlobal, kResult };
  From from = From::kNone;
  uint8_t argument = 0;       // 0…5
  std::string_view global{};  // symbol
  Offset add{};
  std::vector<Offset> steps{};  // at most 3
  uint8_t size = 0;             // 0: the pointer or register itself; else how many bytes to load
                                // from there
  bool late = false;  // a global that is read at the call's return, for calls that do not change it
};

// A function to probe. `text` locates a C string; ProbedCall::text holds WEFT_PROBE_TEXT bytes of
// it.
struct ProbeSpec {
  enum class Shape : uint8_t {
    kCall,    // from entry to return
    kPoint,   // the moment it is entered
    kFinish,  // ends a suspended call (see `resume`); has the same `number` as that call
  };
  uint8_t number;         // chosen by the target, for the consumer of its calls
  std::string_view name;  // shown by `weft doctor`
  Shape shape = Shape::kCall;
  std::vector<Locator> where;
  std::array<ValueSpec, 8> values{};
  ValueSpec text{};
  // Up to WEFT_PROBE_LONG_TEXT bytes, read when the call is reported: the string must outlive the
  // call.
  bool long_text = false;
  // Report the call even if idle when these two values are equal and not 0.
  std::optional<std::pair<uint8_t, uint8_t>> or_equal{};
  bool only_busy = false;  // report only if the thread wrote, synced or waited inside
  bool or_slept = false;   // … or slept
  struct Result {
    uint64_t mask;
    uint64_t value;
  };
  std::optional<Result> only{};  // report only if (result & mask) == value
  struct Value {
    uint8_t index;  // in values; an argument or a global
    uint64_t value;
  };
  std::optional<Value> only_with{};   // report only if the value is this at entry
  std::optional<uint64_t> resume{};   // (result & result_mask) that suspends the call instead of
                                      // ending it
  uint64_t result_mask = UINT64_MAX;  // for resume
  std::optional<uint8_t> keyed_by{};  // argument that identifies the call on any thread
  // For runtimes only: the call is not reported, it changes what tasks work on. values[0] is a
  // task's id; if it is the result, the change is at the call's return, else at its entry.
  std::optional<weft_task_op> task_op{};
  // For libraries only: the bytes that the function takes or returns are reported as data of a
  // connection. values: see weft_layer_op.
  std::optional<weft_layer_op> layer_op{};
  // What the call has to do with syncs of a log: for engines only.
  struct Sync {
    bool is_wait = false;  // waits for a sync, by itself or by another thread; makes the enclosing
                           // call busy
    bool served_by_earlier_sync = false;  // if it neither syncs nor waits, an earlier sync has made
                                          // its data durable
    bool encloses_flush = false;  // may do more than flush: its writes and syncs are nested in a
                                  // child wal.flush
    // Until another thread's sync is over, the call can neither write nor return, because that
    // thread holds the log. If it slept meanwhile it has waited for that sync; this is the `number`
    // of the probe whose call that is, which need not be probed itself.
    std::optional<uint8_t> implied_wait{};
  };
  Sync sync{};
  bool nested = false;      // a part of another call of this target
  bool per_record = false;  // runs once per record, not once per commit: probed on request only
  bool is_implied = false;  // never probed: Sync::implied_wait tells of its calls. Older recordings
                            // contain them
};

}  // namespace weft
