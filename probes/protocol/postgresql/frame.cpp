// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/postgresql/frame.h"

#include <algorithm>
#include <array>

#include "agent/base/bytes.h"

namespace weft::protocol::postgresql {
namespace {

// A type of message: its possible sizes, and how much of its body a session reads.
struct Kind {
  uint32_t min_body = 0;
  uint32_t max_body = 0;  // 0 with min_body 0: exactly none
  uint32_t keep = 0;
  bool known = false;
};

constexpr uint32_t kText = 16384;  // what the kernel captures of a request
constexpr uint32_t kNames = 512;   // two names of NAMEDATALEN (64), with room
constexpr uint32_t kFields = 128;  // of an error: severity twice, then the code
constexpr uint32_t kTag = 64;      // COMPLETION_TAG_BUFSIZE
constexpr uint32_t kSetting = 64;  // of a parameter's name and value

constexpr Kind kind(uint32_t min_body, uint32_t max_body, uint32_t keep = 0) {
  return {min_body, max_body, keep, true};
}

constexpr Kind frontend(char type) {
  switch (type) {
    case 'Q':
      return kind(1, kMaxMessage, kText);
    case 'P':
      return kind(4, kMaxMessage, kText);
    case 'B':
      return kind(8, kMaxMessage, kNames);
    case 'E':
      return kind(5, kMaxStartup, kNames);
    case 'C':
    case 'D':
      return kind(2, kMaxStartup, kNames);
    case 'F':
      return kind(10, kMaxMessage);
    case 'd':
      return kind(0, kMaxMessage);
    case 'f':
      return kind(1, kMaxStartup);
    case 'p':
      return kind(0, 65535);  // PG_MAX_AUTH_TOKEN_LENGTH
    case 'S':
    case 'H':
    case 'X':
    case 'c':
      return kind(0, 0);
    default:
      return {};
  }
}

constexpr Kind backend(char type) {
  switch (type) {
    case 'C':
      return kind(1, kTag, kTag);
    case 'D':
      return kind(2, kMaxMessage);
    case 'E':
      return kind(1, kMaxMessage, kFields);
    case 'N':
      return kind(1, kMaxMessage);
    case 'T':
    case 't':
      return kind(2, kMaxMessage);
    case 'd':
      return kind(0, kMaxMessage);
    case 'G':
    case 'H':
    case 'W':
      return kind(3, kMaxStartup);
    case 'V':
      return kind(4, kMaxMessage);
    case 'R':
      return kind(4, 65535);
    case 'K':
      return kind(8, 260);  // 3.2: a secret of up to 256 bytes
    case 'S':
      return kind(2, kMaxMessage, kSetting);
    case 'A':
      return kind(6, kMaxStartup);
    case 'v':
      return kind(8, kMaxStartup);
    case 'Z':
      return kind(1, 1, 1);
    case '1':
    case '2':
    case '3':
    case 'c':
    case 'n':
    case 's':
    case 'I':
      return kind(0, 0);
    default:
      return {};
  }
}

// By type, as a table: it is looked up for every message, and branches would be unpredictable.
using Kinds = std::array<Kind, 256>;

constexpr Kinds kinds(Kind (*of)(char)) {
  Kinds out{};
  for (size_t i = 0; i < out.size(); ++i) out[i] = of(static_cast<char>(i));
  out[static_cast<unsigned char>(kStartup)] = kind(4, kMaxStartup, kMaxStartup);
  return out;
}

constexpr Kinds kFrontend = kinds(frontend);
constexpr Kinds kBackend = kinds(backend);

const Kind& kind_of(Direction direction, char type) {
  const Kinds& all = direction == Direction::kRequest ? kFrontend : kBackend;
  return all[static_cast<unsigned char>(type)];
}

// Version 3, or a request that has 1234 instead of the major version.
std::optional<Header> parse_startup(std::string_view bytes) {
  ByteReader reader(bytes);
  const uint32_t size = reader.be32();
  const uint16_t major = reader.be16();
  if (size < 8 || size > kMaxStartup) return std::nullopt;
  if (reader.ok() && major != 3 && major != 1234) return std::nullopt;
  return Header{kStartup, 4, size - 4};
}

}  // namespace

std::optional<Header> parse_header(Direction direction, std::string_view bytes) {
  if (bytes.size() < kHeaderSize) return std::nullopt;
  if (bytes[0] == kStartup) {
    return direction == Direction::kRequest ? parse_startup(bytes) : std::nullopt;
  }
  const Kind& kind = kind_of(direction, bytes[0]);
  const uint32_t size = ByteReader(bytes.substr(1)).be32();
  if (!kind.known || size < 4 || size - 4 < kind.min_body || size - 4 > kind.max_body) {
    return std::nullopt;
  }
  return Header{bytes[0], kHeaderSize, size - 4};
}

bool chain_fits(Direction direction, std::string_view bytes) {
  if (bytes.size() < kHeaderSize) return false;
  while (bytes.size() >= kHeaderSize) {
    const std::optional<Header> header = parse_header(direction, bytes);
    if (!header) return false;
    bytes.remove_prefix(std::min<size_t>(bytes.size(), header->header + header->body));
  }
  return bytes.empty() || kind_of(direction, bytes[0]).known;
}

std::optional<std::string_view> take_string(std::string_view& rest) {
  const size_t end = rest.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view text = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return text;
}

MessageReader::Step MessageReader::read(std::string_view& bytes) {
  if (!inside_) {
    if (bytes.size() < kHeaderSize) return Step::kNeedMore;
    const std::optional<Header> header = parse_header(direction_, bytes);
    if (!header) return Step::kBroken;
    header_ = *header;
    left_ = header->body;
    inside_ = true;
    holed_ = false;
    body_ = {};
    kept_.clear();
    bytes.remove_prefix(header->header);
  }
  const std::string_view shown = bytes.substr(0, left_);
  bytes.remove_prefix(shown.size());
  take_body(shown);
  if (left_ > 0) return Step::kPart;
  complete();
  return Step::kComplete;
}

// A body that is complete in these bytes is not copied.
void MessageReader::take_body(std::string_view shown) {
  const size_t limit = kind_of(direction_, header_.type).keep;
  if (shown.size() == header_.body) {
    body_ = shown.substr(0, limit);
  } else if (!holed_ && kept_.size() < limit) {
    kept_ += shown.substr(0, limit - kept_.size());
  }
  left_ -= static_cast<uint32_t>(shown.size());
}

uint64_t MessageReader::skip(uint64_t n, bool& complete_now) {
  complete_now = false;
  if (!inside_) return 0;
  const uint64_t skipped = std::min<uint64_t>(n, left_);
  left_ -= static_cast<uint32_t>(skipped);
  holed_ = true;
  complete_now = left_ == 0;
  if (complete_now) complete();
  return skipped;
}

void MessageReader::complete() {
  inside_ = false;
  if (!kept_.empty()) body_ = kept_;
}

void MessageReader::reset() {
  inside_ = false;
  kept_ = {};
  body_ = {};
}

}  // namespace weft::protocol::postgresql
