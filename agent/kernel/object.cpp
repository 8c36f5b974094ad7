// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/object.h"

#include <algorithm>
#include <atomic>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include "agent/base/fd.h"
#include "agent/kernel/code_iterator.h"
#include "agent/kernel/load_log.h"
#include "agent/kernel/probes.h"
#include "agent/kernel/protocol_knobs.h"
#include "agent/kernel/record_bytes.h"
#include "agent/kernel/shadow.h"
#include "agent/metrics/histogram.h"

using u32 = uint32_t;  // the skeleton uses the BPF programs' type names
using u16 = uint16_t;
#include "weft.skel.h"

namespace weft::kernel {
namespace {

// Names a program together with one of its targets, for an attach that was refused.
std::string at(std::string_view program, std::string_view target) {
  return std::string(program) + "@" + std::string(target);
}

bpf_link* attach_kprobe(const bpf_program& program, const std::string& function) {
  const bool at_return = std::string_view(bpf_program__section_name(&program)) == "kretprobe";
  return bpf_program__attach_kprobe(&program, at_return, function.c_str());
}

// Programs refer to the tables of what is not observed, so these keep one entry.
void empty_unused_tables(weft_bpf& skeleton, const Observed& observed, bool contexts) {
  const auto& maps = skeleton.maps;
  const std::pair<bool, std::vector<bpf_map*>> uses[] = {
      {observed.files, {maps.written_names}},
      {observed.files || observed.libraries, {maps.files}},
      {observed.files || observed.functions, {maps.threads}},
      {observed.functions, {maps.frames}},
      {observed.layers, {maps.plains, maps.plain_calls}},
      {observed.tasks, {maps.runtime_tasks, maps.task_slots}},
      {contexts, {maps.contexts}}};
  for (const auto& [used, tables] : uses) {
    if (used) continue;
    for (bpf_map* table : tables) bpf_map__set_max_entries(table, 1);
  }
}

// Kernels before 5.11 charge locked memory against the limit; later ones do not care.
void raise_memlock() {
  const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  setrlimit(RLIMIT_MEMLOCK, &unlimited);
}

}  // namespace

struct Object::Impl {
  Features features;
  std::vector<Hook> hooks;  // the plan's choices point to them
  Plan plan;
  weft_bpf* skeleton = nullptr;
  std::vector<bpf_link*> links;
  std::set<std::string> on_demand;  // programs that are attached when they are asked for
  std::vector<bpf_link*> demanded;  // their links
  // Counted by the programs as changes of logs, of files that are none.
  std::atomic<uint64_t> changes_of_others = 0;
  std::unique_ptr<ShadowPrograms> shadows;  // null: no program has a shadow
  std::vector<Fd> ring_fds;
  std::vector<int> ring_numbers;
  uint32_t ring_size = 0;
  LaneMap lanes;
  std::unique_ptr<Probes> probes;
  std::unique_ptr<CodeIterator> code;

  explicit Impl(Features f) : features(std::move(f)) {}
  ~Impl() { close(); }

