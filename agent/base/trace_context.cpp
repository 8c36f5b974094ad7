// SPDX-License-Identifier: Apache-2.0
#include "agent/base/trace_context.h"

#include <cstring>
#include <vector>

namespace weft {
namespace {

constexpr size_t kParentLength = 55;  // 00-<32>-<16>-<2>
constexpr size_t kMaxMembers = 32;
constexpr size_t kMaxKey = 256;
constexpr size_t kMaxValue = 256;
constexpr size_t kMaxCollected = 65536;  // of all tracestate lines; more is invalid anyhow
constexpr size_t kMustForward = 512;     // the specification's floor, and our bound
constexpr size_t kLongMember = 128;      // members beyond this are dropped first

std::string_view strip(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Value of two lower-case hex digits; -1 otherwise.
int hex_byte(std::string_view two) {
  int value = 0;
  for (const char c : two) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit && !(c >= 'a' && c <= 'f')) return -1;
    value = value * 16 + (digit ? c - '0' : c - 'a' + 10);
  }
  return value;
}

// version "-" trace-id "-" parent-id "-" flags; a later version may continue after "-".
std::optional<TraceContext> parse_parent(std::string_view text) {
  if (text.size() < kParentLength) return std::nullopt;
  const int version = hex_byte(text.substr(0, 2));
  if (version < 0 || version == 0xff) return std::nullopt;
  if (version == 0 && text.size() != kParentLength) return std::nullopt;
  if (text.size() > kParentLength && text[kParentLength] != '-') return std::nullopt;
  if (text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  const auto trace = TraceId::parse(text.substr(3, 32));
  const auto parent = SpanId::parse(text.substr(36, 16));
  const int flags = hex_byte(text.substr(53, 2));
  if (!trace || !parent || flags < 0) return std::nullopt;
  TraceContext context;
  context.trace = *trace;
  context.parent = *parent;
  context.flags = static_cast<uint8_t>(flags & (kFlagSampled | kFlagRandom));
  return context;
}

bool is_lower_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool valid_key(std::string_view key) {
  if (key.empty() || key.size() > kMaxKey || !is_lower_alnum(key[0])) return false;
  for (const char c : key) {
    if (!is_lower_alnum(c) && !(c != '\0' && std::strchr("_-*/@", c))) return false;
  }
  return true;
}

bool valid_value(std::string_view value) {
  if (value.empty() || value.size() > kMaxValue) return false;
  for (const char c : value) {
    if (c < 0x20 || c > 0x7e || c == ',' || c == '=') return false;
  }
  return true;
}

bool valid_member(std::string_view member) {
  const size_t equals = member.find('=');
  return equals != std::string_view::npos && valid_key(member.substr(0, equals)) &&
         valid_value(member.substr(equals + 1));
}

// The non-empty members; empty if any is invalid or there are too many.
std::vector<std::string_view> members_of(std::string_view list) {
  std::vector<std::string_view> members;
  while (!list.empty()) {
    const size_t comma = list.find(',');
    const std::string_view member = strip(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    if (member.empty()) continue;
    if (!valid_member(member) || members.size() == kMaxMembers) return {};
    members.push_back(member);
  }
  return members;
}

size_t joined_size(const std::vector<std::string_view>& members) {
  size_t size = members.empty() ? 0 : members.size() - 1;
  for (const std::string_view member : members) size += member.size();
  return size;
}

// Removes whole members: first the long ones from the end, then any from the end.
void shorten(std::vector<std::string_view>& members) {
  for (size_t i = members.size(); i-- > 0 && joined_size(members) > kMustForward;) {
    if (members[i].size() > kLongMember) members.erase(members.begin() + static_cast<ptrdiff_t>(i));
  }
  while (joined_size(members) > kMustForward) members.pop_back();
}

std::string normalise(std::string_view list) {
  std::vector<std::string_view> members = members_of(list);
  // A single member may be longer than the floor (key and value of 256 each).
  if (members.size() > 1) shorten(members);
  std::string out;
  for (const std::string_view member : members) {
    if (!out.empty()) out += ',';
    out += member;
  }
  return out;
}

}  // namespace

void TraceContextParser::traceparent(std::string_view value) {
  context_ = ++traceparents_ == 1 ? parse_parent(strip(value)) : std::nullopt;
}

void TraceContextParser::tracestate(std::string_view value) {
  if (state_.size() + value.size() > kMaxCollected) {
    state_ = "=";  // an invalid member: the whole list is discarded
    return;
  }
  if (!state_.empty()) state_ += ',';
  state_ += value;
}

std::optional<TraceContext> TraceContextParser::finish() const {
  std::optional<TraceContext> context = context_;
  if (context && !state_.empty()) context->trace_state = normalise(state_);
  return context;
}

}  // namespace weft
