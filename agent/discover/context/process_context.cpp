// SPDX-License-Identifier: Apache-2.0
#include "agent/discover/context/process_context.h"

#include <cstring>
#include <vector>

#include "agent/discover/context/mappings.h"

namespace weft {
namespace {

constexpr std::string_view kSignature = "OTEL_CTX";
constexpr uint32_t kVersion = 2;
constexpr uint32_t kMaxPayload = 64 << 10;  // publishers' are a few KiB
constexpr int kAttempts = 3;                // retries while it is being changed; then left for the
                                            // next call

struct Header {
  char signature[8];
  uint32_t version;
  uint32_t size;
  uint64_t published;
  uint64_t payload;
};
static_assert(sizeof(Header) == 32);

std::optional<Header> read_header(ProcessMemory& process, uint64_t address) {
  Header header;
  if (!process.read(address, {reinterpret_cast<char*>(&header), sizeof header})) return {};
  const bool ours = std::string_view(header.signature, sizeof header.signature) == kSignature;
  if (!ours || header.version != kVersion) return {};
  return header;
}

// Empty: not readable.
std::string read_payload(ProcessMemory& process, const Header& header, std::string_view maps) {
  if (header.size > kMaxPayload || !is_plain_memory(maps, header.payload, header.size)) return {};
  std::string payload(header.size, '\0');
  return process.read(header.payload, payload) ? payload : std::string();
}

// A payload that cannot be decoded gives a context without attributes, so that it is not tried
// again.
ProcessContextPtr decoded(uint64_t address, uint64_t published, std::string_view payload) {
  auto context = std::make_shared<ProcessContext>();
  context->address = address;
  context->published = published;
  if (auto attributes = decode_context(payload)) context->attributes = std::move(*attributes);
  return context;
}

// A consistent snapshot; null: none, or it changes all the time.
ProcessContextPtr read_at(ProcessMemory& process, uint64_t address, std::string_view maps) {
  for (int i = 0; i < kAttempts; ++i) {
    const auto header = read_header(process, address);
    if (!header) return nullptr;
    if (header->published == 0) continue;
    const std::string payload = read_payload(process, *header, maps);
    const auto after = read_header(process, address);
    if (after && after->published == header->published)
      return decoded(address, header->published, payload);
  }
  return nullptr;
}

}  // namespace

ProcessContextPtr read_context(ProcessMemory& process, const ProcessContextPtr& known) {
  if (known) {
    const auto header = read_header(process, known->address);
    if (!header || header->published == 0 || header->published == known->published) return known;
  }
  const std::string maps = process.maps();
  for (const uint64_t address : known ? std::vector{known->address} : context_mappings(maps)) {
    if (ProcessContextPtr found = read_at(process, address, maps)) return found;
  }
  return known;
}

}  // namespace weft
