// SPDX-License-Identifier: Apache-2.0
// nginx: worker processes with one event loop each, which does nothing but serve requests.
#include "agent/port/runtime.h"

namespace weft::runtime::nginx {
namespace {

constexpr std::string_view kExecutables[] = {"nginx"};

}  // namespace

extern const Runtime kRuntime;
const Runtime kRuntime{
    .target = {.kind = TargetKind::kRuntime, .id = 1, .name = "nginx", .executables = kExecutables},
    .only_serves_requests = true};

}  // namespace weft::runtime::nginx
