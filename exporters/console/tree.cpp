// SPDX-License-Identifier: Apache-2.0
#include "exporters/console/tree.h"

#include <algorithm>
#include <ctime>
#include <functional>
#include <map>

#include "agent/base/semconv.h"
#include "exporters/console/text.h"

namespace weft::console {
namespace {

constexpr size_t kStatusWidth = 3;
constexpr size_t kDurationWidth = 7;

struct Node {
  const Span* span;
  std::vector<size_t> children{};
  bool has_parent = false;
  bool drawn = false;
};

struct Row {
  const Span* span;
  std::string branch;  // the lines of the tree before the text
  bool lost_parent;
};

struct Bounds {
  uint64_t begin = UINT64_MAX;
  uint64_t end = 0;
};

std::vector<Node> linked(const std::vector<SpanPtr>& spans) {
  std::vector<Node> nodes;
  nodes.reserve(spans.size());
  for (const SpanPtr& span : spans) nodes.push_back({span.get()});
  std::ranges::stable_sort(nodes, {}, [](const Node& n) { return n.span->start; });
  std::map<SpanId, size_t> by_id;
  for (size_t i = 0; i < nodes.size(); ++i) by_id.try_emplace(nodes[i].span->id, i);
  for (size_t i = 0; i < nodes.size(); ++i) {
    const auto parent = by_id.find(nodes[i].span->parent);
    if (!nodes[i].span->parent.valid() || parent == by_id.end() || parent->second == i) continue;
    nodes[parent->second].children.push_back(i);
    nodes[i].has_parent = true;
  }
  return nodes;
}

class Flattener {
 public:
  explicit Flattener(std::vector<Node> nodes) : nodes_(std::move(nodes)) {}

  std::vector<Row> rows() {
    for (size_t i = 0; i < nodes_.size(); ++i) {
      if (!nodes_[i].has_parent) visit(i, "", "");
    }
    // Spans whose parents form a cycle: should not exist, but are printed all the same.
    for (size_t i = 0; i < nodes_.size(); ++i) visit(i, "", "");
    return std::move(rows_);
  }

 private:
  // `first`: prefix of the span's own line; `rest`: prefix of its children's lines.
  void visit(size_t i, const std::string& first, const std::string& rest) {
    Node& node = nodes_[i];
    if (node.drawn) return;
    node.drawn = true;
    rows_.push_back({node.span, first, !node.has_parent && node.span->parent.valid()});
    for (size_t c = 0; c < node.children.size(); ++c) {
      const bool last = c + 1 == node.children.size();
      visit(node.children[c], rest + (last ? "└ " : "├ "), rest + (last ? "  " : "│ "));
    }
  }

