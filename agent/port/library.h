// SPDX-License-Identifier: Apache-2.0
// The seam to libraries whose functions move the bytes of a layer above a connection: plaintext
// above TLS, messages of an RPC library. A library is one row of data (probes/library/<name>).
#pragma once

#include <span>

#include "agent/port/probe_target.h"

namespace weft {

// One row of the registry. Constant data.
struct Library {
  ProbeTarget target;  // id: from probes/library.def; its probes have a layer_op
};

// Expanded from probes/library.def (probes/libraries.cpp).
std::span<const Library> libraries();

}  // namespace weft
