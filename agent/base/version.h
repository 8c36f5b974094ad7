// SPDX-License-Identifier: Apache-2.0
// The product's name and version as telemetry, HTTP clients and `weft version` show them.
#pragma once

namespace weft {

inline constexpr char kVersion[] = "0.1.0";  // equals project(VERSION) in CMakeLists.txt

}  // namespace weft
