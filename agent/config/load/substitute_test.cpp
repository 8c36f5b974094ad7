// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "agent/config/load/node.h"

namespace weft {
namespace {

const Environment kEnvironment = {
    {"STRING_VALUE", "value"},
    {"BOOL_VALUE", "true"},
    {"INT_VALUE", "1"},
    {"FLOAT_VALUE", "1.1"},
    {"EMPTY", ""},
    {"REPLACE_ME", "${DO_NOT_REPLACE_ME}"},
    {"DO_NOT_REPLACE_ME", "Never use this value"},
    {"VALUE_WITH_ESCAPE", "value$$"},
    {"INVALID_MAP_VALUE", "value\nkey:value"},
};

struct Case {
  const char* input;
  const char* output;
};

// The specification's own table (configuration data model, environment substitution).
TEST(Substitution, SpecificationTable) {
  constexpr Case kCases[] = {
      {"${STRING_VALUE}", "value"},
      {"${env:STRING_VALUE}", "value"},
      {"foo ${STRING_VALUE} ${FLOAT_VALUE}", "foo value 1.1"},
      {"${UNDEFINED_KEY}", ""},
      {"${UNDEFINED_KEY:-fallback}", "fallback"},
      {"${EMPTY:-fallback}", "fallback"},
      {"${STRING_VALUE:-fallback}", "value"},
      {"${UNDEFINED_KEY:-}", ""},
      {"${REPLACE_ME}", "${DO_NOT_REPLACE_ME}"},
      {"${UNDEFINED_KEY:-${STRING_VALUE}}", "${STRING_VALUE}"},
      {"$${STRING_VALUE}", "${STRING_VALUE}"},
      {"$$${STRING_VALUE}", "$value"},
      {"$$$${STRING_VALUE}", "$${STRING_VALUE}"},
      {"$${STRING_VALUE:-fallback}", "${STRING_VALUE:-fallback}"},
      {"$${STRING_VALUE:-${STRING_VALUE}}", "${STRING_VALUE:-value}"},
      {"${UNDEFINED_KEY:-$${UNDEFINED_KEY}}", "${UNDEFINED_KEY:-${UNDEFINED_KEY}}"},
      {"${VALUE_WITH_ESCAPE}", "value$$"},
      {"a $$ b", "a $ b"},
      {"a $ b", "a $ b"},
      {"${", "${"},
      {"$", "$"},
      {"", ""},
  };
  for (const Case& c : kCases) {
    const auto out = substitute(c.input, kEnvironment);
    ASSERT_TRUE(out) << c.input << ": " << out.error().message;
    EXPECT_EQ(*out, c.output) << c.input;
  }
}

TEST(Substitution, InvalidReferencesAreNamed) {
  for (const char* bad : {"${STRING_VALUE:?error}", "${1KEY}", "${API_$KEY}", "${}", "${A B}",
                          "${file:/etc/passwd}", "${STRING_VALUE-x}"}) {
    const auto out = substitute(std::string("ok ") + bad, kEnvironment);
    ASSERT_FALSE(out) << bad;
    EXPECT_EQ(out.error().message, "found the reference \"" + std::string(bad) +
                                       "\", expected ${NAME}, ${env:NAME} or ${NAME:-default} ($$ "
                                       "for a plain $)");
  }
}

YamlNode parsed(const std::string& text) {
  auto tree = parse_yaml(text, "f", kEnvironment);
  EXPECT_TRUE(tree) << tree.error().message;
  return tree ? *tree : YamlNode{};
}

std::string error(const std::string& text) {
  const auto tree = parse_yaml(text, "f.yaml", kEnvironment);
  return tree ? "accepted" : tree.error().message;
}

TEST(Yaml, TypesAreResolvedAfterSubstitutionAndQuotesMakeText) {
  const YamlNode tree = parsed(
      "a: ${INT_VALUE}\nb: \"${INT_VALUE}\"\nc: ${UNDEFINED}\nd: '${UNDEFINED}'\ne: ~\nf: |\n  "
      "x\n");
  EXPECT_TRUE(tree.entries[0].value.plain);
  EXPECT_EQ(tree.entries[0].value.text, "1");
  EXPECT_FALSE(tree.entries[1].value.plain);
  EXPECT_EQ(tree.entries[2].value.kind, YamlNode::Kind::kNull);
  EXPECT_EQ(tree.entries[3].value.kind, YamlNode::Kind::kScalar);
  EXPECT_EQ(tree.entries[4].value.kind, YamlNode::Kind::kNull);
  EXPECT_FALSE(tree.entries[5].value.plain);
  EXPECT_EQ(tree.entries[5].line, 6);
}

TEST(Yaml, VariablesBringNoStructureAndKeysAreNotSubstituted) {
  const YamlNode tree = parsed("a: ${INVALID_MAP_VALUE}\n\"${STRING_VALUE}\": x\n");
  EXPECT_EQ(tree.entries[0].value.kind, YamlNode::Kind::kScalar);
  EXPECT_EQ(tree.entries[0].value.text, "value\nkey:value");
  EXPECT_EQ(tree.entries[1].key, "${STRING_VALUE}");
}

TEST(Yaml, AnchorsAndMergeKeys) {
  const YamlNode tree =
      parsed("base: &b {x: 1, y: 2}\nuse: {<<: *b, y: 3}\nboth:\n  <<: [*b, {z: 4}]\n");
  const YamlNode& use = tree.entries[1].value;
  ASSERT_EQ(use.entries.size(), 2u);
  EXPECT_EQ(use.entries[0].value.text, "3");
  EXPECT_EQ(use.entries[1].key, "x");
  EXPECT_EQ(tree.entries[2].value.entries.size(), 3u);
}

TEST(Yaml, FaultsNameFileAndLine) {
  EXPECT_EQ(error("a: 1\nb: [1, 2\n").substr(0, 18), "f.yaml:3: not YAML");
  EXPECT_EQ(error("a: 1\nb: 2\na: 3\n"), "f.yaml:3: the key \"a\" is given twice");
  EXPECT_EQ(error("x: y\na: [b, '${1}']\n").substr(0, 36),
            "f.yaml:2: found the reference \"${1}\"");
  EXPECT_EQ(error("? [a]\n: b\n"), "f.yaml:1: a key is not a plain word");
  EXPECT_EQ(error("# x\n---\na: 1\n---\nb: 2\n"), "f.yaml:4: a second YAML document");
  EXPECT_EQ(error("a: 1\n--- \nb: 2\n"), "f.yaml:2: a second YAML document");
  EXPECT_EQ(error("a: 1\n...\n\nb: 2\n"), "f.yaml:4: a second YAML document");
  EXPECT_EQ(error("%YAML 1.2\n---\na: ---x\n...\n# end\n"), "accepted");
  EXPECT_EQ(error("a: \"\xff\"\n"), "f.yaml:1: a value is not UTF-8");
  EXPECT_EQ(error(std::string((1 << 20) + 1, ' ')), "f.yaml:1: larger than 1 MiB");
}

TEST(Yaml, AliasBombsAndLoopsEnd) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string previous = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) bomb += (j ? ", " : "") + previous;
    bomb += "]\n";
  }
  EXPECT_NE(error(bomb).find("more than 100000 values"), std::string::npos);
  EXPECT_NE(error("a: &a [*a]\n"), "accepted");
  EXPECT_NE(error(std::string(100000, '[')), "accepted");
}

TEST(Yaml, NothingIsAnEmptyTree) {
  EXPECT_EQ(parsed("").kind, YamlNode::Kind::kNull);
  EXPECT_EQ(parsed("# comment\n").kind, YamlNode::Kind::kNull);
}

}  // namespace
}  // namespace weft
