// SPDX-License-Identifier: Apache-2.0
#include "agent/attach/compile.h"

#include <algorithm>
#include <optional>
#include <spdlog/fmt/fmt.h>

namespace weft::attach {
namespace {

using From = ValueSpec::From;
using Shape = ProbeSpec::Shape;

weft_fetch_from source(From from) {
  switch (from) {
    case From::kNone:
      return WEFT_FETCH_NONE;
    case From::kArgument:
      return WEFT_FETCH_ARG;
    case From::kGlobal:
      return WEFT_FETCH_CODE;
    case From::kResult:
      return WEFT_FETCH_RETURN;
  }
  return WEFT_FETCH_NONE;
}

std::optional<int64_t> distance(const Offset& offset, const resolve::Binary& binary) {
  if (offset.getter.empty()) return offset.fixed;
  const auto getter = binary.symbols().find(offset.getter);
  if (!getter) return std::nullopt;
  const auto field = binary.code().accessor_offset(getter->function());
  return field ? std::optional(field->offset + offset.fixed) : std::nullopt;
}

// None: the build lacks what the value needs.
std::optional<weft_fetch> fetch(const ValueSpec& spec, const resolve::Binary& binary,
                                uint64_t address) {
  weft_fetch out{};
  out.from = source(spec.from);
  out.index = spec.argument;
  out.size = spec.size;
  out.late = spec.late ? 1 : 0;
  const auto base = distance(spec.add, binary);
  if (!base) return std::nullopt;
  out.add[0] = *base;
  if (spec.from == From::kGlobal) {
    const auto symbol = binary.symbols().find(spec.global);
    if (!symbol) return std::nullopt;
    out.add[0] += static_cast<int64_t>(symbol->address - address);
  }
  if (spec.steps.size() > WEFT_FETCH_STEPS) return std::nullopt;
  for (const Offset& step : spec.steps) {
    const auto add = distance(step, binary);
    if (!add) return std::nullopt;
    out.add[++out.steps] = *add;
  }
  return out;
}

// Two kinds may use the same id.
uint32_t call_key(const ProbeTarget& target, const ProbeSpec& spec) {
  return static_cast<uint32_t>(target.kind) << 16 | static_cast<uint32_t>(target.id) << 8 |
         spec.number;
}

weft_probe plan(const ProbeTarget& target, const ProbeSpec& spec) {
  weft_probe out{};
  out.call = call_key(target, spec);
  out.target_kind = static_cast<uint8_t>(target.kind);
  out.target = target.id;
  out.number = spec.number;
  out.only = static_cast<uint8_t>(
      (spec.only_busy ? WEFT_ONLY_BUSY : 0u) | (spec.only ? WEFT_ONLY_RESULT : 0u) |
      (spec.only_with ? WEFT_ONLY_VALUE : 0u) | (spec.or_equal ? WEFT_OR_EQUAL : 0u) |
      (spec.or_slept ? WEFT_OR_SLEPT : 0u));
  if (spec.or_equal) {
    out.equal[0] = spec.or_equal->first;
    out.equal[1] = spec.or_equal->second;
  }
  out.keyed = spec.keyed_by ? static_cast<uint8_t>(*spec.keyed_by + 1) : 0;
  out.counts = spec.sync.is_wait ? 1 : 0;
  out.resumes = spec.resume ? 1 : 0;
  if (spec.task_op) out.op = *spec.task_op;
  if (spec.layer_op) out.op = *spec.layer_op;
  out.result_mask = spec.only ? spec.only->mask : spec.result_mask;
  out.result_value = spec.only ? spec.only->value : 0;
  out.resume_value = spec.resume.value_or(0);
  out.only_index = spec.only_with ? spec.only_with->index : 0;
  out.only_value = spec.only_with ? spec.only_with->value : 0;
  out.long_text = spec.long_text ? 1 : 0;
  return out;
}

void add_values(const ProbeSpec& spec, const resolve::Binary& binary, uint64_t address,
                weft_probe& probe, Compiled& out) {
  for (size_t i = 0; i < spec.values.size(); ++i) {
    if (spec.values[i].from == From::kNone) continue;
    if (const auto value = fetch(spec.values[i], binary, address)) {
      probe.value[i] = *value;
    } else {
      probe.absent |= static_cast<uint8_t>(1u << i);
      out.absent.push_back(fmt::format("value {}", i));
    }
  }
  if (spec.text.from == From::kNone) return;
  if (const auto text = fetch(spec.text, binary, address)) {
    probe.text = *text;
  } else {
    out.absent.emplace_back("text");
  }
}

// How many argument registers must still hold their entry values at the probed instruction.
size_t arguments(const ProbeSpec& spec) {
  size_t count = spec.keyed_by ? *spec.keyed_by + 1u : 0u;
  const auto note = [&](const ValueSpec& value) {
    if (value.from == From::kArgument) count = std::max<size_t>(count, value.argument + 1u);
  };
  for (const ValueSpec& value : spec.values) note(value);
  note(spec.text);
  return count;
}

bool changes_at_return(const ProbeSpec& spec) {
  return spec.task_op && spec.values[0].from == From::kResult;
}

weft_probe_kind entry_kind(const ProbeSpec& spec) {
  if (spec.layer_op) return WEFT_PROBE_LAYER;
  if (spec.task_op) return WEFT_PROBE_TASK;
  switch (spec.shape) {
    case Shape::kCall:
      return WEFT_PROBE_ENTER;
    case Shape::kPoint:
      return WEFT_PROBE_POINT;
    case Shape::kFinish:
      return WEFT_PROBE_FINISH;
  }
  return WEFT_PROBE_POINT;
}

std::optional<weft_probe_kind> return_kind(const ProbeSpec& spec) {
  if (spec.layer_op) return WEFT_PROBE_LAYER_RETURN;
  if (changes_at_return(spec)) return WEFT_PROBE_TASK_RETURN;
  if (spec.task_op || spec.shape != Shape::kCall) return std::nullopt;
  return WEFT_PROBE_RETURN;
}

}  // namespace

Compiled compile(const ProbeTarget& target, const ProbeSpec& spec, const resolve::Binary& binary,
                 const std::string& path) {
  Compiled out;
  const std::vector<resolve::Found> found = resolve::locate(binary, spec.where);
  if (found.size() != 1) {
    out.how = found.empty() ? "not in this build" : "found more than once";
    return out;
  }
  const resolve::Found& function = found.front();
  const resolve::Probe entry = binary.code().first_emulatable(
      {function.address, function.size}, resolve::Abi::kSystemV, arguments(spec));
  const auto offset = binary.file_offset(entry.address);
  if (!offset) {
    out.how = "not in the file";
    return out;
  }
  out.how = fmt::format("{} {:#x}{}", function.how, entry.address,
                        entry.emulated ? "" : ", single-stepped");
  out.direct_calls = binary.calls().direct_calls(function.address);
  CompiledProbe probe{.binary = path, .offset = *offset, .semaphore = function.semaphore_offset};
  probe.spec = plan(target, spec);
  probe.spec.kind = entry_kind(spec);
  add_values(spec, binary, entry.address, probe.spec, out);
  if ((spec.task_op || spec.layer_op) && !out.absent.empty()) {
    out.how = "a value that it needs is not in this build";
    return out;
  }
  if (!changes_at_return(spec)) out.probes.push_back(probe);
  if (const auto kind = return_kind(spec)) {
    probe.spec.kind = *kind;
    probe.offset = entry.entry_stack ? *offset : function.file_offset;
    out.probes.push_back(std::move(probe));
  }
  return out;
}

}  // namespace weft::attach
