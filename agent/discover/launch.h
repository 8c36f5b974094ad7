// SPDX-License-Identifier: Apache-2.0
// Finds what an interpreter runs from its command line. Pure; any thread; accepts any arguments.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weft {

struct Launch {
  enum class Kind : uint8_t {
    kNone,      // nothing with a name: a prompt, code on the command line
    kName,      // the name that the program gives itself
    kFile,      // path of a script
    kModule,    // dotted module or package
    kJar,       // path of an archive
    kLauncher,  // `what` runs an application that the arguments do not name
  };
  Kind kind = Kind::kNone;
  std::string what;
};

// "python" for "python3.11", "php-fpm" for "php-fpm8.2": the name without digits and dots at its
// end.
std::string_view without_version_digits(std::string_view name);

// Whether read_launch() knows an interpreter with this base name.
bool is_interpreter(std::string_view name);

// args[0] is the interpreter itself.
Launch read_launch(std::string_view interpreter, const std::vector<std::string>& args);

}  // namespace weft
