// SPDX-License-Identifier: Apache-2.0
// Functions of this very program, probed as an engine's would be, called by a child.
#include <algorithm>
#include <cinttypes>
#include <fcntl.h>
#include <fstream>
#include <gmock/gmock.h>
#include <optional>

#include "agent/discover/proc/temp_tree.h"
#include "tests/kernel/kernel_fixture.h"

struct Pointee {
  uint32_t before;
  uint32_t number;
  const Pointee* next;
};
uint64_t weft_test_global = 0;

// Does what it is told to inside, and returns its first argument.
extern "C" [[gnu::noinline]] uint64_t weft_test_call(uint64_t result, const Pointee* object,
                                                     const char* text, void (*inside)()) {
  if (inside) inside();
  asm volatile("" : : "r"(object), "r"(text) : "memory");
  return result;
}
extern "C" [[gnu::noinline]] uint64_t weft_test_wait(uint64_t result) {
  asm volatile("" : : : "memory");
  return result;
}
extern "C" [[gnu::noinline]] void weft_test_end(const Pointee* object) {
  asm volatile("" : : "r"(object) : "memory");
}

namespace weft::kernel {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Through pointers that no compiler looks through.
uint64_t (*volatile call)(uint64_t, const Pointee*, const char*, void (*)()) = weft_test_call;
uint64_t (*volatile wait)(uint64_t) = weft_test_wait;
void (*volatile end)(const Pointee*) = weft_test_end;

// Where in its file an address of this process is.
std::optional<uint64_t> file_offset(uint64_t address) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    uint64_t from = 0, to = 0, offset = 0;
    if (std::sscanf(line.c_str(), "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64, &from, &to, &offset) != 3)
      continue;
    if (address >= from && address < to) return address - from + offset;
  }
  return std::nullopt;
}

template <class Function>
uint64_t address_of(Function* function) {
  return reinterpret_cast<uint64_t>(function);
}

// add: to the base; then after each pointer that is followed.
weft_fetch fetch(weft_fetch_from from, uint8_t index, uint8_t size,
                 std::initializer_list<int64_t> add) {
  weft_fetch out{};
  out.from = from;
  out.index = index;
  out.size = size;
  out.steps = static_cast<uint8_t>(add.size() - 1);
  std::copy(add.begin(), add.end(), out.add);
  return out;
}

weft_fetch argument(uint8_t index, uint8_t size = 0, std::initializer_list<int64_t> add = {0}) {
  return fetch(WEFT_FETCH_ARG, index, size, add);
}

constexpr uint8_t kEngine = 77;
constexpr uint8_t kNumber = 5;

class SitesTest : public testing::KernelFixture {
 protected:
  SitesTest() : KernelFixture("engine calls") {}

