// SPDX-License-Identifier: Apache-2.0
#include "exporters/capture/capture_exporter.h"

#include <deque>
#include <mutex>

#include "agent/port/exporter.h"

namespace weft::exporters::capture {
namespace {

struct Store {
  std::mutex mutex;
  std::deque<SpanPtr> spans;
};

Store& store() {
  static Store the_store;
  return the_store;
}

class CaptureExporter final : public Exporter {
 public:
  Delivery deliver(std::span<const SpanPtr> batch, const Deadline&) override {
    const std::lock_guard lock(store().mutex);
    auto& spans = store().spans;
    spans.insert(spans.end(), batch.begin(), batch.end());
    while (spans.size() > kCapacity) spans.pop_front();
    return {};
  }
};

Result<std::unique_ptr<Exporter>> make(const ExporterSettings&) {
  return std::make_unique<CaptureExporter>();
}

}  // namespace

std::vector<SpanPtr> take() {
  const std::lock_guard lock(store().mutex);
  std::vector<SpanPtr> out(store().spans.begin(), store().spans.end());
  store().spans.clear();
  return out;
}

std::span<const ExporterKind> kinds() {
  static constexpr ExporterKind kKinds[] = {{"capture", {}, true, make}};
  return kKinds;
}

}  // namespace weft::exporters::capture
