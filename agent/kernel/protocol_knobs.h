// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/port/protocol.h"
#include "bpf/abi/weft_config.h"

namespace weft::kernel {

// What a protocol's row asks of the kernel side.
weft_protocol_knobs knobs_of(const Protocol& protocol);

}  // namespace weft::kernel
