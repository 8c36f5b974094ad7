// SPDX-License-Identifier: Apache-2.0
// Whether a name means this machine and nothing else. Addresses are parsed, never compared by
// their beginning: "127.evil.example" is anybody's name. Pure; any thread.
#pragma once

#include <string_view>

namespace weft {

// An address of 127.0.0.0/8 in four numbers, ::1, either as ::ffff:127.0.0.1, or "localhost"
// (any case, with or without the root's dot). Other spellings of numbers, other names: false.
bool is_loopback(std::string_view host);

// The same of an authority as HTTP carries it (Host field, absolute target): host, or address
// in brackets, and perhaps a port. User information, or anything malformed: false.
bool is_loopback_authority(std::string_view authority);

}  // namespace weft
