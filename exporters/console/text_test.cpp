// SPDX-License-Identifier: Apache-2.0
#include "exporters/console/text.h"

#include <gtest/gtest.h>

namespace weft::console {
namespace {

TEST(Harmless, NothingCanMoveTheCursor) {
  EXPECT_EQ(harmless("/a\x1b[2Jb\r\n\x7f"), "/a�[2Jb���");
  EXPECT_EQ(harmless("\xc2\x9b"
                     "31m"),
            "�31m");  // a C1 control: CSI
  EXPECT_EQ(harmless("a\xe2\x80\xae"
                     "b"),
            "a�b");  // right-to-left override
  EXPECT_EQ(harmless("a\xff"
                     "b"),
            "a�b");  // not UTF-8
  EXPECT_EQ(harmless("/żółć/日本?q=1"), "/żółć/日本?q=1");
}

TEST(Columns, WideAndCombining) {
  EXPECT_EQ(columns(""), 0u);
  EXPECT_EQ(columns("abc"), 3u);
  EXPECT_EQ(columns("żółć"), 4u);
  EXPECT_EQ(columns("日本"), 4u);
  EXPECT_EQ(columns("e\xcc\x81"), 1u);  // e and a combining acute
  EXPECT_EQ(columns("└ ▐█"), 4u);
}

TEST(Cut, NeverWiderThanAsked) {
  EXPECT_EQ(cut("abc", 3), "abc");
  EXPECT_EQ(cut("abcd", 3), "ab…");
  EXPECT_EQ(cut("日本語", 5), "日本…");
  EXPECT_EQ(cut("日本語", 4), "日…");
  EXPECT_EQ(cut("abc", 0), "");
}

TEST(Duration, FitsSevenColumnsAtEveryScale) {
  EXPECT_EQ(duration(0), "0.0 µs");
  EXPECT_EQ(duration(1'234), "1.2 µs");
  EXPECT_EQ(duration(9'949), "9.9 µs");
  EXPECT_EQ(duration(999'499), "999 µs");
  EXPECT_EQ(duration(999'500), "1.0 ms");
  EXPECT_EQ(duration(12'440'000), "12.4 ms");
  EXPECT_EQ(duration(450'000'000), "450 ms");
  EXPECT_EQ(duration(1'240'000'000), "1.24 s");
  EXPECT_EQ(duration(59'990'000'000), "59.99 s");
  EXPECT_EQ(duration(123'000'000'000), "2m 03s");
  EXPECT_EQ(duration(7'380'000'000'000), "2h 03m");
  for (uint64_t ns = 1; ns < 1'000'000'000'000'000; ns = ns * 3 + 1) {
    EXPECT_LE(columns(duration(ns)), 7u) << ns;
  }
}

TEST(Bar, ExactWidthAndNeverEmpty) {
  EXPECT_EQ(bar(0, 100, 100, 4), "████");
  EXPECT_EQ(bar(0, 50, 100, 4), "██  ");
  EXPECT_EQ(bar(50, 100, 100, 4), "  ██");
  EXPECT_EQ(bar(0, 0, 0, 4), "████");
  EXPECT_EQ(bar(0, 0, 100, 4), "▏   ");
  EXPECT_EQ(bar(100, 100, 100, 4), "   ▕");
  for (uint64_t begin = 0; begin <= 100; ++begin) {
    for (uint64_t end = begin; end <= 100; ++end) {
      const std::string drawn = bar(begin, end, 100, 7);
      EXPECT_EQ(columns(drawn), 7u);
      EXPECT_NE(drawn, "       ") << begin << ".." << end;
    }
  }
}

TEST(Paint, ColourDoesNotChangeTheWidth) {
  const std::vector<Piece> pieces{{"abc", Style::kDim}, {"défg", Style::kError}};
  EXPECT_EQ(paint_to(pieces, 9, false), "abcdéfg  ");
  EXPECT_EQ(paint_to(pieces, 5, false), "abcd…");
  EXPECT_EQ(paint_to(pieces, 5, true), "\x1b[2mabc\x1b[0m\x1b[1;31md…\x1b[0m");
  EXPECT_EQ(paint({{"x"}}, true), "x");
}

}  // namespace
}  // namespace weft::console
