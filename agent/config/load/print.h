// SPDX-License-Identifier: Apache-2.0
// The resolved configuration as a declarative file.
#pragma once

#include <span>
#include <string>

#include "agent/config/config.h"

namespace weft {

// A complete file with every current value; options of exporters that are not set are shown as
// comments with their default. load() of the text gives the same Config (except source, record_path
// and record_unredacted, which no file holds). Unless show_secrets, values of headers whose names
// suggest credentials, and credentials in URLs, are printed as "***".
std::string to_yaml(const Config& config, std::span<const ExporterKind> kinds, bool show_secrets);

}  // namespace weft
