// SPDX-License-Identifier: Apache-2.0
// The kind xray: its options, and settings → exporter.
#include <algorithm>

#include "exporters/xray/xray_exporter.h"

namespace weft::exporters::xray {
namespace {

constexpr std::string_view kEndpoint = "127.0.0.1:2000";

constexpr ExporterOption kOptions[] = {
    {"endpoint", OptionType::kText, kEndpoint, "",
     "of the X-Ray daemon: host:port, or tcp:host:port udp:host:port", "AWS_XRAY_DAEMON_ADDRESS"},
    {"annotations", OptionType::kText, "", "",
     "keys, with commas, of attributes that X-Ray indexes; otel.resource.KEY for the resource's"},
};

// Names separated by commas, without surrounding blanks.
std::vector<std::string> names(std::string_view list) {
  std::vector<std::string> out;
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    std::string_view name = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    if (!name.empty()) out.emplace_back(name);
  }
  return out;
}

Result<std::unique_ptr<Exporter>> make(const ExporterSettings& settings) {
  auto address = weft::xray::parse_daemon_address(settings.get("endpoint", kEndpoint));
  if (!address) return std::unexpected(address.error());
  return std::make_unique<weft::xray::XrayExporter>(std::move(*address),
                                                    names(settings.get("annotations")));
}

}  // namespace

std::span<const ExporterKind> kinds() {
  static constexpr ExporterKind kKinds[] = {{"xray", kOptions, false, make}};
  return kKinds;
}

}  // namespace weft::exporters::xray
