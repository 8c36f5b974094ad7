// SPDX-License-Identifier: Apache-2.0
// What the kernel side relies on of every sniffer (bpf/abi/weft_sniff.h), on the messages of
// the fuzzers' seeds: shown a message piece by piece it never says no, nor the wrong side.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "agent/port/protocol.h"
#include "bpf/abi/weft_sniff.h"

namespace weft {
namespace {

// From a heap block of exactly n bytes, so that a sanitizer sees a read past the end.
int sniff(const Protocol& protocol, std::string_view bytes) {
  const auto copy = std::make_unique<unsigned char[]>(bytes.size());
  std::ranges::copy(bytes, copy.get());
  return protocol.sniff(copy.get(), static_cast<unsigned>(bytes.size()));
}

// The payloads of a seed: see session_fuzz.cpp.
void add_payloads(std::string_view script, std::vector<std::string>& out) {
  script.remove_prefix(std::min<size_t>(1, script.size()));
  while (script.size() >= 3) {
    const unsigned opcode = static_cast<unsigned char>(script[0]) % 8;
    const size_t length =
        static_cast<unsigned char>(script[1]) | static_cast<unsigned char>(script[2]) << 8;
    script.remove_prefix(3);
    if (opcode >= 4) continue;
    out.emplace_back(script.substr(0, length));
    script.remove_prefix(std::min(length, script.size()));
  }
}

// Empty for a protocol that has no seeds yet.
std::vector<std::string> messages(const Protocol& protocol) {
  const std::filesystem::path folder =
      std::filesystem::path(WEFT_CORPUS) / std::string(protocol.name);
  std::vector<std::string> out;
  if (!std::filesystem::exists(folder)) return out;
  for (const auto& seed : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(seed.path(), std::ios::binary);
    const std::string script{std::istreambuf_iterator<char>(file), {}};
    add_payloads(script, out);
  }
  return out;
}

// True if the sniffer takes it for the beginning of a message.
bool accepted(const Protocol& protocol, std::string_view message) {
  message = message.substr(0, WEFT_SNIFF_LEN);
  const int status = sniff(protocol, message);
  if (status != WEFT_SNIFF_REQUEST && status != WEFT_SNIFF_RESPONSE) return false;
  for (size_t n = 0; n < message.size(); ++n) {
    const int earlier = sniff(protocol, message.substr(0, n));
    EXPECT_TRUE(earlier == WEFT_SNIFF_MAYBE || earlier == status)
        << protocol.name << " says " << earlier << " of the first " << n << " bytes of "
        << testing::PrintToString(message) << ", then " << status;
  }
  return true;
}

TEST(Sniffers, AreSurerOfEveryLongerBeginning) {
  for (const Protocol& protocol : protocols()) {
    const auto all = messages(protocol);
    if (all.empty()) continue;
    EXPECT_GE(std::ranges::count_if(all, [&](auto& m) { return accepted(protocol, m); }), 5)
        << protocol.name;
  }
}

// Bytes near those of messages: what is still accepted was so all along.
TEST(Sniffers, AreSurerOfEveryLongerBeginningOfWhatResemblesMessages) {
  std::mt19937 random(11);
  for (const Protocol& protocol : protocols()) {
    const auto all = messages(protocol);
    if (all.empty()) continue;
    int passed = 0;
    for (int round = 0; round < 20000; ++round) {
      std::string bytes = all[random() % all.size()].substr(0, WEFT_SNIFF_LEN);
      if (bytes.empty()) continue;
      bytes[random() % bytes.size()] = static_cast<char>(random());
      passed += accepted(protocol, bytes);
      if (testing::Test::HasFailure()) return;
    }
    EXPECT_GE(passed, 100) << protocol.name;
  }
}

TEST(Sniffers, SayMaybeOfNothing) {
  for (const Protocol& protocol : protocols()) {
    EXPECT_EQ(sniff(protocol, ""), WEFT_SNIFF_MAYBE) << protocol.name;
  }
}

}  // namespace
}  // namespace weft
