// SPDX-License-Identifier: Apache-2.0
// Lines of /proc/PID/maps: "START-END PERMS OFFSET DEVICE INODE   NAME". Pure; any bytes.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace weft {

// Start addresses of mappings named like a process context's; a few at most.
std::vector<uint64_t> context_mappings(std::string_view maps);

// Whether these bytes are in one readable mapping without a file: reading a file on a network, or
// one that a process provides, may block for ever.
bool is_plain_memory(std::string_view maps, uint64_t address, uint64_t size);

}  // namespace weft
