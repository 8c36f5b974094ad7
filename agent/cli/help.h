// SPDX-License-Identifier: Apache-2.0
// The --help pages: summary, flags in two columns, examples, exit codes.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/base/result.h"
#include "agent/port/exporter.h"

namespace weft::cli {

// Groups of flags, in the order of the page.
inline constexpr const char* kArguments = "Arguments";
inline constexpr const char* kTargets = "What is traced (default: everything)";
inline constexpr const char* kOutput = "Where spans go";
inline constexpr const char* kGeneral = "General";
inline constexpr const char* kGroups[] = {kArguments, kTargets, kOutput, kGeneral};

struct ExitMeaning {
  ExitCode code;
  std::string_view meaning;
};
// All exit codes, in order; docs/exit-codes.md says more.
std::span<const ExitMeaning> exit_meanings();

struct Help {
  std::string_view command;  // "run", "config check"; "" for weft itself
  std::string_view summary;
  std::string_view examples;           // lines, each indented by two spaces; may be empty
  std::span<const ExitCode> outcomes;  // possible exit codes; empty: any
};
// Constant data; weft's own page for an unknown command.
const Help& help_of(std::string_view command);

struct HelpPage {
  using Row = std::pair<std::string, std::string>;
  struct Group {
    std::string title;
    std::vector<Row> rows;  // empty: the group is not shown
  };
  std::string command;
  std::string usage;
  std::vector<Group> groups;
};

// The exporter kinds, each with its options and defaults.
HelpPage::Group exporter_group(std::span<const ExporterKind> kinds);
// The whole page, at most 100 columns except for examples; ends in a newline.
std::string render(const HelpPage& page);

// The exporter kinds, each option with its default and its help text.
std::string exporters_text(std::span<const ExporterKind> kinds);

}  // namespace weft::cli