  void close() {
    for (bpf_link* link : links) bpf_link__destroy(link);
    links.clear();
    detach_demanded();
    shadows.reset();
    probes.reset();
    code.reset();
    ring_fds.clear();
    ring_numbers.clear();
    if (skeleton) weft_bpf__destroy(std::exchange(skeleton, nullptr));
  }
  Status open(const KernelOptions& options, const Observed& observed,
              std::span<const weft_pattern> patterns, std::span<const Protocol> protocols);
  void size_lanes(const KernelOptions& options);
  Status make_rings();
  void find_on_demand(const Observed& observed);
  Status attach(std::map<std::string, std::string>& refused);
  Status attach(const bpf_program& program, std::vector<bpf_link*>& to,
                std::map<std::string, std::string>& refused);
  Status attach_demanded();
  void detach_demanded();
  void show_waiting(bool waits);
  Status load_shadows();
  void make_probes();
  std::vector<int> running() const;
};

Status Object::Impl::open(const KernelOptions& options, const Observed& observed,
                          std::span<const weft_pattern> patterns,
                          std::span<const Protocol> protocols) {
  skeleton = weft_bpf__open();
  if (!skeleton) return fail(ExitCode::kKernelRefused, "libbpf cannot open the built-in programs");
  skeleton->rodata->cfg_self_pid = static_cast<uint32_t>(getpid());
  skeleton->rodata->cfg_head_req = options.head_cap_request;
  skeleton->rodata->cfg_head_resp = options.head_cap_response;
  skeleton->rodata->cfg_tcp_before = plan.programs.contains("fe_tcp_sending") ||
                                     plan.programs.contains("tp_tcp_sending") ||
                                     plan.programs.contains("kp_tcp_sending");
  for (const Protocol& protocol : protocols) {
    skeleton->rodata->cfg_protocol[protocol.id] = knobs_of(protocol);
  }
  static_assert(std::size(metrics::kDurationBounds) == WEFT_DURATION_BOUNDS);
  auto& durations = skeleton->rodata->cfg_durations;
  std::ranges::copy(metrics::kDurations.bounds, durations.bounds);
  std::ranges::copy(metrics::kDurations.at, durations.at);
  skeleton->rodata->cfg_contexts = options.contexts ? 1 : 0;
  skeleton->rodata->cfg_uring_cqe = features.uring_completion();
  skeleton->rodata->cfg_patterns = static_cast<uint32_t>(patterns.size());
  std::ranges::copy(patterns, skeleton->rodata->cfg_pattern);
  skeleton->rodata->cfg_shadows = std::ranges::any_of(plan.programs, [this](const auto& program) {
    return features.preemptible(program_named(program.first));
  });
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, skeleton->obj) {
    bpf_program__set_autoload(program, plan.programs.contains(bpf_program__name(program)));
  }
  empty_unused_tables(*skeleton, observed, options.contexts);
  size_lanes(options);
  bpf_map__set_max_entries(skeleton->maps.rings, static_cast<uint32_t>(libbpf_num_possible_cpus()));
  bpf_map__set_max_entries(skeleton->maps.conns, options.connections);
  if (features.map_alloc_anywhere()) {
    for (bpf_map* map : {skeleton->maps.conns, skeleton->maps.targets, skeleton->maps.tasks}) {
      bpf_map__set_map_flags(map, bpf_map__map_flags(map) | BPF_F_NO_PREALLOC);
    }
  } else {
    bpf_map__set_max_entries(skeleton->maps.conns, std::min(options.connections, 16384u));
  }
  return {};
}

void Object::Impl::size_lanes(const KernelOptions& options) {
  const auto cpus = static_cast<uint32_t>(libbpf_num_possible_cpus());
  const bool used = options.lanes && !skeleton->rodata->cfg_shadows;
  const uint32_t bytes = record_bytes(options.ring_bytes, cpus, used);
  ring_size = used ? bytes / 2 : bytes;
  lanes = used ? LaneMap{-1, cpus, bytes} : LaneMap{};
  skeleton->rodata->cfg_lane_bytes = lanes.bytes;
  bpf_map__set_value_size(skeleton->maps.lanes, WEFT_LANE_VALUE(lanes.bytes));
  bpf_map__set_max_entries(skeleton->maps.lanes, std::max(lanes.count, 1u));
}

