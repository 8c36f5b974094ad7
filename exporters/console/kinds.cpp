// SPDX-License-Identifier: Apache-2.0
// The kind console: its options, and what the terminal can do.
#include <algorithm>
#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>

#include "exporters/console/console_exporter.h"

namespace weft::exporters::console {
namespace {

constexpr ExporterOption kOptions[] = {
    {"format", OptionType::kChoice, "tree", "tree|json",
     "a tree per trace, or one JSON object per span and line"},
    {"color", OptionType::kChoice, "auto", "auto|always|never",
     "auto: on a terminal, unless NO_COLOR is set"},
};
constexpr size_t kMaxWidth = 200;

size_t terminal_width() {
  winsize size{};
  size_t width = 0;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) width = size.ws_col;
  if (const char* columns = std::getenv("COLUMNS"); width == 0 && columns) {
    width = std::strtoul(columns, nullptr, 10);
  }
  return width == 0 ? 80 : std::clamp(width, weft::console::kMinWidth, kMaxWidth);
}

bool wants_colour(std::string_view choice) {
  if (choice != "auto") return choice == "always";
  const char* off = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal && std::string_view(terminal) == "dumb";
  return isatty(STDOUT_FILENO) && (!off || !*off) && !dumb;
}

Result<std::unique_ptr<Exporter>> make(const ExporterSettings& settings) {
  using weft::console::Format;
  const Format format = settings.get("format") == "json" ? Format::kJson : Format::kTree;
  return std::make_unique<weft::console::ConsoleExporter>(
      stdout, format,
      weft::console::Look{terminal_width(), wants_colour(settings.get("color", "auto"))});
}

}  // namespace

std::span<const ExporterKind> kinds() {
  static constexpr ExporterKind kKinds[] = {{"console", kOptions, true, make}};
  return kKinds;
}

}  // namespace weft::exporters::console
