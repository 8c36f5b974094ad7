// SPDX-License-Identifier: Apache-2.0
// instrumentation/development.general and distribution.weft.
#include <bit>

#include "agent/config/load/file.h"
#include "agent/config/opt_in.h"
#include "agent/config/text.h"
#include "bpf/abi/weft_event.h"

namespace weft {
namespace {

constexpr std::string_view kNoUse = "accepted, without effect on a tracing agent";

void read_side(Section side, CaptureOptions& out) {
  side.read("request_captured_headers", out.request_headers);
  side.read("response_captured_headers", out.response_headers);
  side.read("known_methods", out.known_methods);
  for (auto* names : {&out.request_headers, &out.response_headers}) {
    for (std::string& name : *names) name = lower(name);
  }
  side.finish();
}

void read_semconv(Section semconv, bool& old_names) {
  uint32_t version = 1;
  bool experimental = false;
  semconv.read("version", version, 1, 1);
  semconv.read("experimental", experimental);
  semconv.read("dual_emit", old_names);
  semconv.finish();
}

void read_database(Section db, bool& old_names) {
  read_semconv(db.section("semconv"), old_names);
  db.finish();
}

// A domain's own section overrides it.
void read_opt_in_list(Section& general, OldNames& out) {
  std::string list;
  general.read("stability_opt_in_list", list);
  for (const std::string& fault : read_opt_in(list, out)) {
    general.findings().warning(general.line(), general.path_of("stability_opt_in_list"), fault);
  }
}

void read_http(Section http, CaptureOptions& server, CaptureOptions& client, bool& old_names) {
  read_semconv(http.section("semconv"), old_names);
  read_side(http.section("server"), server);
  read_side(http.section("client"), client);
  http.finish();
}

void read_sanitization(Section sanitization, CaptureOptions& server, CaptureOptions& client) {
  Section url = sanitization.section("url");
  url.read("sensitive_query_parameters", server.sensitive_query_keys);
  client.sensitive_query_keys = server.sensitive_query_keys;
  url.finish();
  sanitization.finish();
}

void read_targets(Section targets, TargetRules& out) {
  constexpr uint32_t kMaxPid = 1u << 22;  // the kernel's PID_MAX_LIMIT
  targets.read_numbers<uint32_t>("pids", out.pids, 1, kMaxPid);
  targets.read_numbers<uint16_t>("ports", out.ports, 1, UINT16_MAX);
  targets.read("exes", out.exes);
  targets.read("containers", out.containers);
  targets.read("cgroups", out.cgroups);
  const bool exclude_given = targets.find("exclude") != nullptr;
  targets.read("exclude", out.exclude);
  // If targets are named, the default exclusions do not apply: they only guard "trace everything".
  if (!exclude_given && !out.everything()) out.exclude.clear();
  targets.finish();
}

void read_kernel(Section kernel, KernelOptions& out) {
  constexpr uint32_t kSmallestHead = 64;        // room for a request line
  constexpr uint32_t kSmallestRing = 64 << 10;  // several of the largest record
  constexpr uint32_t kLargestRing = 64 << 20;
  if (const auto hooks = kernel.choice("hooks", kHookTypeNames))
    out.hooks = static_cast<HookType>(*hooks);
  kernel.read("head_cap_request", out.head_cap_request, kSmallestHead, WEFT_DATA_MAX);
  kernel.read("head_cap_response", out.head_cap_response, kSmallestHead, WEFT_DATA_MAX);
  kernel.read("connections", out.connections, 64, 1 << 24);
  uint32_t ring = out.ring_bytes;
  kernel.read("ring_bytes", ring);
  if (ring == 0 || (std::has_single_bit(ring) && ring >= kSmallestRing && ring <= kLargestRing)) {
    out.ring_bytes = ring;
  } else if (const YamlNode* node = kernel.find("ring_bytes")) {
    kernel.wrong("ring_bytes", *node, "0, or a power of two from 65536 to 67108864");
  }
  kernel.finish();
}

void read_storage(Section storage, StorageOptions& out) {
  storage.read("enabled", out.enabled);
  storage.read("records", out.records);
  storage.read("files", out.files);
  storage.read("entries", out.entries);
  storage.finish();
}

// budget: off, or what watching may cost.
void read_budget(Section& weft, BudgetConfig& out) {
  const YamlNode* node = weft.find("budget");
  if (node && node->kind == YamlNode::Kind::kScalar) {
    if (node->text == "off") return void(out.enabled = false);
    return weft.wrong("budget", *node, "off, or a map with cpu and spans_per_second");
  }
  Section budget = weft.section("budget");
  if (const YamlNode* cpu = budget.find("cpu")) {
    const auto share = parse_share(cpu->text);
    if (!share) budget.wrong("cpu", *cpu, "a share of the host's CPU time, such as 5%");
    out.cpu = share.value_or(out.cpu);
  }
  auto spans = static_cast<uint32_t>(out.spans_per_second);
  budget.read("spans_per_second", spans);
  out.spans_per_second = spans;
  budget.finish();
}

void read_disk_queue(Section queue, DiskQueueConfig& out) {
  constexpr uint32_t kSmallest = 1u << 20;
  constexpr uint32_t kYear = 366 * 24 * 3600;
  queue.read("directory", out.directory);
  auto bytes = static_cast<uint32_t>(out.max_bytes);
  queue.read("max_bytes", bytes, kSmallest);
  out.max_bytes = bytes;
  auto seconds = static_cast<uint32_t>(out.max_age.count());
  queue.read("max_age", seconds, 1, kYear);
  out.max_age = std::chrono::seconds(seconds);
  if (const auto sync = queue.choice("sync", kDiskSyncNames)) {
    out.sync = static_cast<DiskSync>(*sync);
  }
  queue.finish();
}

void read_admin(Section admin, Config& config) {
  admin.read("host", config.admin_host);
  admin.read("port", config.admin_port);
  admin.finish();
}

}  // namespace

void read_instrumentation(Section instrumentation, Config& config) {
  auto server = std::make_shared<CaptureOptions>(*config.server_capture);
  auto client = std::make_shared<CaptureOptions>(*config.client_capture);
  Section general = instrumentation.section("general");
  read_opt_in_list(general, config.old_names);
  read_http(general.section("http"), *server, *client, config.old_names.http);
  read_database(general.section("db"), config.old_names.database);
  read_sanitization(general.section("sanitization"), *server, *client);
  for (const char* domain : {"code", "gen_ai", "messaging", "rpc"}) {
    general.ignore(domain, kNoUse);
  }
  general.finish();
  for (const char* language :
       {"cpp", "dotnet", "erlang", "go", "java", "js", "php", "python", "ruby", "rust", "swift"}) {
    instrumentation.ignore(language, kNoUse);
  }
  instrumentation.finish();
  config.server_capture = std::move(server);
  config.client_capture = std::move(client);
}

void read_weft(Section weft, Config& config) {
  read_targets(weft.section("targets"), config.targets);
  read_kernel(weft.section("kernel"), config.kernel);
  read_storage(weft.section("storage"), config.storage);
  read_disk_queue(weft.section("disk_queue"), config.disk_queue);
  read_budget(weft, config.budget);
  weft.read("peer_service", config.old_names.peer_service);
  read_admin(weft.section("admin"), config);
  if (const auto name = weft.choice("existing_instrumentation", kInstrumentationNames)) {
    config.existing_instrumentation = static_cast<ExistingInstrumentation>(*name);
  }
  weft.finish();
}

}  // namespace weft
