// SPDX-License-Identifier: Apache-2.0
// Calls that are put aside and go on.
#include <gmock/gmock.h>

#include "tests/kernel/probes_fixture.h"

namespace weft::kernel {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;
using namespace testing;

// As sqlite3_step: 100 says "there is more", the statement is the key.
class ResumedTest : public ProbesTest {
 protected:
  static constexpr uint64_t kMore = 100;
  void SetUp() override {
    ProbesTest::SetUp();
    if (!object_ || IsSkipped()) return;
    weft_probe wanted = spec();
    wanted.keyed = 2;  // the second argument
    wanted.resumes = 1;
    wanted.result_mask = UINT64_MAX;
    wanted.resume_value = kMore;
    attach_call(&weft_test_call, wanted);
    wanted.keyed = 1;
    attach(&weft_test_end, wanted, WEFT_PROBE_FINISH);
  }
};
Pointee one{};
Pointee other{};

TEST_F(ResumedTest, ACallThatIsResumedIsOne) {
  ASSERT_EQ(run([] {
              call(kMore, &one, nullptr, nullptr);
              call(kMore, &one, nullptr, nullptr);
              call(1, &one, nullptr, nullptr);
              call(2, &one, nullptr, nullptr);
              return 0;
            }),
            0);
  ASSERT_THAT(results(), ElementsAre(1u, 2u));
  EXPECT_LT(probes[0].h.time, probes[1].start) << "the next is another";
}

TEST_F(ResumedTest, ObjectsAreKeptApart) {
  ASSERT_EQ(run([] {
              call(kMore, &one, nullptr, nullptr);
              call(7, &other, nullptr, nullptr);
              call(8, &one, nullptr, nullptr);
              return 0;
            }),
            0);
  ASSERT_THAT(results(), ElementsAre(7u, 8u));
  EXPECT_LT(probes[1].start, probes[0].start) << "from its first call on";
}

TEST_F(ResumedTest, AnotherFunctionMayEndIt) {
  ASSERT_EQ(run([] {
              end(&one);
              call(kMore, &one, nullptr, nullptr);
              end(&other);
              end(&one);
              end(&one);
              return 0;
            }),
            0);
  ASSERT_THAT(probes, SizeIs(1));
  EXPECT_TRUE(probes[0].flags & WEFT_PROBE_INTERRUPTED);
  EXPECT_LT(probes[0].start, probes[0].h.time);
}

}  // namespace
}  // namespace weft::kernel