  static weft_site site() {
    weft_site out{};
    out.call = 1;
    out.engine = kEngine;
    out.number = kNumber;
    return out;
  }
  template <class Function>
  uint32_t attach(Function* function, weft_site site, weft_site_kind kind) {
    site.kind = kind;
    SiteProbe probe{.binary = "/proc/self/exe",
                    .offset = file_offset(address_of(function)).value_or(0),
                    .site = site};
    const Result<uint32_t> number = object_->probes().attach(probe);
    EXPECT_TRUE(number) << number.error().message;
    return number.value_or(0);
  }
  template <class Function>
  void attach_call(Function* function, const weft_site& site) {
    attach(function, site, WEFT_SITE_ENTER);
    attach(function, site, WEFT_SITE_RETURN);
  }
  std::vector<uint64_t> results() const {
    std::vector<uint64_t> out;
    for (const weft_ev_site& site : sites) out.push_back(site.result);
    return out;
  }
};

TEST_F(SitesTest, ACallIsToldWithWhatWasToBeRead) {
  static Pointee second{1, 22, nullptr};
  static Pointee first{1, 11, &second};
  static const std::string text = "COMMIT";  // in memory: nothing is paged in for a probe
  weft_site wanted = site();
  wanted.value[0] = argument(0);
  wanted.value[1] = argument(1, 4, {4});
  wanted.value[2] = argument(1, 4, {8, 4});
  wanted.value[3] = fetch(WEFT_FETCH_RETURN, 0, 0, {0});
  const uint64_t distance = address_of(&weft_test_global) - address_of(&weft_test_call);
  wanted.value[4] = fetch(WEFT_FETCH_CODE, 0, 8, {static_cast<int64_t>(distance)});
  wanted.value[5] = argument(1, 4, {8, 8, 4});
  wanted.value[7] = argument(1, 1, {4});
  wanted.absent = 1 << 6;
  wanted.text = argument(2);
  attach_call(&weft_test_call, wanted);
  ASSERT_EQ(run([] {
              weft_test_global = 4242;
              return call(17, &first, text.c_str(), nullptr) == 17 ? 0 : 1;
            }),
            0);
  ASSERT_THAT(sites, SizeIs(1));
  const weft_ev_site& told = sites[0];
  EXPECT_LT(told.start, told.h.time);
  EXPECT_EQ(told.h.tid, static_cast<uint32_t>(child_));
  EXPECT_EQ(told.engine, kEngine);
  EXPECT_EQ(told.number, kNumber);
  EXPECT_EQ(told.result, 17u);
  EXPECT_THAT(told.value, ElementsAre(17, 11, 22, 17, 4242, 0, 0, 11));
  EXPECT_EQ(told.missing, 1u << 5 | 1u << 6) << "a null pointer, and what the build lacks";
  EXPECT_EQ(texts[0], "COMMIT");
  EXPECT_EQ(told.flags & (WEFT_SITE_BUSY | WEFT_SITE_CUT), 0);
}

TEST_F(SitesTest, ALongTextIsCut) {
  weft_site wanted = site();
  wanted.text = argument(2);
  attach_call(&weft_test_call, wanted);
  static const std::string text(200, 'x');
  ASSERT_EQ(run([] { return static_cast<int>(call(0, nullptr, text.c_str(), nullptr)); }), 0);
  EXPECT_THAT(texts, ElementsAre(text.substr(0, WEFT_SITE_TEXT - 1)));
}

TEST_F(SitesTest, ALongTextIsReadWhenTheCallIsTold) {
  weft_site wanted = site();
  wanted.text = argument(2);
  wanted.long_text = 1;
  attach_call(&weft_test_call, wanted);
  static const std::string text(200, 'x');
  static const std::string longest(2 * WEFT_SITE_LONG_TEXT, 'y');
  ASSERT_EQ(run([] {
              call(0, nullptr, "", nullptr);
              call(0, nullptr, text.c_str(), nullptr);
              return static_cast<int>(call(0, nullptr, longest.c_str(), nullptr));
            }),
            0);
  EXPECT_THAT(texts, ElementsAre("", text, longest.substr(0, WEFT_SITE_LONG_TEXT - 1)));
}

TEST_F(SitesTest, OnlyWithTheValue) {
  weft_site wanted = site();
  wanted.value[3] = argument(0);
  wanted.only = WEFT_ONLY_VALUE;
  wanted.only_index = 3;
  wanted.only_value = 4;
  attach_call(&weft_test_call, wanted);
  ASSERT_EQ(run([] {
              for (uint64_t i = 0; i < 8; ++i) call(i, nullptr, nullptr, nullptr);
              return 0;
            }),
            0);
  EXPECT_THAT(results(), ElementsAre(4u));
}

TEST_F(SitesTest, APointIsToldAtOnce) {
  weft_site wanted = site();
  wanted.value[0] = argument(0);
  const uint32_t number = attach(&weft_test_call, wanted, WEFT_SITE_POINT);
  ASSERT_EQ(run([] { return call(7, nullptr, nullptr, nullptr) == 7 ? 0 : 1; }), 0);
  ASSERT_THAT(sites, SizeIs(1));
  EXPECT_EQ(sites[0].start, sites[0].h.time);
  EXPECT_EQ(sites[0].value[0], 7u);
  EXPECT_EQ(sites[0].result, 0u);
  EXPECT_EQ(sites[0].site, number);
}

TEST_F(SitesTest, HitsAreCountedToldOrNot) {
  weft_site wanted = site();
  wanted.only = WEFT_ONLY_BUSY;
  const uint32_t enter = attach(&weft_test_call, wanted, WEFT_SITE_ENTER);
  const uint32_t leave = attach(&weft_test_call, wanted, WEFT_SITE_RETURN);
  ASSERT_EQ(run([] {
              for (int i = 0; i < 3; ++i) call(0, nullptr, nullptr, nullptr);
              return 0;
            }),
            0);
  EXPECT_THAT(sites, IsEmpty());
  EXPECT_EQ(object_->probes().hits(enter), 3u);
  EXPECT_EQ(object_->probes().hits(leave), 3u);
}

TEST_F(SitesTest, TheAgentItselfIsNotTold) {
  weft_site wanted = site();
  attach_call(&weft_test_call, wanted);
  child_ = getpid();
  call(1, nullptr, nullptr, nullptr);
  drain();
  EXPECT_THAT(sites, IsEmpty());
}

std::string log_path;
void write_log() {
  const int fd = open(log_path.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  (void)!write(fd, "x", 1);
  close(fd);
}

TEST_F(SitesTest, BusyIsWhoWroteToALogInside) {
  const weft::testing::TempTree tree;
  std::filesystem::create_directory(tree.path("weft_wal"));
  log_path = tree.path("weft_wal/1.log");
  weft_site wanted = site();
  wanted.only = WEFT_ONLY_BUSY;
  attach_call(&weft_test_call, wanted);
  ASSERT_EQ(run([] {
              call(1, nullptr, nullptr, nullptr);
              call(2, nullptr, nullptr, write_log);
              write_log();
              call(3, nullptr, nullptr, nullptr);
              return 0;
            }),
            0);
  if (ops.empty()) GTEST_SKIP() << "no file io here";
  ASSERT_THAT(results(), ElementsAre(2u));
  EXPECT_TRUE(sites[0].flags & WEFT_SITE_BUSY);
  EXPECT_GE(ops[0].event.start, sites[0].start);
  EXPECT_LE(ops[0].event.h.time, sites[0].h.time);
}

TEST_F(SitesTest, AWaitThatIsToldMakesTheCallAroundItBusy) {
  weft_site outer = site();
  outer.only = WEFT_ONLY_BUSY;
  weft_site inner = site();
  inner.call = 2;
  inner.number = kNumber + 1;
  inner.only = WEFT_ONLY_RESULT;
  inner.result_mask = 0xff;
  inner.result_value = 0;
  inner.counts = 1;
  attach_call(&weft_test_call, outer);
  attach_call(&weft_test_wait, inner);
  ASSERT_EQ(run([] {
              call(1, nullptr, nullptr, [] { wait(5); });
              call(2, nullptr, nullptr, [] { wait(0xff00); });
              return 0;
            }),
            0);
  EXPECT_THAT(results(), ElementsAre(0xff00u, 2u)) << "the inner one first";
}

TEST_F(SitesTest, OnlyWithTheResult) {
  weft_site wanted = site();
  wanted.only = WEFT_ONLY_RESULT;
  wanted.result_mask = 0xf;
  wanted.result_value = 3;
  attach_call(&weft_test_call, wanted);
  ASSERT_EQ(run([] {
              for (uint64_t i = 0; i < 0x20; ++i) call(i, nullptr, nullptr, nullptr);
              return 0;
            }),
            0);
  EXPECT_THAT(results(), ElementsAre(0x03u, 0x13u));
}

// As sqlite3_step: 100 says "there is more", the statement is the key.
class ResumedTest : public SitesTest {
 protected:
  static constexpr uint64_t kMore = 100;
  void SetUp() override {
    SitesTest::SetUp();
    if (!object_ || IsSkipped()) return;
    weft_site wanted = site();
    wanted.keyed = 2;  // the second argument
    wanted.resumes = 1;
    wanted.result_mask = UINT64_MAX;
    wanted.resume_value = kMore;
    attach_call(&weft_test_call, wanted);
    wanted.keyed = 1;
    attach(&weft_test_end, wanted, WEFT_SITE_FINISH);
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
  EXPECT_LT(sites[0].h.time, sites[1].start) << "the next is another";
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
  EXPECT_LT(sites[1].start, sites[0].start) << "from its first call on";
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
  ASSERT_THAT(sites, SizeIs(1));
  EXPECT_TRUE(sites[0].flags & WEFT_SITE_CUT);
  EXPECT_LT(sites[0].start, sites[0].h.time);
}

TEST_F(SitesTest, AFunctionThatIsNotThereIsRefused) {
  SiteProbe probe{.binary = "/nonexistent/file", .offset = 16, .site = site()};
  probe.site.kind = WEFT_SITE_POINT;
  const auto refused = object_->probes().attach(probe);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("probe refused"));
}

}  // namespace
}  // namespace weft::kernel