Status Object::Impl::make_rings() {
  const auto cpus = static_cast<uint32_t>(libbpf_num_possible_cpus());
  if (lanes.count != 0) lanes.fd = bpf_map__fd(skeleton->maps.lanes);
  for (uint32_t cpu = 0; cpu < cpus; ++cpu) {
    Fd ring(bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ring", 0, 0, ring_size, nullptr));
    if (!ring.valid()) {
      return fail(ExitCode::kKernelRefused, "no memory for a ring of " + std::to_string(ring_size) +
                                                " bytes (" + std::strerror(errno) +
                                                "): set a smaller kernel.ring_bytes");
    }
    const int fd = ring.get();
    if (bpf_map_update_elem(bpf_map__fd(skeleton->maps.rings), &cpu, &fd, BPF_ANY) != 0) {
      return fail(ExitCode::kKernelRefused,
                  "the kernel refuses a ring per CPU: " + std::string(std::strerror(errno)));
    }
    ring_numbers.push_back(fd);
    ring_fds.push_back(std::move(ring));
  }
  return {};
}

Status Object::Impl::load_shadows() {
  if (!skeleton->rodata->cfg_shadows) return {};
  auto loaded = ShadowPrograms::load(*skeleton->obj, [this](std::string_view name) {
    return plan.programs.contains(name) && features.preemptible(program_named(name));
  });
  if (!loaded) return std::unexpected(loaded.error());
  shadows = std::move(*loaded);
  return {};
}

void Object::Impl::find_on_demand(const Observed& observed) {
  on_demand.clear();
  for (const Choice& choice : plan.choices) {
    if (choice.hook->asked_for_by.empty() || choice.type == HookType::kAuto) continue;
    if (!observed.files_when_asked || !plan.programs.contains(choice.hook->asked_for_by)) continue;
    const auto& fallbacks = choice.hook->fallbacks;
    const auto chosen = std::ranges::find(fallbacks, choice.type, &HookPrograms::type);
    for (const ProgramRef& program : chosen->programs) {
      if (plan.programs.contains(program.name)) on_demand.emplace(program.name);
    }
  }
  skeleton->bss->weft_file_calls = on_demand.empty() ? 1 : 0;
  show_waiting(!on_demand.empty());
}

void Object::Impl::show_waiting(bool waits) {
  for (Choice& choice : plan.choices) choice.waits = waits && !choice.hook->asked_for_by.empty();
}

Status Object::Impl::attach(std::map<std::string, std::string>& refused) {
  if (Status status = load_shadows(); !status) return status;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, skeleton->obj) {
    if (!bpf_program__autoload(program) || on_demand.contains(bpf_program__name(program))) continue;
    if (Status status = attach(*program, links, refused); !status) return status;
  }
  return {};
}

Status Object::Impl::attach_demanded() {
  std::map<std::string, std::string> refused;
  for (const std::string& name : on_demand) {
    const bpf_program* program = bpf_object__find_program_by_name(skeleton->obj, name.c_str());
    if (Status status = attach(*program, demanded, refused); !status) return status;
  }
  return {};
}

void Object::Impl::detach_demanded() {
  for (bpf_link* link : std::exchange(demanded, {})) bpf_link__destroy(link);
  for (const std::string& name : on_demand) {
    if (shadows) shadows->detach(name);
  }
}

// With its shadow.
Status Object::Impl::attach(const bpf_program& program, std::vector<bpf_link*>& to,
                            std::map<std::string, std::string>& refused) {
  const std::string name = bpf_program__name(&program);
  const AttachKind kind = program_named(name).kind;
  if (kind == AttachKind::kProbe || kind == AttachKind::kIterator) return {};
  for (const std::string_view target : plan.programs.at(name)) {
    bpf_link* link = kind == AttachKind::kKprobe ? attach_kprobe(program, std::string(target))
                                                 : bpf_program__attach(&program);
    if (!link) {
      refused[at(name, target)] = std::string("attach refused: ") + std::strerror(errno);
      return fail(ExitCode::kKernelRefused, name);
    }
    to.push_back(link);
  }
  return shadows ? shadows->attach(name) : Status{};
}

void Object::Impl::make_probes() {
  Probes::Kernel kernel;
  const auto& programs = skeleton->progs;
  kernel.programs = {nullptr,
                     programs.probe_enter,
                     programs.probe_leave,
                     programs.probe_point,
                     programs.probe_finish,
                     programs.probe_task,
                     programs.probe_task,
                     programs.probe_plain,
                     programs.probe_plain_ret};
  for (bpf_program*& program : kernel.programs) {
    if (program && !bpf_program__autoload(program)) program = nullptr;
  }
  kernel.layers = &skeleton->bss->weft_layers;
  kernel.specs = bpf_map__fd(skeleton->maps.probes);
  kernel.hits = bpf_map__fd(skeleton->maps.probe_hits);
  probes = std::make_unique<Probes>(kernel);
  const bool tells = bpf_program__autoload(programs.code_map);
  code = std::make_unique<CodeIterator>(tells ? programs.code_map : nullptr,
                                        &skeleton->bss->weft_code_of);
}

