// SPDX-License-Identifier: Apache-2.0
// Whether a name certainly means this machine. Addresses are parsed, never compared by prefix:
// "127.evil.example" is an ordinary name. Pure; any thread.
#pragma once

#include <string_view>

namespace weft {

// True for an address of 127.0.0.0/8 in four numbers, ::1, either as ::ffff:127.0.0.1, or
// "localhost" (any case, with or without the trailing dot). False for other spellings of numbers,
// and other names.
bool is_loopback(std::string_view host);

// As is_loopback(), for an HTTP authority (Host field, absolute target): host, or address in
// brackets, optionally with a port. False if it has user information or is malformed.
bool is_loopback_authority(std::string_view authority);

}  // namespace weft
