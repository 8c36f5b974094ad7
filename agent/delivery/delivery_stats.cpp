// SPDX-License-Identifier: Apache-2.0
#include "agent/delivery/delivery_stats.h"

#include <algorithm>
#include <ctime>
#include <spdlog/spdlog.h>

namespace weft {
namespace {

constexpr const char* kDropped = "weft.exporter.spans.dropped";
constexpr const char* kQueueFull = "queue_full";

// The causes as they appear in the log.
constexpr std::pair<std::string_view, const char*> kCauses[] = {
    {kQueueFull, "queue full"},
    {"refused", "refused"},
    {"rejected", "rejected"},
    {"retry_exhausted", "retries exhausted"},
    {"shutdown", "not delivered before the end"},
    {"killed", "in the memory of an agent that was killed"},
    {"expired", "too old"},
    {"damaged", "damaged on the disk"},
    {"other_format", "stored by an exporter with other settings"}};

}  // namespace

DeliveryStats::DeliveryStats(std::string name, CounterSet& counters)
    : name_(std::move(name)),
      counters_(counters),
      delivered_(counters.get("weft.exporter.spans.delivered", {{"exporter", name_}})),
      queue_full_(counters.get(kDropped, {{"exporter", name_}, {"cause", kQueueFull}})),
      retries_(counters.get("weft.exporter.retries", {{"exporter", name_}})) {
  for (const char* cause : {"refused", "rejected", "retry_exhausted", "shutdown"}) drop(cause, 0);
}

void DeliveryStats::drop(std::string_view cause, uint64_t spans) {
  if (cause == kQueueFull) return queue_full_.add(spans);
  counters_.get(kDropped, {{"exporter", name_}, {"cause", std::string(cause)}}).add(spans);
}

uint64_t DeliveryStats::dropped(std::string_view cause) const {
  return counters_.get(kDropped, {{"exporter", name_}, {"cause", std::string(cause)}}).value();
}

void DeliveryStats::settle(uint64_t spans, const Delivery& delivery, bool stopping) {
  const uint64_t rejected = std::min(delivery.rejected, spans);
  switch (delivery.kind) {
    case Delivery::Kind::kDelivered:
      delivered_.add(spans - rejected);
      [[fallthrough]];
    case Delivery::Kind::kStored:
      return drop("rejected", rejected);
    case Delivery::Kind::kRefused:
      return drop("refused", spans);
    case Delivery::Kind::kRetry:
      delivered_.add(delivery.delivered);
      drop("rejected", rejected);
      return drop(stopping ? "shutdown" : "retry_exhausted",
                  spans - delivery.delivered - delivery.stored - rejected);
  }
}

void DeliveryStats::report(const Delivery& delivery) {
  const std::string& fault = delivery.message;
  {
    const std::lock_guard lock(mutex_);
    if (delivery.kind == Delivery::Kind::kDelivered) {
      last_success_ = static_cast<uint64_t>(std::time(nullptr));
    }
    if (fault == fault_) return;
    fault_ = fault;
  }
  if (fault.empty()) {
    spdlog::info("exporter {}: working again", name_);
  } else {
    spdlog::warn("exporter {}: {}", name_, fault);
  }
}

std::string DeliveryStats::fault() const {
  const std::lock_guard lock(mutex_);
  return fault_;
}

uint64_t DeliveryStats::last_success() const {
  const std::lock_guard lock(mutex_);
  return last_success_;
}

void DeliveryStats::sum_up() const {
  std::string causes;
  for (const auto& [cause, words] : kCauses) {
    const uint64_t spans = dropped(cause);
    if (spans == 0) continue;
    causes += (causes.empty() ? "" : ", ") + std::to_string(spans) + " " + words;
  }
  if (causes.empty()) return;
  spdlog::warn("exporter {}: {} spans delivered; lost: {}", name_, delivered_.value(), causes);
}

}  // namespace weft