Result<std::unique_ptr<Object>> Object::start(const KernelOptions& options, Features features,
                                              const Observed& observed,
                                              std::span<const weft_pattern> files,
                                              std::span<const Protocol> protocols) {
  raise_memlock();
  silence_libbpf();
  auto impl = std::make_unique<Impl>(std::move(features));
  impl->hooks = hooks_for(observed);
  std::map<std::string, std::string> refused;  // programs that this kernel refused, and why
  const Missing missing = [&](const ProgramRef& program) {
    auto it = refused.find(std::string(program.name));
    if (it == refused.end()) it = refused.find(at(program.name, program.target));
    return it != refused.end() ? it->second : impl->features.missing(program);
  };
  for (;;) {
    Result<Plan> plan = choose_hook_types(impl->hooks, options.hooks, missing);
    if (!plan) return std::unexpected(plan.error());
    impl->plan = std::move(*plan);
    if (Status opened = impl->open(options, observed, files, protocols); !opened)
      return std::unexpected(opened.error());
    LoadLog log;
    const int error = weft_bpf__load(impl->skeleton);
    if (error == 0) {
      if (Status rings = impl->make_rings(); !rings) return std::unexpected(rings.error());
      const size_t before = refused.size();
      impl->find_on_demand(observed);
      const Status attached = impl->attach(refused);
      if (attached) break;
      if (refused.size() == before) return std::unexpected(attached.error());
    } else if (!log.failed_program.empty() && !refused.contains(log.failed_program)) {
      refused[log.failed_program] = std::string("load refused: ") + std::strerror(-error);
    } else {
      return fail(ExitCode::kKernelRefused,
                  "the kernel refuses the programs: " + std::string(std::strerror(-error)) +
                      "; run with --log-level debug for its words");
    }
    spdlog::debug("kernel refused a program, trying without it:\n{}", log.text);
    impl->close();
  }
  impl->make_probes();
  return std::unique_ptr<Object>(new Object(std::move(impl)));
}

Object::Object(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Object::~Object() = default;

const std::vector<int>& Object::rings() const {
  return impl_->ring_numbers;
}
const std::vector<Choice>& Object::choices() const {
  return impl_->plan.choices;
}

uint32_t Object::ring_size() const {
  return impl_->ring_size;
}

LaneMap Object::lanes() const {
  return impl_->lanes;
}

void Object::set_wake(weft_wake wake) {
  __atomic_store_n(&impl_->skeleton->bss->weft_wake, wake, __ATOMIC_SEQ_CST);
}

void Object::set_target_decision(uint32_t pid, weft_target_decision decision) {
  const uint32_t value = decision;
  bpf_map_update_elem(bpf_map__fd(impl_->skeleton->maps.targets), &pid, &value, BPF_ANY);
  __atomic_fetch_add(&impl_->skeleton->bss->weft_decisions, 1u, __ATOMIC_SEQ_CST);
}

void Object::forget_target_decision(uint32_t pid) {
  if (bpf_map_delete_elem(bpf_map__fd(impl_->skeleton->maps.targets), &pid) != 0) return;
  __atomic_fetch_add(&impl_->skeleton->bss->weft_decisions, 1u, __ATOMIC_SEQ_CST);
}

void Object::set_task_id(uint32_t pid, const weft_fetch& where) {
  bpf_map_update_elem(bpf_map__fd(impl_->skeleton->maps.task_ids), &pid, &where, BPF_ANY);
  __atomic_store_n(&impl_->skeleton->bss->weft_task_ids, 1u, __ATOMIC_SEQ_CST);
}

void Object::observe_files(bool wanted) {
  if (impl_->on_demand.empty() || wanted != impl_->demanded.empty()) return;
  auto& state = *impl_->skeleton->bss;
  if (!wanted) {
    __atomic_fetch_add(&state.weft_asked, 1u, __ATOMIC_SEQ_CST);
    __atomic_store_n(&state.weft_file_calls, 0u, __ATOMIC_SEQ_CST);
    impl_->detach_demanded();
  } else if (const Status attached = impl_->attach_demanded(); attached) {
    __atomic_store_n(&state.weft_file_calls, 1u, __ATOMIC_SEQ_CST);
  } else {
    impl_->detach_demanded();
    return spdlog::error("operations on logs are not observed: {}", attached.error().message);
  }
  impl_->show_waiting(!wanted);
}

void Object::set_context(uint64_t exchange_id, const weft_exchange_context& context) {
  bpf_map_update_elem(bpf_map__fd(impl_->skeleton->maps.contexts), &exchange_id, &context, BPF_ANY);
}

void Object::override_capture(uint64_t connection, weft_capture_override wanted) {
  // One message fills at most a quarter of a lane or ring: the rest is for others on its CPU.
  const uint32_t size = std::max(impl_->ring_size, impl_->lanes.bytes);
  wanted.head_cap = std::min(wanted.head_cap, size / 4);
  bpf_map_update_elem(bpf_map__fd(impl_->skeleton->maps.overrides), &connection, &wanted, BPF_ANY);
  __atomic_store_n(&impl_->skeleton->bss->weft_overrides, 1u, __ATOMIC_SEQ_CST);
}

void Object::ignore_file(const weft_file_key& key) {
  struct {
    uint64_t id;
    uint32_t use;
    uint32_t pad;
  } state{0, WEFT_FILE_IGNORE, 0};
  bpf_map_update_elem(bpf_map__fd(impl_->skeleton->maps.files), &key, &state, BPF_EXIST);
  struct {
    uint32_t asked;
    uint32_t changes;
  } name{};
  const int names = bpf_map__fd(impl_->skeleton->maps.written_names);
  if (bpf_map_lookup_elem(names, &key, &name) != 0) return;
  impl_->changes_of_others += name.changes;
  name = {};
  bpf_map_update_elem(names, &key, &name, BPF_EXIST);
}

ProbeHolder& Object::probes() {
  return *impl_->probes;
}

CodeMap& Object::code() {
  return *impl_->code;
}

std::array<uint64_t, WEFT_STAT_COUNT> Object::stats() const {
  std::array<uint64_t, WEFT_STAT_COUNT> sum{};
  std::vector<uint64_t> values(static_cast<size_t>(libbpf_num_possible_cpus()) * WEFT_STAT_COUNT);
  const uint32_t zero = 0;
  if (bpf_map_lookup_elem(bpf_map__fd(impl_->skeleton->maps.stats), &zero, values.data()) != 0) {
    return sum;
  }
  for (size_t i = 0; i < values.size(); ++i) sum[i % WEFT_STAT_COUNT] += values[i];
  uint64_t& early = sum[WEFT_STAT_FILE_EARLY];
  early -= std::min<uint64_t>(early, impl_->changes_of_others);
  return sum;
}

std::vector<int> Object::Impl::running() const {
  std::vector<int> out;
  if (shadows) out = shadows->programs();
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, skeleton->obj) {
    if (bpf_program__autoload(program)) out.push_back(bpf_program__fd(program));
  }
  return out;
}