  std::vector<Node> nodes_;
  std::vector<Row> rows_;
};

std::string text_of(const Span& span, Key key) {
  return harmless(span.attributes.text(key));
}

// "GET /orders/7", "GET 127.0.0.1:8081/stock/7", or the span's name.
std::string title(const Span& span) {
  const std::string method = text_of(span, semconv::kHttpRequestMethod);
  if (method.empty() || method == "_OTHER") return harmless(span.name);
  std::string target = text_of(span, semconv::kUrlFull);
  if (const size_t scheme = target.find("://"); scheme != std::string::npos) {
    target.erase(0, scheme + 3);
  }
  if (target.empty()) target = text_of(span, semconv::kUrlPath);
  const std::string query = text_of(span, semconv::kUrlQuery);
  if (!query.empty() && target.find('?') == std::string::npos) target += "?" + query;
  return target.empty() ? harmless(span.name) : method + " " + target;
}

const char* mark(SpanKind kind) {
  switch (kind) {
    case SpanKind::kClient:
    case SpanKind::kProducer:
      return "→ ";
    case SpanKind::kInternal:
    case SpanKind::kServer:
    case SpanKind::kConsumer:
      return "";
  }
  return "";
}

std::string service_of(const Span& span) {
  return harmless(span.resource->attributes.text(semconv::kServiceName));
}

unsigned hue_of(std::string_view service) {
  return static_cast<unsigned>(std::hash<std::string_view>{}(service) % 6);
}

std::string status_code(const Span& span) {
  const Value* value = span.attributes.find(semconv::kHttpResponseStatusCode);
  const auto* code = value ? std::get_if<int64_t>(value) : nullptr;
  if (code) return cut(std::to_string(*code), kStatusWidth);
  return span.status == StatusCode::kError ? "ERR" : "";
}

bool failed(const Span& span) {
  return span.status == StatusCode::kError;
}

Style status_style(const Span& span, std::string_view code) {
  if (failed(span)) return Style::kError;
  if (code.starts_with('4') || code.starts_with('5')) return Style::kWarning;
  return Style::kGood;
}

// error.type and the message, unless they only repeat the status code.
std::string failure(const Span& span, std::string_view code) {
  if (!failed(span)) return {};
  const std::string type = text_of(span, semconv::kErrorType);
  std::string out = type == code ? "" : type;
  const std::string message = harmless(span.status_message);
  if (!message.empty()) out += (out.empty() ? "" : ": ") + message;
  return out;
}

// The span's events, with their times: "db.prepare +1.2 ms".
std::string moments(const Span& span) {
  std::string out;
  for (const SpanEvent& event : span.events) {
    const uint64_t after = event.time > span.start ? event.time - span.start : 0;
    out += " " + harmless(event.name) + " +" + duration(after);
  }
  return out;
}

std::vector<Piece> label(const Row& row, size_t width) {
  const Span& span = *row.span;
  const std::string service = service_of(span);
  // Deep trees keep at least two thirds of the column for the text.
  std::string branch = row.branch;
  if (columns(branch) > width / 3)
    branch = "… " + branch.substr(branch.rfind(' ', branch.size() - 2) + 1);
  std::vector<Piece> out{{branch, Style::kDim}};
  if (row.lost_parent) out.push_back({"⋯ ", Style::kDim});
  if (!service.empty()) out.push_back({service + " ", Style::kService, hue_of(service)});
  out.push_back({mark(span.kind), Style::kDim});
  out.push_back({title(span), failed(span) ? Style::kError : Style::kPlain});
  const std::string why = failure(span, status_code(span));
  if (!why.empty()) out.push_back({" " + why, Style::kError});
  const std::string outcome = text_of(span, semconv::kWeftOutcome);
  if (!outcome.empty()) out.push_back({" outcome " + outcome, Style::kWarning});
  if (!span.events.empty()) out.push_back({moments(span), Style::kDim});
  return out;
}

std::string right(const std::string& text, size_t width) {
  const size_t used = columns(text);
  return std::string(width > used ? width - used : 0, ' ') + text;
}

uint64_t length(const Span& span) {
  return span.end > span.start ? span.end - span.start : 0;
}

std::string line(const Row& row, const Bounds& trace, const Look& look) {
  const Span& span = *row.span;
  const size_t bar_width = std::clamp<size_t>(look.width / 4, 15, 40);
  const size_t left = look.width - bar_width - kDurationWidth - kStatusWidth - 3;
  const std::string how = cut(text_of(span, semconv::kWeftCorrelation), 12);
  const size_t how_width = how.empty() ? 0 : columns(how) + 1;
  const std::string code = status_code(span);
  const std::string service = service_of(span);

  std::string out = paint_to(label(row, left), left - how_width, look.colour);
  if (!how.empty()) out += paint({{" " + how, Style::kDim}}, look.colour);
  out += paint({{" " + right(code, kStatusWidth), status_style(span, code)},
                {" " + right(duration(length(span)), kDurationWidth) + " "}},
               look.colour);
  std::string drawn = bar(span.start - trace.begin, span.start - trace.begin + length(span),
                          trace.end - trace.begin, bar_width);
  drawn.erase(drawn.find_last_not_of(' ') + 1);
  const Style style = failed(span) ? Style::kError : Style::kService;
  return out + paint({{drawn, style, hue_of(service)}}, look.colour) + "\n";
}

std::string clock_time(uint64_t unix_ns) {
  const auto seconds = static_cast<std::time_t>(unix_ns / 1'000'000'000);
  std::tm tm{};
  localtime_r(&seconds, &tm);
  char text[32];
  const size_t n = strftime(text, sizeof text, "%H:%M:%S", &tm);
  snprintf(text + n, sizeof text - n, ".%03u", unsigned(unix_ns / 1'000'000 % 1000));
  return text;
}

std::string repeat(std::string_view text, size_t n) {
  std::string out;
  for (; n > 0; --n) out += text;
  return out;
}

// A line across the page with the trace's id.
std::string heading(const std::vector<SpanPtr>& spans, const Bounds& trace, const Look& look,
                    bool continued) {
  std::string start = "─ " + clock_time(trace.begin) + " ── " + std::to_string(spans.size()) +
                      (spans.size() == 1 ? " span " : " spans ");
  if (continued) start += "more ";
  const std::string id = " " + spans.front()->trace.hex();
  const size_t used = columns(start) + columns(id);
  const size_t rule = look.width > used ? look.width - used : 1;
  return paint({{start + repeat("─", rule) + id, Style::kDim}}, look.colour) + "\n";
}

}  // namespace

std::string draw(const std::vector<SpanPtr>& spans, const Look& look, bool continued) {
  Bounds trace;
  for (const SpanPtr& span : spans) {
    trace.begin = std::min(trace.begin, span->start);
    trace.end = std::max({trace.end, span->end, span->start});
  }
  const Look usable{std::max(look.width, kMinWidth), look.colour};
  std::string out = heading(spans, trace, usable, continued);
  for (const Row& row : Flattener(linked(spans)).rows()) out += line(row, trace, usable);
  return out;
}

}  // namespace weft::console
