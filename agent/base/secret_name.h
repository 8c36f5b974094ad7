// SPDX-License-Identifier: Apache-2.0
// Recognises what must not be shown, by its name or its place in a URL. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace weft {

// Whether the value with this name (a header, in any case) may be a credential. Decided by words in
// the name, so that vendors' own headers are covered; in doubt, true.
bool may_be_secret(std::string_view name);

// Replaces a URL's user:password@ by ***@; other text is unchanged.
std::string without_credentials(const std::string& url);

}  // namespace weft
