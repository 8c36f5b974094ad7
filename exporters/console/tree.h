// SPDX-License-Identifier: Apache-2.0
// Draws one trace as a tree: who called whom, how long it took, what failed.
#pragma once

#include <string>
#include <vector>

#include "agent/span/span.h"

namespace weft::console {

struct Look {
  size_t width = 80;  // columns, at least kMinWidth
  bool colour = false;
};
inline constexpr size_t kMinWidth = 64;

// Spans of one trace, in any order; at least one. Every span is drawn exactly once: one
// whose parent is not among them starts a tree of its own.
//
//   ─ 14:03:22.120 ── 3 spans ──────────────────── 0af7651916cd43dd8448eb211c80319c
//   nginx GET /orders/7                       200 12.4 ms ████████████████████
//   └ shop GET /orders/7           connection 200 11.9 ms ▐██████████████████▋
//     └ shop → GET 127.0.0.1:81/x      thread 500  3.2 ms    █████▎
//
// continued: some of the trace was printed before.
std::string draw(const std::vector<SpanPtr>& spans, const Look& look, bool continued);

}  // namespace weft::console
