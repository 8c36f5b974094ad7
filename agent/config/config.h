// SPDX-License-Identifier: Apache-2.0
// The agent's resolved configuration: flags > OTEL_* variables or the declarative file > defaults.
// Passive data, immutable after load.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agent/base/attribute.h"
#include "agent/port/exporter.h"
#include "agent/port/protocol.h"

namespace weft {

// Which processes are traced. If all lists are empty: every process that speaks a known protocol.
// Otherwise a process must match one entry of any list. `exclude` overrides all.
struct TargetRules {
  std::vector<uint32_t> pids;           // and their descendants
  std::vector<std::string> exes;        // globs over the executable's path, or its base name
  std::vector<uint16_t> ports;          // local port of a listening socket of the process
  std::vector<std::string> containers;  // globs over the container id (or a prefix of it)
  std::vector<std::string> cgroups;     // globs over the cgroup path
  std::vector<std::string> exclude;     // exe globs; default list in docs/configuration.md

  bool everything() const {
    return pids.empty() && exes.empty() && ports.empty() && containers.empty() && cgroups.empty();
  }
};

// kUprobe and later have no fallback chain and cannot be chosen by --hooks.
enum class HookType : uint8_t {
  kAuto,
  kFentry,
  kTracepoint,
  kKprobe,
  kSyscall,
  kUprobe,
  kIterator
};

struct KernelOptions {
  HookType hooks = HookType::kAuto;
  uint32_t head_cap_request = 16384;  // bytes copied per message, ≤ WEFT_DATA_MAX
  uint32_t head_cap_response = 4096;
  uint32_t ring_bytes = 0;       // per CPU, power of two; 0: by the host's size (record_bytes.h)
  uint32_t connections = 65536;  // table size
  // The kernel side decides the trace context of what is sent, before it is sent. Only for those
  // who inject it: no option sets this yet.
  bool contexts = false;
  // False: all records are in rings, as where the kernel preempts programs.
  bool lanes = true;
};

// What storage I/O is traced, beside that of known engines.
struct StorageOptions {
  bool enabled = true;
  bool records = false;              // also attach probes that run once per record
  std::vector<std::string> files;    // globs of logs: writes and syncs are traced
  std::vector<std::string> entries;  // globs of logs with one file per entry
};

struct BatchOptions {
  std::chrono::milliseconds schedule_delay{5000};
  std::chrono::milliseconds export_timeout{30000};
  uint32_t max_queue_size = 2048;
  uint32_t max_export_batch_size = 512;
};

struct ExporterConfig {
  std::string kind;  // name of an exporter kind (exporters/exporter.def)
  ExporterSettings settings;
  BatchOptions batch;
};

// When writes to a disk queue are synced.
enum class DiskSync : uint8_t { kNever, kSecond, kAlways };

// Where spans wait while a backend does not answer; one folder per exporter.
struct DiskQueueConfig {
  std::string directory;          // empty: in memory only
  uint64_t max_bytes = 1u << 30;  // per exporter
  std::chrono::seconds max_age{24 * 3600};
  DiskSync sync = DiskSync::kNever;
};

struct SpanLimits {
  uint32_t attribute_count = 128;
  uint32_t attribute_value_length = UINT32_MAX;  // characters
  uint32_t event_count = 128;
  uint32_t link_count = 128;
  uint32_t event_attribute_count = 128;  // per event
  uint32_t link_attribute_count = 128;   // per link
};

// Whether to add old attribute names beside the current ones (OTEL_SEMCONV_STABILITY_OPT_IN).
struct OldNames {
  bool http = false;
  bool database = false;
  bool peer_service = false;  // peer.service of clients and producers: the peer's address

  bool any() const { return http || database || peer_service; }
};

// Which spans a process that exports its own gets (docs/decisions/existing-instrumentation.md).
enum class ExistingInstrumentation : uint8_t { kPreferSdk, kBoth };

// Head sampling by trace id (specs: TraceIdRatioBased over the low 56 bits).
struct SamplerConfig {
  bool parent_based = true;  // follow the sampled flag of a received context
  double ratio = 1.0;        // share of traces that start here; 0: none
};

// What watching may cost. Beyond it a smaller share of the traces is kept.
struct BudgetConfig {
  bool enabled = true;          // false: everything is kept that the sampler keeps
  double cpu = 0.05;            // share of the host's CPU time, the programs' included; 0: any
  double spans_per_second = 0;  // 0: any number
};

struct Config {
  bool disabled = false;           // OTEL_SDK_DISABLED / disabled: — run, export nothing
  std::string log_level = "info";  // trace debug info warn error critical off
  TargetRules targets;
  KernelOptions kernel;
  StorageOptions storage;
  Attributes resource;       // set on every resource; the process's own variables win
  std::string service_name;  // agent-wide override for every process; empty: discover
  std::vector<ExporterConfig> exporters;
  SpanLimits limits;
  DiskQueueConfig disk_queue;
  SamplerConfig sampler;
  BudgetConfig budget;
  OldNames old_names;
  ExistingInstrumentation existing_instrumentation = ExistingInstrumentation::kPreferSdk;
  // What sessions record, by the role of the traced process on the connection.
  std::shared_ptr<const CaptureOptions> server_capture = std::make_shared<CaptureOptions>();
  std::shared_ptr<const CaptureOptions> client_capture = std::make_shared<CaptureOptions>();
  std::string admin_host = "127.0.0.1";
  uint16_t admin_port = 4380;  // 0: no admin endpoint
  std::string record_path;     // `weft record`: also write events here
  bool record_unredacted = false;
  std::string source;  // where it came from, for messages: file path or "defaults"
};

}  // namespace weft
