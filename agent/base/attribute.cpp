// SPDX-License-Identifier: Apache-2.0
#include "agent/base/attribute.h"

#include <mutex>
#include <unordered_set>

namespace weft {
namespace {
constexpr size_t kMaxInterned = 8192;
}

Key Key::intern(std::string_view name) {
  static std::mutex mutex;
  static std::unordered_set<std::string> names;
  const std::lock_guard lock(mutex);
  const auto known = names.find(std::string(name));
  if (known != names.end()) return Key(std::string_view(*known));
  if (names.size() >= kMaxInterned) return Key("weft.key_overflow");
  return Key(std::string_view(*names.emplace(name).first));
}

}  // namespace weft
