// SPDX-License-Identifier: Apache-2.0
// The rows of two tenants that exist in tests only: a library that encrypts (seal.c) and a runtime
// with tasks of its own (tasks.c). Linked in place of probes/libraries.cpp and probes/runtimes.cpp.
#include "agent/port/library.h"
#include "agent/port/runtime.h"

namespace weft {
namespace {

using From = ValueSpec::From;
using Shape = ProbeSpec::Shape;

ValueSpec argument(uint8_t index) {
  return {.from = From::kArgument, .argument = index};
}

ProbeSpec moves(uint8_t number, std::string_view function, weft_layer_op op) {
  ProbeSpec spec{.number = number, .name = function, .where = {Locator::symbol(function)}};
  spec.values[0] = argument(0);
  spec.values[1] = argument(1);
  spec.layer_op = op;
  return spec;
}

ProbeSpec changes(uint8_t number, std::string_view function, weft_task_op op, ValueSpec task) {
  ProbeSpec spec{.number = number, .name = function, .where = {Locator::symbol(function)}};
  spec.values[0] = std::move(task);
  spec.task_op = op;
  return spec;
}

constexpr std::string_view kSealLibraries[] = {"libweftseal.so"};
constexpr std::string_view kTaskPrograms[] = {"weft_tasks"};
constexpr int64_t kSteps[] = {0};

}  // namespace

std::span<const Library> libraries() {
  static const ProbeSpec kProbes[] = {moves(1, "seal_send", WEFT_LAYER_SEND),
                                      moves(2, "seal_receive", WEFT_LAYER_RECEIVE)};
  static const Library kRows[] = {{.target = {.kind = TargetKind::kLibrary,
                                              .id = 250,
                                              .name = "seal",
                                              .libraries = kSealLibraries,
                                              .probes = kProbes}}};
  return kRows;
}

std::span<const Runtime> runtimes() {
  static const ProbeSpec kProbes[] = {
      changes(1, "tasks_spawn", WEFT_TASK_SPAWN, {.from = From::kResult}),
      changes(2, "tasks_end", WEFT_TASK_END, argument(0))};
  static const Runtime kRows[] = {
      {.target = {.kind = TargetKind::kRuntime,
                  .id = 250,
                  .name = "tasks",
                  .executables = kTaskPrograms,
                  .probes = kProbes},
       .task_id = {.from = TaskId::From::kVariable, .variable = "tasks_current", .steps = kSteps}}};
  return kRows;
}

}  // namespace weft
