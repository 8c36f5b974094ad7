// SPDX-License-Identifier: Apache-2.0
// A message is known by its first bytes, however they come; a preamble is passed over.
#include "tests/kernel/socket_fixture.h"

namespace weft::kernel {
namespace {

using namespace testing;

constexpr std::string_view kGet = "GET /first HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view kPing = "*1\r\n$4\r\nPING\r\n";
constexpr std::string_view kLine = "PROXY TCP4 192.0.2.7 198.51.100.1 4000 80\r\n";
constexpr int kHttp = 1;
constexpr int kRedis = 3;

class FirstBytes : public SocketFixture {
 protected:
  // Both ends tell the same protocol and bytes.
  void expect(int protocol, std::string_view bytes, std::string_view preamble = "") {
    for (const weft_role role : {WEFT_ROLE_CLIENT, WEFT_ROLE_SERVER}) {
      ASSERT_TRUE(opens.contains(role)) << role;
      EXPECT_EQ(opens[role].protocol, protocol) << role;
      EXPECT_EQ(preambles[role], preamble) << role;
      EXPECT_EQ(requests(role).bytes, bytes) << role;
    }
    EXPECT_EQ(static_cast<uint32_t>(*requests(WEFT_ROLE_CLIENT).begin),
              static_cast<uint32_t>(*requests(WEFT_ROLE_SERVER).begin));
  }
  static std::string version_2(size_t rest) {
    const size_t length = 12 + rest;
    return std::string("\r\n\r\n\0\r\nQUIT\n\x21\x11", 14) + static_cast<char>(length >> 8) +
           static_cast<char>(length) + std::string("\xc0\0\2\7\xc6\x33\x64\1\x0f\xa0\0\x50", 12);
  }
};

TEST_P(FirstBytes, ComeInManySegments) {
  start();
  if (!object_) return;  // skipped
  std::vector<std::string> parts;
  std::string whole(kGet.substr(0, kGet.size() - 2));
  for (int i = 0; i < 200; ++i) whole += "X-" + std::to_string(i) + ": value\r\n";
  whole += "\r\n";
  for (size_t at = 0; at < whole.size(); at += 5) parts.push_back(whole.substr(at, 5));
  run([&](const Pair& pair) { pair.ask_in_segments(parts); });
  expect(kHttp, whole);
  EXPECT_EQ(object_->stats()[WEFT_STAT_SEGMENTS], 0u);
}

TEST_P(FirstBytes, ComeBehindEmptySegments) {
  start();
  if (!object_) return;  // skipped
  const std::string get(kGet);
  run([&](const Pair& pair) {
    pair.ask_in_segments({"", "", get.substr(0, 3), "", get.substr(3)});
  });
  expect(kHttp, kGet);
}

TEST_P(FirstBytes, AreReceivedIntoManyBuffers) {
  start();
  if (!object_) return;  // skipped
  run([](const Pair& pair) {
    (void)!write(pair.client, kGet.data(), kGet.size());
    char buffer[256];
    std::vector<iovec> segments;
    for (size_t i = 0; i < 64; ++i) segments.push_back({buffer + i * 4, i % 2 ? 4u : 0u});
    (void)!readv(pair.server, segments.data(), static_cast<int>(segments.size()));
  });
  expect(kHttp, kGet);
}

TEST_P(FirstBytes, ComeOneByOne) {
  start();
  if (!object_) return;  // skipped
  run([](const Pair& pair) { pair.ask(kPing, 1); });
  expect(kRedis, kPing);
}

TEST_P(FirstBytes, AreKnownByALaterMessage) {
  start();
  if (!object_) return;  // skipped
  run([](const Pair& pair) {
    pair.ask("G");
    pair.answer("?");
    pair.ask(kPing, 3);
  });
  expect(kRedis, kPing);
}

TEST_P(FirstBytes, HaveTheTimeTheyMoved) {
  start();
  if (!object_) return;  // skipped
  run([](const Pair& pair) {
    pair.ask("G");
    usleep(2000);
    pair.ask(kGet.substr(1));
  });
  expect(kHttp, kGet);
  EXPECT_GE(requests(WEFT_ROLE_SERVER).first_age, 2000u);
}

TEST_P(FirstBytes, StandBehindLineEnds) {
  start();
  if (!object_) return;  // skipped
  const std::string get = "\r\n\r\n" + std::string(kGet);
  run([&](const Pair& pair) { pair.ask(get); });
  expect(kHttp, get);
}

TEST_P(FirstBytes, StandBehindAPreamble) {
  start();
  if (!object_) return;  // skipped
  run([](const Pair& pair) { pair.ask(std::string(kLine) + std::string(kGet)); });
  expect(kHttp, kGet, kLine);
}

TEST_P(FirstBytes, StandBehindAPreambleOfItsOwn) {
  start();
  if (!object_) return;  // skipped
  run([](const Pair& pair) {
    pair.ask(kLine);
    pair.ask(kPing);
  });
  expect(kRedis, kPing, kLine);
}

TEST_P(FirstBytes, StandBehindAPreambleThatComesOneByOne) {
  start();
  if (!object_) return;  // skipped
  run([](const Pair& pair) { pair.ask(std::string(kLine) + std::string(kGet), 1); });
  expect(kHttp, kGet, kLine);
}

TEST_P(FirstBytes, StandBehindALongPreamble) {
  start();
  if (!object_) return;  // skipped
  const std::string preamble = version_2(1000);
  run([&](const Pair& pair) {
    pair.ask(preamble + std::string(1000, 'x') + std::string(kGet), 100);
  });
  expect(kHttp, kGet, preamble);
}

TEST_P(FirstBytes, StandBehindAPreambleThatNamesNobody) {
  start();
  if (!object_) return;  // skipped
  const std::string local("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", 16);
  run([&](const Pair& pair) { pair.ask(local + std::string(kGet)); });
  expect(kHttp, kGet, local);
}

TEST_P(FirstBytes, OfWhatOnlyResemblesAPreambleAreTheMessages) {
  start();
  if (!object_) return;  // skipped
  const std::string_view message = "PROXY /first HTTP/1.1\r\nHost: a\r\n\r\n";
  run([&](const Pair& pair) { pair.ask(message, 4); });
  expect(kHttp, message);
}

INSTANTIATE_TEST_SUITE_P(HookTypes, FirstBytes, kHookTypes, hook_type_of);

}  // namespace
}  // namespace weft::kernel
