// SPDX-License-Identifier: Apache-2.0
// What is not shown: told by its name, or by its place in a URL. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace weft {

// May the value that goes by this name (a header, in any case) be a credential? Told by words
// in it, so that a vendor's own header is covered; it errs towards yes.
bool may_be_secret(std::string_view name);

// A URL's user:password@ becomes ***@; other text is as it was.
std::string without_credentials(const std::string& url);

}  // namespace weft
