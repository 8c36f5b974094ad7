// SPDX-License-Identifier: Apache-2.0
// A destination for spans: encodes them, sends them once, reports the result. Queueing, batching,
// retry and counting are done by the pipeline (agent/pipeline).
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
    kRetry,      // temporary fault: send the same batch again, not before retry_after
    kRefused,    // will never be accepted: drop and count
    kStored,     // as kDelivered, but into a disk queue, which counts the outcome
  };
  Kind kind = Kind::kDelivered;
  uint64_t rejected = 0;
  // For kRetry: how many spans of the batch are already delivered, and how many stored.
  uint64_t delivered = 0;
  uint64_t stored = 0;
  std::optional<std::chrono::milliseconds> retry_after{};  // as the server asked
  std::string message{};                                   // for the log; empty: no error
  // The exporter holds spans back: call again after this time, with an empty batch if nothing else
  // has come. Only with kDelivered.
  std::optional<std::chrono::milliseconds> call_again{};
};

// Used by one thread, the batcher's. Calls never throw. The destructor emits what was held back.
class Exporter {
 public:
  virtual ~Exporter() = default;
  // Blocks until the exporter's own timeout or the deadline, whichever is nearer; the
  // deadline may move nearer meanwhile. Spans are shared and immutable.
  virtual Delivery deliver(std::span<const SpanPtr> batch, const Deadline& deadline) = 0;
  // Called before the destructor: a last chance, until the deadline, to send what is held back.
  virtual void finish(const Deadline& deadline) { (void)deadline; }

  // For a disk queue's accounting: spans taken for this exporter, and those of them dropped before
  // they were stored. Any thread.
  virtual void accepted(uint64_t spans) { (void)spans; }
  virtual void dropped(uint64_t spans) { (void)spans; }
  // What waits on disk, and how its sending goes (DeliveryStats).
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
    uint64_t refused = 0;   // spans that fit in no parcel (too large)
    std::string message{};  // why
  };
  virtual Packed pack(std::span<const SpanPtr> batch) = 0;
  // Sends a parcel once; it may come from an earlier process. Delivery::rejected counts its spans.
  virtual Delivery send(const Parcel& parcel, const Deadline& deadline) = 0;
  // Names the encoding and every setting that shapes the bytes ("otlp protobuf gzip"): parcels of
  // another format are not sent. Valid as long as the sender.
  virtual std::string_view format() const = 0;

  // Packs and sends. Given the same batch after kRetry, continues with what was not sent.
  Delivery deliver(std::span<const SpanPtr> batch, const Deadline& deadline) final;

 private:
  Delivery send_rest(const Deadline& deadline);
  void add(uint64_t spans, Delivery& delivery);
  Delivery with_sum(Delivery delivery) const;

  SpanPtr first_;  // of the current batch; kept alive, so that no other span can have its address
  Packed rest_;    // its unsent parcels, last one first
  Delivery sum_;   // totals of the sent parcels
};

// Settings of one exporter: its section of the configuration, flattened ("tls.ca_file" → "…").
// Values have been checked against the option table's types.
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
  std::string_view variable = {};  // environment variable that also sets it; "" = none
  bool secret = false;             // the value is a credential: never shown
};

// One kind of exporter, named as in the declarative configuration file ("otlp_http").
struct ExporterKind {
  std::string_view name;
  std::span<const ExporterOption> options;
  bool immediate;  // spans are for a person to read: no batching delay
  Result<std::unique_ptr<Exporter>> (*make)(const ExporterSettings& settings);
  // URL that shows a trace ("…/trace/{trace}"); {trace} becomes its id. "": search by id.
  std::string_view look = {};
};

// Expanded from exporters/exporter.def (exporters/registry.cpp).
std::span<const ExporterKind> exporter_kinds();

}  // namespace weft
