// SPDX-License-Identifier: Apache-2.0
// A destination for spans: makes bytes, sends them once, says what became of them.
// Queueing, batching, retry and counting are the pipeline's (agent/pipeline).
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/base/deadline.h"
#include "agent/base/result.h"
#include "agent/span/span.h"

namespace weft {

struct Delivery {
  enum class Kind : uint8_t {
    kDelivered,  // accepted, except `rejected` spans (partial success: never retried)
    kRetry,      // passing fault: send the same batch again, not before retry_after
    kRefused,    // will never be accepted: drop and count
    kStored,     // as kDelivered, but by a disk queue, which counts what becomes of it
  };
  Kind kind = Kind::kDelivered;
  uint64_t rejected = 0;
  // Of kRetry: spans of the batch that are delivered, and that are stored, already.
  uint64_t delivered = 0;
  uint64_t stored = 0;
  std::optional<std::chrono::milliseconds> retry_after{};  // the server's own word
  std::string message{};                                   // for the log; empty when fine
  // The exporter holds something back: call again after this, with an empty batch if
  // nothing else has come. Only with kDelivered.
  std::optional<std::chrono::milliseconds> call_again{};
};

// Used by one thread, the batcher's. Calls never throw. The destructor puts out what was
// held back.
class Exporter {
 public:
  virtual ~Exporter() = default;
  // Blocks until the exporter's own timeout or the deadline, whichever is nearer; the
  // deadline may move nearer meanwhile. Spans are shared and immutable.
  virtual Delivery deliver(std::span<const SpanPtr> batch, const Deadline& deadline) = 0;
  // Before the destructor: a last chance to get rid of what is held back, until the deadline.
  virtual void finish(const Deadline& deadline) { (void)deadline; }

  // What a disk queue keeps account of: spans taken for this exporter, and those of them that
  // were dropped before they came to be stored. Any thread.
  virtual void accepted(uint64_t spans) { (void)spans; }
  virtual void dropped(uint64_t spans) { (void)spans; }
  // What waits on the disk, and how its sending goes (DeliveryStats).
  struct Backlog {
    uint64_t spans = 0;
    uint64_t bytes = 0;
    std::string fault{};
    uint64_t last_success = 0;  // Unix s
  };
  // Any thread.
  virtual Backlog backlog() const { return {}; }
};

// One request as it goes over the wire. It may wait on a disk and outlive the agent.
struct Parcel {
  std::string bytes{};
  uint64_t spans = 0;  // in it
};

// A destination behind a network: spans become parcels, parcels are sent. pack() and send()
// may be called by two threads, each always by the same one.
class Sender : public Exporter {
 public:
  // In order; every span is in exactly one parcel, or in `Packed::refused`.
  struct Packed {
    std::vector<Parcel> parcels{};
    uint64_t refused = 0;   // spans that no parcel may hold (too large)
    std::string message{};  // why
  };
  virtual Packed pack(std::span<const SpanPtr> batch) = 0;
  // Sends a parcel once, be it of an earlier process; Delivery::rejected counts its spans.
  virtual Delivery send(const Parcel& parcel, const Deadline& deadline) = 0;
  // How parcels are written, with every setting that shapes their bytes ("otlp protobuf
  // gzip"): parcels of another format are not sent. Lives as long as the sender.
  virtual std::string_view format() const = 0;

  // Packs and sends. The same batch again after kRetry: goes on with what was not sent.
  Delivery deliver(std::span<const SpanPtr> batch, const Deadline& deadline) final;

 private:
  Delivery send_rest(const Deadline& deadline);
  void add(uint64_t spans, Delivery& delivery);
  Delivery with_sum(Delivery delivery) const;

  SpanPtr first_;  // of the batch under way; held, so that no other span is at its address
  Packed rest_;    // what is not sent of it, last parcel first
  Delivery sum_;   // of what is
};

// Settings of one exporter: its section of the configuration, flattened
// ("tls.ca_file" → "…"). Values have passed the option table's types.
struct ExporterSettings {
  std::map<std::string, std::string, std::less<>> values{};
  std::vector<std::pair<std::string, std::string>> headers{};

  std::string_view get(std::string_view key, std::string_view fallback = "") const {
    const auto it = values.find(key);
    return it == values.end() ? fallback : std::string_view(it->second);
  }
};

enum class OptionType : uint8_t { kText, kInteger, kBool, kMilliseconds, kUrl, kPath, kChoice };

// One allowed key; the configuration checks against it and `config print` shows it.
struct ExporterOption {
  std::string_view key;
  OptionType type;
  std::string_view fallback;  // shown as the default; "" = none
  std::string_view choices;   // kChoice: "gzip|none"
  std::string_view help;
  std::string_view variable = {};  // of the environment, that sets it too; "" = none
  bool secret = false;             // the value is a credential: never shown
};

// One kind of exporter, named as in the declarative configuration file ("otlp_http").
struct ExporterKind {
  std::string_view name;
  std::span<const ExporterOption> options;
  bool immediate;  // spans are for a person to see: no batching delay
  Result<std::unique_ptr<Exporter>> (*make)(const ExporterSettings& settings);
  // Where a user looks at a trace ("…/trace/{trace}"); {trace} becomes its id. "" = by its id.
  std::string_view look = {};
};

// Expanded from exporters/exporter.def (exporters/registry.cpp).
std::span<const ExporterKind> exporter_kinds();

}  // namespace weft
