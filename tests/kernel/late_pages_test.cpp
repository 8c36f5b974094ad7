// SPDX-License-Identifier: Apache-2.0
// Sends from pages that the process never accessed, so that no program can read them before the
// send itself has: what is told is what is told of any send.
#include <sys/mman.h>

#include "tests/kernel/socket_fixture.h"

namespace weft::kernel {
namespace {

using namespace testing;

const std::string kGet = "GET /late HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
constexpr size_t kPage = 4096;

// A mapping of the text that nothing has read.
std::string_view untouched(std::string_view text) {
  const int file = memfd_create("text", 0);
  (void)!write(file, text.data(), text.size());
  void* at = mmap(nullptr, text.size(), PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
  return {static_cast<const char*>(at), text.size()};
}

// The same, of which the first page was written to, which does not map its neighbours.
std::string_view half_touched(std::string_view text) {
  const std::string_view pages = untouched(text);
  *const_cast<volatile char*>(pages.data()) = text[0];
  return pages;
}

std::string times(int n, const std::string& text) {
  std::string out;
  while (n-- > 0) out += text;
  return out;
}

class LatePages : public SocketFixture {
 protected:
  void push(const Event& event) override {
    SocketFixture::push(event);
    if (event.head->type == WEFT_EV_DATA) told_.push_back(event.as<weft_ev_data>());
  }
  // Records of one direction that begin a message, as the end with this role told them.
  std::vector<weft_ev_data> messages(weft_role role, weft_dir dir) const {
    std::vector<weft_ev_data> out;
    for (const weft_ev_data& data : told_) {
      if (data.conn != opens.at(role).conn || data.dir != dir) continue;
      if (data.flags & WEFT_DATA_DIR_CHANGE) out.push_back(data);
    }
    return out;
  }
  const std::vector<weft_ev_data>& told() const { return told_; }

 private:
  std::vector<weft_ev_data> told_;
};

TEST_P(LatePages, AreToldAsAnySendIs) {
  start();
  if (!object_) return;  // skipped
  run([](const Pair& pair) {
    for (int i = 0; i < 3; ++i) {
      pair.ask(i == 1 ? untouched(kGet) : std::string_view(kGet));
      pair.answer(i == 1 ? untouched(kOk) : std::string_view(kOk));
    }
  });
  for (const weft_role role : {WEFT_ROLE_SERVER, WEFT_ROLE_CLIENT}) {
    EXPECT_EQ(requests(role).bytes, times(3, kGet));
    EXPECT_EQ(responses(role).bytes, times(3, kOk));
  }
  const auto asked = messages(WEFT_ROLE_CLIENT, WEFT_DIR_TX);
  const auto heard = messages(WEFT_ROLE_CLIENT, WEFT_DIR_RX);
  const auto received = messages(WEFT_ROLE_SERVER, WEFT_DIR_RX);
  const auto answered = messages(WEFT_ROLE_SERVER, WEFT_DIR_TX);
  for (const auto* all : {&asked, &heard, &received, &answered}) ASSERT_EQ(all->size(), 3u);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(asked[i].exchange_id, heard[i].exchange_id);
    EXPECT_EQ(received[i].exchange_id, answered[i].exchange_id);
    EXPECT_TRUE(i == 0 || asked[i].exchange_id != asked[i - 1].exchange_id);
  }
  EXPECT_EQ(object_->stats()[WEFT_STAT_FAULT], 0u);
}

TEST_P(LatePages, OfTheFirstMessageToo) {
  start();
  if (!object_) return;  // skipped
  run([](const Pair& pair) {
    pair.ask(untouched(kGet));
    pair.answer(untouched(kOk));
  });
  EXPECT_EQ(requests(WEFT_ROLE_CLIENT).bytes, kGet);
  EXPECT_EQ(responses(WEFT_ROLE_SERVER).bytes, kOk);
  EXPECT_EQ(object_->stats()[WEFT_STAT_FAULT], 0u);
}

// The first byte can be read, the others cannot.
TEST_P(LatePages, BehindOneThatWasAccessed) {
  start();
  if (!object_) return;  // skipped
  const std::string head = "GET /" + std::string(2 * kPage, 'x') + " HTTP/1.1\r\n\r\n";
  run([&](const Pair& pair) {
    pair.ask(kGet);
    pair.answer(kOk);
    pair.ask(half_touched(head));
    pair.answer(kOk);
    pair.ask(kGet);
  });
  EXPECT_EQ(requests(WEFT_ROLE_CLIENT).bytes, kGet + head + kGet);
  EXPECT_EQ(requests(WEFT_ROLE_SERVER).bytes, kGet + head + kGet);
  EXPECT_EQ(object_->stats()[WEFT_STAT_FAULT], 0u);
}

TEST_P(LatePages, OfALaterSegment) {
  start();
  if (!object_) return;  // skipped
  const std::string first = "GET /" + std::string(500, 'x'), second = std::string(500, 'y'),
                    third = " HTTP/1.1\r\n\r\n";
  run([&](const Pair& pair) {
    pair.ask(kGet);
    pair.answer(kOk);
    const std::string_view late = untouched(second);
    iovec parts[] = {{const_cast<char*>(first.data()), first.size()},
                     {const_cast<char*>(late.data()), late.size()},
                     {const_cast<char*>(third.data()), third.size()}};
    (void)!writev(pair.client, parts, 3);
    Pair::take(pair.server, first.size() + second.size() + third.size());
    pair.answer(kOk);
  });
  EXPECT_EQ(requests(WEFT_ROLE_CLIENT).bytes, kGet + first + second + third);
  EXPECT_EQ(responses(WEFT_ROLE_CLIENT).bytes, kOk + kOk);
  EXPECT_EQ(object_->stats()[WEFT_STAT_FAULT], 0u);
}

// Nothing is sent, so nothing has happened.
TEST_P(LatePages, ThatAreNotThere) {
  start();
  if (!object_) return;  // skipped
  run([](const Pair& pair) {
    pair.ask(kGet);
    const char* nowhere = untouched(kOk).data();
    munmap(const_cast<char*>(nowhere), kPage);
    if (write(pair.server, nowhere, kOk.size()) >= 0) _exit(20);
    pair.answer(kOk);
    if (write(pair.client, nowhere, kGet.size()) >= 0) _exit(21);
    pair.answer(kOk);
    pair.ask(kGet);
  });
  EXPECT_EQ(requests(WEFT_ROLE_CLIENT).bytes, kGet + kGet);
  EXPECT_EQ(responses(WEFT_ROLE_SERVER).bytes, kOk + kOk);
  const auto answered = messages(WEFT_ROLE_SERVER, WEFT_DIR_TX);
  ASSERT_EQ(answered.size(), 1u);
  EXPECT_EQ(answered[0].exchange_id, messages(WEFT_ROLE_SERVER, WEFT_DIR_RX).at(0).exchange_id);
  const auto asked = messages(WEFT_ROLE_CLIENT, WEFT_DIR_TX);
  ASSERT_EQ(asked.size(), 2u);
  for (const weft_ev_data& data : told()) {
    if (data.conn != opens.at(WEFT_ROLE_CLIENT).conn || data.dir != WEFT_DIR_RX) continue;
    EXPECT_EQ(data.exchange_id, asked[0].exchange_id) << "both answer the first request";
  }
}

INSTANTIATE_TEST_SUITE_P(HookTypes, LatePages, kHookTypes, hook_type_of);

}  // namespace
}  // namespace weft::kernel
