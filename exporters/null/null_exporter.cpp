// SPDX-License-Identifier: Apache-2.0
// The kind null: takes every span and keeps none. For measuring the pipeline alone.
#include "agent/port/exporter.h"

namespace weft::exporters::null {
namespace {

class NullExporter final : public Exporter {
 public:
  Delivery deliver(std::span<const SpanPtr>, const Deadline&) override { return {}; }
};

Result<std::unique_ptr<Exporter>> make(const ExporterSettings&) {
  return std::make_unique<NullExporter>();
}

}  // namespace

std::span<const ExporterKind> kinds() {
  static constexpr ExporterKind kKinds[] = {{"null", {}, false, make}};
  return kKinds;
}

}  // namespace weft::exporters::null
