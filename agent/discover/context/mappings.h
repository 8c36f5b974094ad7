// SPDX-License-Identifier: Apache-2.0
// Lines of /proc/PID/maps: "START-END PERMS OFFSET DEVICE INODE   NAME". Pure; any bytes.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace weft {

// Where mappings begin that are called as a process context's are; a few at most.
std::vector<uint64_t> context_mappings(std::string_view maps);

// Whether these bytes are in one readable mapping that no file is behind: reading a file that
// is on a network, or made up by a process, may take for ever.
bool is_plain_memory(std::string_view maps, uint64_t address, uint64_t size);

}  // namespace weft
