// SPDX-License-Identifier: Apache-2.0
// Distributions' binaries, where installed. Exact addresses are checked for builds on which they
// were verified under load; for any other build, general properties.
#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/discover/proc/temp_tree.h"
#include "agent/resolve/locate.h"

namespace weft::resolve {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kPostgres[] = "/usr/lib/postgresql/15/bin/postgres";
constexpr char kSqlite[] = "/usr/lib/x86_64-linux-gnu/libsqlite3.so.0";
constexpr char kLevelDb[] = "/usr/lib/x86_64-linux-gnu/libleveldb.so.1d";
constexpr char kRocksDb[] = "/usr/lib/x86_64-linux-gnu/librocksdb.so.7.8";
constexpr char kRedis[] = "/usr/bin/redis-server";
constexpr char kSsl[] = "/usr/lib/x86_64-linux-gnu/libssl.so.3";

std::unique_ptr<Binary> open(const std::string& path) {
  auto out = Binary::open(path);
  return out ? std::move(*out) : nullptr;
}

#define OPEN_OR_SKIP(name, path) \
  const auto name = open(path);  \
  if (!(name)) GTEST_SKIP() << "not installed: " << (path)

Found one(const Binary& binary, const Locator& locator) {
  const auto found = locate(binary, {&locator, 1});
  EXPECT_THAT(found, SizeIs(1)) << locator.name;
  return found.empty() ? Found() : found.front();
}

TEST(Postgres, ExportedFunctions) {
  OPEN_OR_SKIP(binary, kPostgres);
  for (const char* name :
       {"XLogFlush", "XLogInsert", "LWLockAcquireOrWait", "pgstat_report_activity"}) {
    const Found found = one(*binary, Locator::symbol(name));
    EXPECT_EQ(found.how, "dynsym");
    const auto bounds = binary->unwind().function_at(found.address + 1);
    ASSERT_TRUE(bounds) << name;
    EXPECT_EQ(bounds->address, found.address);
    EXPECT_EQ(bounds->size, found.size);
    EXPECT_GT(binary->calls().direct_calls(found.address), 0u) << name;
    EXPECT_TRUE(binary->code().first_emulatable(*bounds).emulated) << name;
  }
  EXPECT_NE(one(*binary, Locator::object("pgWalUsage")).size, 0u);
}

TEST(Postgres, ADeadExportIsSeen) {
  OPEN_OR_SKIP(binary, kPostgres);
  const Found wait = one(*binary, Locator::symbol("LWLockAcquireOrWait"));
  EXPECT_EQ(binary->calls().direct_calls(wait.address), 1u) << "XLogFlush";
}

TEST(Postgres, StaticFunctionByCallEdge) {
  OPEN_OR_SKIP(binary, kPostgres);
  const Found found = one(*binary, Locator::callee_calling("XLogFlush", "pwrite"));
  EXPECT_FALSE(binary->symbols().exported(found.address));
  EXPECT_GT(found.size, 0u);
  if (binary->build_id() == "44c007cfee140e4c25e8a434008096828e70a92c") {
    EXPECT_EQ(found.address, 0x1e9f80u);
  }
}

TEST(Postgres, ProbesHaveSemaphores) {
  OPEN_OR_SKIP(binary, kPostgres);
  for (const char* name : {"wal__insert", "statement__status", "transaction__commit",
                           "lwlock__wait__start", "query__done", "checkpoint__start"}) {
    const Locator locator = Locator::usdt("postgresql", name);
    const auto found = locate(*binary, {&locator, 1});
    EXPECT_THAT(found, Not(IsEmpty())) << name;
    for (const Found& probe : found) EXPECT_NE(probe.semaphore_offset, 0u) << name;
  }
}

TEST(Sqlite, Accessors) {
  OPEN_OR_SKIP(binary, kSqlite);
  const bool known = binary->build_id() == "5221b80bd99650e3e55370b0e24f4b4dbe81264f";
  const std::pair<const char*, int64_t> getters[] = {
      {"sqlite3_sql", 0xf8}, {"sqlite3WalFile", 0x10}, {"sqlite3PagerFilename", 0xd8}};
  for (const auto& [name, offset] : getters) {
    const auto symbol = binary->symbols().find(name);
    if (!symbol) continue;  // builds that hide the internals
    const auto field = binary->code().accessor_offset(symbol->function());
    ASSERT_TRUE(field) << name;
    EXPECT_EQ(field->width, 8) << name;
    EXPECT_TRUE(!known || field->offset == offset) << name << ' ' << field->offset;
  }
  const auto bit = binary->symbols().find("sqlite3_stmt_readonly");
  ASSERT_TRUE(bit);
  EXPECT_FALSE(binary->code().accessor_offset(bit->function())) << "a bit of a byte is no field";
}

TEST(Sqlite, CallsThroughItsOwnStubsCount) {
  OPEN_OR_SKIP(binary, kSqlite);
  const Found step = one(*binary, Locator::symbol("sqlite3_step"));
  EXPECT_GT(binary->calls().direct_calls(step.address), 0u);
}

TEST(LevelDb, HiddenVirtualFunctions) {
  OPEN_OR_SKIP(binary, kLevelDb);
  const Found write = one(*binary, Locator::virtual_method("N7leveldb6DBImplE", 4));
  const Found sync =
      one(*binary, Locator::virtual_method("N7leveldb12_GLOBAL__N_117PosixWritableFileE", 5));
  EXPECT_EQ(write.how, "rtti vtable");
  EXPECT_NE(write.address, sync.address);
  EXPECT_GT(write.size, 0u);
  EXPECT_GT(sync.size, 0u);
  if (binary->build_id() == "6a0760dfd00b42c6e7f5d590ff66ba48da3a7071") {
    EXPECT_EQ(write.address, 0x11f60u);
    EXPECT_EQ(sync.address, 0x3df10u);
  }
}

TEST(RocksDb, ByPrefix) {
  OPEN_OR_SKIP(binary, kRocksDb);
  EXPECT_GT(one(*binary, Locator::prefix("_ZN7rocksdb6DBImpl9WriteImplE")).size, 0u);
  const Locator overloaded = Locator::prefix("_ZN7rocksdb6DBImpl10WriteToWALE");
  EXPECT_THAT(locate(*binary, {&overloaded, 1}), IsEmpty()) << "two functions";
}

TEST(Redis, FunctionThatIsNeverCalled) {
  OPEN_OR_SKIP(binary, kRedis);
  EXPECT_GT(
      binary->calls().direct_calls(one(*binary, Locator::symbol("flushAppendOnlyFile")).address),
      0u);
  const auto inlined = binary->symbols().find("aofWrite");
  EXPECT_TRUE(!inlined || binary->calls().direct_calls(inlined->address) == 0);
}

TEST(OpenSsl, TheProbeIsBehindTheStackFrame) {
  OPEN_OR_SKIP(binary, kSsl);
  const auto read = binary->symbols().find("SSL_read");
  ASSERT_TRUE(read);
  const Probe probe = binary->code().first_emulatable(read->function(), Abi::kSystemV, 3);
  EXPECT_TRUE(probe.emulated);
}

class GoTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::system("command -v go > /dev/null 2>&1") != 0) GTEST_SKIP() << "not installed: go";
    tree.file("go.mod", "module example.com/toy\n");
    tree.file("main.go", R"(package main

//go:noinline
func work(n int) int {
	if n < 2 {
		return n
	}
	return work(n-1) + work(n-2)
}

func main() { println(work(20)) }
)");
  }
  std::unique_ptr<Binary> build(const std::string& flags) {
    const std::string command = "cd '" + tree.root() + "' && go build " + flags + " -o toy .";
    EXPECT_EQ(std::system(command.c_str()), 0);
    return open(tree.path("toy"));
  }
  testing::TempTree tree;
};

TEST_F(GoTest, SameAsTheSymbols) {
  for (const char* flags : {"", "-buildmode=pie"}) {
    const auto binary = build(flags);
    ASSERT_NE(binary, nullptr);
    for (const char* name : {"main.main", "main.work", "runtime.mallocgc"}) {
      const auto function = binary->go().find(name);
      const auto symbol = binary->symbols().find(name);
      ASSERT_TRUE(function && symbol) << name << ' ' << flags;
      EXPECT_EQ(function->address, symbol->address) << name << ' ' << flags;
    }
  }
}

TEST_F(GoTest, Stripped) {
  const auto binary = build("-ldflags='-s -w'");
  ASSERT_NE(binary, nullptr);
  EXPECT_FALSE(binary->symbols().find("main.work"));
  const auto work = binary->go().find("main.work");
  ASSERT_TRUE(work);
  const auto exits = binary->code().returns(*work);
  ASSERT_TRUE(exits);
  EXPECT_THAT(exits->returns, Not(IsEmpty()));
  EXPECT_FALSE(exits->tail_calls);
  EXPECT_TRUE(binary->code().first_emulatable(*work, Abi::kGo, 1).emulated);
}

}  // namespace
}  // namespace weft::resolve
