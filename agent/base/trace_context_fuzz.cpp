// SPDX-License-Identifier: Apache-2.0
// Lines of input are header values, by their first byte: "p" traceparent, else tracestate.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/base/trace_context.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  weft::TraceContextParser parser;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.starts_with('p')) {
      parser.traceparent(line.substr(1));
    } else if (!line.empty()) {
      parser.tracestate(line.substr(1));
    }
  }
  const auto context = parser.finish();
  if (!context) return 0;
  if (!context->trace.valid() || !context->parent.valid() || context->flags > 3) std::abort();
  // An accepted context must be accepted again, unchanged.
  weft::TraceContextParser again;
  again.traceparent("00-" + context->trace.hex() + "-" + context->parent.hex() + "-00");
  if (!context->trace_state.empty()) again.tracestate(context->trace_state);
  if (again.finish()->trace_state != context->trace_state) std::abort();
  return 0;
}
