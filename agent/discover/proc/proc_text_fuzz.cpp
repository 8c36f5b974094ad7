// SPDX-License-Identifier: Apache-2.0
// All parsed texts of /proc and of files below another's root: a process controls its own name,
// arguments and environment, and a container its whole file system.
#include <cstdlib>

#include "agent/discover/proc/cgroup.h"
#include "agent/discover/proc/facts.h"
#include "agent/discover/proc/listen.h"
#include "agent/discover/proc/proc_file.h"
#include "agent/discover/proc/runtime_version.h"

namespace {
void check(bool holds) {
  if (!holds) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string id = weft::parse_cgroup(text).container_id;
  check(id.empty() || id.size() == 64);
  weft::container_of_path(text);
  weft::runtime_of_path(text);
  weft::container_of_mounts(text);
  weft::parse_stat(text);
  weft::parse_uid(text);
  weft::user_name(text, 0);
  check(weft::parse_args(text).size() <= weft::kMaxArgs);
  for (const bool cut : {false, true}) {
    check(weft::parse_environment(text, cut).size() <= weft::kMaxEnvironment);
  }
  weft::listeners(text, 80);
  weft::release_field(text, "JAVA_VERSION");
  weft::version_in_name(text);
  weft::is_whole_version(text);
  return 0;
}
