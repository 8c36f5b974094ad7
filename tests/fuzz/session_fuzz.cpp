// SPDX-License-Identifier: Apache-2.0
// Any protocol through the common interface; WEFT_FUZZ_PROTOCOL names it. The input is a
// script of a connection's life:
//
//   first byte           bit 0 client, bit 1 encrypted, bit 2 joined late, bit 3 headers
//                        captured
//   then records         opcode, length (2 bytes, little endian), payload
//     0x00 / 0x01        bytes of the request / response direction: payload
//     0x02 / 0x03        the same, byte by byte
//     0x04 / 0x05        a hole of `length` bytes
//     0x06 / 0x07        the direction closes; length modulo 3: how
//     0x08 / 0x09        bytes whose record is lost: payload
//
// Opcodes are taken modulo 10. What the driver requires of a session must hold, the
// sniffer must not read past its bytes, and redaction must keep the length.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "bpf/abi/weft_sniff.h"
#include "tests/support/session_driver.h"

namespace weft {
namespace {

const Protocol& protocol_under_test() {
  for (const Protocol& protocol : protocols()) {
    if (protocol.name == WEFT_FUZZ_PROTOCOL) return protocol;
  }
  std::abort();
}

std::shared_ptr<const CaptureOptions> captures() {
  static const auto kOptions = [] {
    auto options = std::make_shared<CaptureOptions>();
    options->request_headers = {"host", "x-a"};
    options->response_headers = {"content-type"};
    options->sensitive_query_keys = {"sig"};
    return options;
  }();
  return kOptions;
}

SessionOptions options_from(uint8_t bits) {
  SessionOptions options;
  options.role = bits & 1 ? Role::kClient : Role::kServer;
  options.encrypted = (bits & 2) != 0;
  if (bits & 8) options.capture = captures();
  options.remote_address = "192.0.2.1";
  options.remote_port = 80;
  return options;
}

void check_pure_parts(const Protocol& protocol, std::string_view bytes) {
  const std::vector<unsigned char> exact(
      bytes.begin(), bytes.begin() + std::min<ptrdiff_t>(ssize(bytes), WEFT_SNIFF_LEN));
  const int result = protocol.sniff(exact.data(), static_cast<unsigned>(exact.size()));
  test::require(result >= WEFT_SNIFF_NO && result <= WEFT_SNIFF_RESPONSE, "a result of the list");
  for (unsigned n = 0; result > WEFT_SNIFF_MAYBE && n < exact.size(); ++n) {
    const int earlier = protocol.sniff(exact.data(), n);
    test::require(earlier == WEFT_SNIFF_MAYBE || earlier == result,
                  "surer of every longer beginning");
  }
  if (!protocol.redact) return;
  std::vector<char> payload(bytes.begin(), bytes.end());
  protocol.redact(payload);
  std::vector<char> again = payload;
  protocol.redact(again);
  test::require(payload == again, "redaction is final");
}

void play(const Protocol& protocol, uint8_t bits, std::string_view script) {
  test::SessionDriver driver(protocol, options_from(bits));
  if (bits & 4) driver.joined_late();
  while (script.size() >= 3) {
    const unsigned opcode = static_cast<unsigned char>(script[0]) % 10;
    const size_t length = static_cast<unsigned char>(script[1]) |
                          static_cast<size_t>(static_cast<unsigned char>(script[2])) << 8;
    const Direction direction = opcode % 2 ? Direction::kResponse : Direction::kRequest;
    script.remove_prefix(3);
    if (opcode == 6 || opcode == 7) {
      driver.close(direction, static_cast<CloseReason>(length % 3));
    } else if (opcode == 4 || opcode == 5) {
      driver.gap(direction, length);
    } else {
      const std::string_view payload = script.substr(0, length);
      script.remove_prefix(payload.size());
      check_pure_parts(protocol, payload);
      if (payload.empty()) continue;
      if (opcode >= 8) {
        driver.lose(direction, payload);
      } else {
        driver.bytes(direction, payload, opcode >= 2 ? 1 : SIZE_MAX);
      }
    }
  }
  driver.finish();
}

}  // namespace
}  // namespace weft

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const weft::Protocol& protocol = weft::protocol_under_test();
  if (size == 0) return 0;
  weft::play(protocol, data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
