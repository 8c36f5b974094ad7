// SPDX-License-Identifier: Apache-2.0
// A session of frames that pairs by key, at every byte of a conversation.
#include "tests/support/framed_protocol.h"
#include "tests/support/session_torture.h"

namespace weft {
namespace {

using test::frame;
using test::kFramed;
using test::Told;

constexpr auto kRequest = Direction::kRequest;
constexpr auto kResponse = Direction::kResponse;

// Each answer's payload is its request's name.
const test::Conversation kConversation = {
    {kRequest, frame('Q', 1, "one") + frame('Q', 2, "two") + frame('P', 0, "publish")},
    {kResponse, frame('A', 2, "two")},
    {kRequest, frame('Q', 3, "three") + frame('Q', 4, std::string(90, 'f'))},
    {kResponse, frame('E', 4, std::string(90, 'f')) + frame('D', 0, "message")},
    {kResponse, frame('A', 1, "one") + frame('A', 3, "three")},
    {kRequest, frame('Q', 2, "again") + frame('Q', 5, "")},
    {kResponse, frame('A', 5, "") + frame('A', 2, "again")},
    {kRequest, frame('Q', 6, "last")},
    {kResponse, frame('A', 6, "last")},
};
const test::Conversation kUpgrade = {
    {kRequest, frame('Q', 1, "one") + frame('U', 0)},
    {kResponse, frame('A', 1, "one") + frame('U', 0) + "lines\nfollow\n"},
};

std::string pair(const Told& told) {
  return told.outcome.name + "/" + std::string(told.outcome.attributes.text(semconv::kDbQueryText));
}
bool is_right(const Told& told) {
  const std::string_view answer = told.outcome.attributes.text(semconv::kDbQueryText);
  const bool unanswered = !told.outcome.attributes.find(semconv::kDbQueryText);
  return unanswered || answer == told.outcome.name;
}

TEST(FramedTorture, EverySplit) {
  test::every_split(kFramed, kConversation);
}

TEST(FramedTorture, EveryEnd) {
  test::no_end_invents(kFramed, kConversation, pair);
}

TEST(FramedTorture, EveryHoleLeavesNoWrongPair) {
  test::every_hole(kFramed, kConversation, [](const test::SessionDriver& d, size_t behind) {
    for (const Told& told : d.ended()) {
      EXPECT_TRUE(is_right(told)) << pair(told);
      EXPECT_NE(told.outcome.error_type, "connection_closed")
          << "its answer was missed, not absent";
    }
    // Two parts on, the last exchange is whole again.
    if (behind >= 2) {
      EXPECT_THAT(d.ended(), testing::Contains(testing::ResultOf(pair, "last/last")));
    }
  });
}

TEST(FramedTorture, MutationsLeaveNothingOpen) {
  const test::Conversation all[] = {kConversation, kUpgrade};
  test::mutations(kFramed, all, std::string_view("QAEPDU\0\1\2", 9), 4000);
}

// More than may be open: the oldest make room, and the rest is paired.
TEST(FramedTorture, OpenRequestsAreBounded) {
  constexpr size_t kMost = test::FramedSession::kMaxOpen;
  test::SessionDriver d(kFramed);
  for (uint16_t key = 0; key < 3 * kMost; ++key) d.request(frame('Q', key, std::to_string(key)));
  EXPECT_EQ(d.open(), kMost);
  EXPECT_EQ(d.abandoned(), 2 * kMost);
  for (uint16_t key = 0; key < 3 * kMost; ++key) d.response(frame('A', key, std::to_string(key)));
  EXPECT_EQ(d.ended().size(), kMost);
  for (const Told& told : d.ended()) EXPECT_TRUE(is_right(told));
}

TEST(FramedTorture, AHandOverEndsTheReading) {
  test::SessionDriver d(kFramed);
  test::play(d, kUpgrade);
  EXPECT_EQ(d.over(), ParseStatus::kHandOver);
  EXPECT_EQ(d.session().next_protocol(), "lines");
  EXPECT_EQ(d.only().outcome.name, "one");
}

}  // namespace
}  // namespace weft
