// SPDX-License-Identifier: Apache-2.0
#include "agent/storage/files/glob.h"

#include <cstring>
#include <gtest/gtest.h>
#include <random>
#include <string>

namespace weft::storage {
namespace {

// A name as the kernel side loads it: the memory around it holds arbitrary bytes.
struct Loaded {
  Loaded(std::string_view name, char around) : size(name.size()) {
    std::string memory(WEFT_LITERAL, around);
    memory += name;
    memory.append(WEFT_LITERAL, around);
    std::memcpy(head, memory.data() + WEFT_LITERAL, sizeof head);
    std::memcpy(tail, memory.data() + size, sizeof tail);
  }
  uint64_t head[2];
  uint64_t tail[2];
  size_t size;
};

bool like(const uint64_t (&text)[2], const weft_literal& wanted) {
  return (text[0] & wanted.mask[0]) == wanted.text[0] &&
         (text[1] & wanted.mask[1]) == wanted.text[1];
}

// file__pattern() of bpf/lib/file.bpf.h, for one pattern.
bool passes(const weft_pattern& p, std::string_view folder, std::string_view name, char around) {
  const Loaded n(name, around);
  const Loaded f(folder, around);
  return n.size >= p.min_name && f.size >= p.min_folder && like(n.head, p.head) &&
         like(n.tail, p.tail) && like(f.tail, p.folder);
}

bool passes(std::string_view glob, std::string_view folder, std::string_view name) {
  const weft_pattern p = literals({glob, WEFT_FILE_LOG});
  const bool zeros = passes(p, folder, name, '\0');
  EXPECT_EQ(zeros, passes(p, folder, name, '\xa5')) << glob << ": looks beyond " << name;
  return zeros;
}

TEST(Glob, TheBuiltInOnes) {
  struct Example {
    std::string_view glob, folder, name;
    bool fits;
  };
  const std::string hex8 = "[0-9A-F][0-9A-F][0-9A-F][0-9A-F][0-9A-F][0-9A-F][0-9A-F][0-9A-F]";
  const std::string segment = "pg_wal/" + hex8 + hex8 + hex8;
  const Example examples[] = {
      {segment, "pg_wal", "00000001000000000000002A", true},
      {segment, "pg_wal", "00000001000000000000002A.partial", false},
      {segment, "pg_wal", "00000002.history", false},
      {segment, "archive", "00000001000000000000002A", false},
      {"pg_wal/xlogtemp.*", "pg_wal", "xlogtemp.4711", true},
      {"ib_logfile[0-9]*", "mysql", "ib_logfile0", true},
      {"ib_logfile[0-9]*", "mysql", "ib_logfile", false},
      {"#ib_redo[0-9]*", "#innodb_redo", "#ib_redo12_tmp", true},
      {"aria_log.[0-9]*", "mysql", "aria_log.00000001", true},
      {"aria_log.[0-9]*", "mysql", "aria_log_control", false},
      {"wal/*.wal", "wal", "0000000000000000-0000000000000000.wal", true},
      {"wal/*.wal", "wal", "0.tmp", false},
      {"wal/*.wal", "wal", ".wal", true},
      {"log.[0-9][0-9][0-9][0-9][0-9][0-9]*", "db", "log.0000000001", true},
      {"log.[0-9][0-9][0-9][0-9][0-9][0-9]*", "db", "log.smbd", false},
      {"WiredTigerLog.[0-9]*", "journal", "WiredTigerLog.0000000001", true},
      {"data.mdb", "x", "data.mdb", true},
      {"data.mdb", "x", "data.mdb2", false},
      {"data.mdb", "x", "xdata.mdb", false},
      {"temp/*.json.tmp", "temp", "a.json.tmp", true},
      {"temp/*.json.tmp", "temp", "a.json", false},
      {"partitions/wal_*", "partitions", "wal_1.json", true},
      {"partitions/wal_*", "xpartitions", "wal_1.json", false},
      {"archives/archive_*", "archives", "archive_2024", true},
  };
  for (const Example& e : examples) {
    EXPECT_EQ(matches(e.glob, e.folder, e.name), e.fits) << e.glob << ' ' << e.name;
    EXPECT_TRUE(!e.fits || passes(e.glob, e.folder, e.name)) << e.glob << ' ' << e.name;
  }
}

TEST(Glob, OnlyTheLastTwoComponentsCount) {
  EXPECT_TRUE(matches("/var/lib/pg_wal/*", "pg_wal", "x"));
  EXPECT_TRUE(matches("/x", "any", "x"));
  EXPECT_TRUE(matches("[ab]*/x", "b9", "x"));
  EXPECT_FALSE(matches("[ab]*/x", "c9", "x"));
  EXPECT_FALSE(matches("folder/", "folder", "x"));
}

TEST(Glob, WhatTheKernelSideTurnsAway) {
  EXPECT_FALSE(passes("wal/*.wal", "wal", "x.tmp"));
  EXPECT_FALSE(passes("wal/*.wal", "log", "x.wal"));
  EXPECT_FALSE(passes("ib_logfile[0-9]*", "", "ib_log"));
  EXPECT_FALSE(passes("data.mdb", "", "data.mdc"));
  EXPECT_FALSE(passes("xlogtemp.*", "", "ylogtemp.1"));
}

TEST(Glob, ShortNamesAreNotRead) {
  EXPECT_FALSE(passes("abc*", "", "ab"));
  EXPECT_FALSE(passes("*abc", "", "bc"));
  EXPECT_FALSE(passes("log/x", "og", "x"));
}

TEST(Glob, LiteralsLongerThanSixteenAreCutAtTheFarEnd) {
  const std::string name = "a_name_of_more_than_16_bytes";
  EXPECT_TRUE(passes(name, "", name));
  EXPECT_TRUE(passes(name, "", "a_name_of_more_t" + name.substr(12))) << "cut: looks the same";
  EXPECT_FALSE(passes(name, "", "b" + name.substr(1)));
  EXPECT_FALSE(passes(name, "", name + "s"));
  EXPECT_EQ(literals({name, WEFT_FILE_LOG}).min_name, WEFT_LITERAL);
}

TEST(Glob, WhatIsQuotedIsNotBelieved) {
  EXPECT_TRUE(matches(R"(\*.log)", "", "*.log"));
  EXPECT_TRUE(passes(R"(\*.log)", "", "*.log"));
  EXPECT_TRUE(matches(R"(a\bc)", "", "abc"));
  EXPECT_TRUE(passes(R"(a\bc)", "", "abc"));
  EXPECT_TRUE(passes(R"(a[]*]b)", "", "a]b"));
  EXPECT_TRUE(passes(R"(a[]*]b)", "", "a*b"));
  EXPECT_TRUE(passes("x[[:digit:]].log", "", "x7.log"));
  EXPECT_TRUE(matches("a[b", "", "a[b"));
  EXPECT_TRUE(passes("a[b", "", "a[b"));
}

TEST(Glob, AnEmptyOneIsNoName) {
  EXPECT_FALSE(matches("", "folder", "x"));
  EXPECT_EQ(literals({"", WEFT_FILE_LOG}).min_name, 0);
}

TEST(Glob, TheUseTravels) {
  EXPECT_EQ(literals({"x", WEFT_FILE_ENTRY}).use, WEFT_FILE_ENTRY);
}

// A glob and a name that probably matches it, built from the same parts.
struct Draw {
  std::string glob;
  std::string name;
};

class Dice {
 public:
  size_t below(size_t n) { return engine_() % n; }
  std::string text(size_t longest) {
    std::string out;
    for (size_t n = below(longest + 1); n > 0; --n) out += "ab.]*\\"[below(6)];
    return out;
  }
  Draw draw() {
    Draw out;
    for (size_t n = 1 + below(5); n > 0; --n) run(out);
    if (below(8) == 0 && !out.name.empty()) out.name.erase(below(out.name.size()), 1);
    return out;
  }

 private:
  void run(Draw& out) {
    const auto add = [&](std::string_view glob, std::string_view name) {
      out.glob += glob;
      out.name += name;
    };
    const std::string literal =
        std::string("ab.log_0").substr(below(8)) + (below(4) ? "" : "0123456789");
    switch (below(7)) {
      case 0:
        return add("*", text(20));
      case 1:
        return add("?", "b");
      case 2:
        return add("[ab]", "a");
      case 3:
        return add("[!.]", "]");
      case 4:
        return add("[]*]", "*");
      case 5:
        return add("\\*", "*");
      default:
        return add(literal, literal);
    }
  }
  std::minstd_rand engine_{1};
};

TEST(Glob, WhateverMatchesPassesTheKernelSide) {
  Dice dice;
  size_t matched = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Draw name = dice.draw();
    const Draw folder = dice.draw();
    const bool any = dice.below(3) == 0;
    const std::string glob = any ? name.glob : folder.glob + "/" + name.glob;
    if (!matches(glob, folder.name, name.name)) continue;
    ++matched;
    EXPECT_TRUE(passes(glob, folder.name, name.name)) << glob << " " << name.name;
  }
  EXPECT_GT(matched, 10'000u);
}

}  // namespace
}  // namespace weft::storage
