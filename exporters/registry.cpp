// SPDX-License-Identifier: Apache-2.0
// Expands exporters/exporter.def: the one list of exporters.
#include <vector>

#include "agent/port/exporter.h"

#define EXPORTER(folder)                 \
  namespace weft::exporters::folder {    \
  std::span<const ExporterKind> kinds(); \
  }
#include "exporters/exporter.def"
#undef EXPORTER

namespace weft {

std::span<const ExporterKind> exporter_kinds() {
  static const std::vector<ExporterKind> kTable = [] {
    std::vector<ExporterKind> all;
    const auto add = [&](std::span<const ExporterKind> some) {
      all.insert(all.end(), some.begin(), some.end());
    };
#define EXPORTER(folder) add(exporters::folder::kinds());
#include "exporters/exporter.def"
#undef EXPORTER
    return all;
  }();
  return kTable;
}

}  // namespace weft