uint64_t Object::missed() const {
  uint64_t total = 0;
  for (const int fd : impl_->shadows ? impl_->shadows->programs() : impl_->running()) {
    bpf_prog_info info{};
    uint32_t size = sizeof info;
    if (bpf_prog_get_info_by_fd(fd, &info, &size) == 0) total += info.recursion_misses;
  }
  return total;
}

ProgramTime Object::program_time() const {
  return ProgramTime(impl_->running());
}

LeftOutCounts Object::left_out() const {
  return LeftOutCounts(bpf_map__fd(impl_->skeleton->maps.left_out));
}

void Object::set_thresholds(const std::array<uint32_t, WEFT_ORIGINS>& thresholds) {
  auto& state = *impl_->skeleton->bss;
  for (size_t i = 0; i < thresholds.size(); ++i) {
    __atomic_store_n(&state.weft_thresholds[i], thresholds[i], __ATOMIC_SEQ_CST);
  }
  const bool limited = std::ranges::count(thresholds, 0u) < std::ssize(thresholds);
  __atomic_store_n(&state.weft_limited, limited ? 1u : 0u, __ATOMIC_SEQ_CST);
}

void Object::set_origin(uint64_t connection, bool continued) {
  const uint8_t value = continued ? 1 : 0;
  bpf_map_update_elem(bpf_map__fd(impl_->skeleton->maps.origins), &connection, &value, BPF_ANY);
}

uint64_t Object::map_bytes() const {
  uint64_t total = 0;
  const auto add = [&](int fd) {
    std::ifstream info("/proc/self/fdinfo/" + std::to_string(fd));
    uint64_t value = 0;
    for (std::string line; std::getline(info, line);) {
      if (std::sscanf(line.c_str(), "memlock: %lu", &value) == 1) total += value;
    }
  };
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, impl_->skeleton->obj) add(bpf_map__fd(map));
  for (const int fd : impl_->ring_numbers) add(fd);
  return total;
}

}  // namespace weft::kernel
