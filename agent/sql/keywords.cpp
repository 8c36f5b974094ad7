// SPDX-License-Identifier: Apache-2.0
#include "agent/sql/keywords.h"

#include <algorithm>
#include <array>
#include <utility>

namespace weft::sql {
namespace {

struct Entry {
  std::string_view word;
  WordId id;
  int roles;
};

constexpr Entry kWords[] = {
    {"SELECT", WordId::kSelect, kCommand},
    {"INSERT", WordId::kInsert, kCommand | kTakesTarget},
    {"REPLACE", WordId::kInsert, kCommand | kTakesTarget | kModifier | kSkipped},
    {"UPDATE", WordId::kUpdate, kCommand | kTakesTargets},
    {"DELETE", WordId::kDelete, kCommand | kTakesTargets},
    {"MERGE", WordId::kMerge, kCommand | kTakesTarget | kModifier},
    {"TRUNCATE", WordId::kTruncate, kCommand | kTakesTargets},
    {"WITH", WordId::kWith, kCommand},
    {"CALL", WordId::kNone, kCommand | kTakesTarget},
    {"COPY", WordId::kNone, kCommand | kTakesTarget},
    {"EXEC", WordId::kExecute, kCommand},
    {"EXECUTE", WordId::kExecute, kCommand},
    {"CREATE", WordId::kDefine, kCommand | kTakesObject},
    {"ALTER", WordId::kDefine, kCommand | kTakesObject},
    {"REFRESH", WordId::kDefine, kCommand | kTakesObject},
    {"REINDEX", WordId::kDefine, kCommand | kTakesObject},
    {"RENAME", WordId::kDefine, kCommand | kTakesObject},
    {"DROP", WordId::kNone, kCommand | kTakesObject | kTakesTargets},
    {"GRANT", WordId::kGrant, kCommand},
    {"REVOKE", WordId::kGrant, kCommand},
    {"DESC", WordId::kPrefix, kCommand},
    {"DESCRIBE", WordId::kPrefix, kCommand},
    {"DECLARE", WordId::kPrefix, kCommand},
    {"EXPLAIN", WordId::kPrefix, kCommand},
    {"PREPARE", WordId::kPrefix, kCommand},
    {"BEGIN", WordId::kBegin, kCommand},
    {"ATTACH", WordId::kSecret, kCommand},
    {"PRAGMA", WordId::kSecret, kCommand},

    {"ABORT", WordId::kNone, kCommand | kSkipped},
    {"ANALYZE", WordId::kNone, kCommand},
    {"BACKUP", WordId::kNone, kCommand},
    {"BINLOG", WordId::kNone, kCommand},
    {"CHANGE", WordId::kNone, kCommand},
    {"CHECK", WordId::kNone, kCommand},
    {"CHECKPOINT", WordId::kNone, kCommand},
    {"CHECKSUM", WordId::kNone, kCommand},
    {"CLOSE", WordId::kNone, kCommand},
    {"CLUSTER", WordId::kNone, kCommand},
    {"COMMENT", WordId::kNone, kCommand},
    {"COMMIT", WordId::kNone, kCommand},
    {"DEALLOCATE", WordId::kNone, kCommand},
    {"DETACH", WordId::kNone, kCommand},
    {"DISCARD", WordId::kNone, kCommand},
    {"DO", WordId::kNone, kCommand},
    {"END", WordId::kNone, kCommand},
    {"FETCH", WordId::kNone, kCommand | kEndsTables},
    {"FLUSH", WordId::kNone, kCommand},
    {"HANDLER", WordId::kNone, kCommand},
    {"IMPORT", WordId::kNone, kCommand},
    {"INSTALL", WordId::kNone, kCommand},
    {"KILL", WordId::kNone, kCommand},
    {"LISTEN", WordId::kNone, kCommand},
    {"LOAD", WordId::kNone, kCommand},
    {"LOCK", WordId::kNone, kCommand | kEndsTables},
    {"MOVE", WordId::kNone, kCommand},
    {"NOTIFY", WordId::kNone, kCommand},
    {"OPTIMIZE", WordId::kNone, kCommand},
    {"PURGE", WordId::kNone, kCommand},
    {"REASSIGN", WordId::kNone, kCommand},
    {"RELEASE", WordId::kNone, kCommand},
    {"REPAIR", WordId::kNone, kCommand},
    {"RESET", WordId::kNone, kCommand},
    {"RESTORE", WordId::kNone, kCommand},
    {"ROLLBACK", WordId::kNone, kCommand | kSkipped},
    {"SAVEPOINT", WordId::kNone, kCommand},
    {"SET", WordId::kNone, kCommand | kEndsTables},
    {"SHOW", WordId::kNone, kCommand},
    {"START", WordId::kNone, kCommand},
    {"STOP", WordId::kNone, kCommand},
    {"UNINSTALL", WordId::kNone, kCommand},
    {"UNLISTEN", WordId::kNone, kCommand},
    {"UNLOCK", WordId::kNone, kCommand},
    {"USE", WordId::kNone, kCommand},
    {"VACUUM", WordId::kNone, kCommand},
    {"VALUES", WordId::kNone, kCommand | kEndsTables},
    {"XA", WordId::kNone, kCommand},

    {"FROM", WordId::kFrom, 0},
    {"JOIN", WordId::kJoin, 0},
    {"STRAIGHT_JOIN", WordId::kJoin, 0},
    {"USING", WordId::kUsing, 0},
    {"ON", WordId::kOn, 0},
    {"ONLY", WordId::kOnly, kSkipped},
    {"LATERAL", WordId::kOnly, 0},
    {"UNION", WordId::kSetOperator, kEndsTables},
    {"EXCEPT", WordId::kSetOperator, kEndsTables},
    {"INTERSECT", WordId::kSetOperator, kEndsTables},
    {"MINUS", WordId::kSetOperator, kEndsTables},
    {"DISTINCT", WordId::kDistinct, 0},
    {"ALL", WordId::kAll, 0},
    {"WHERE", WordId::kNone, kEndsTables},
    {"GROUP", WordId::kNone, kEndsTables | kObject},
    {"ORDER", WordId::kNone, kEndsTables},
    {"HAVING", WordId::kNone, kEndsTables},
    {"LIMIT", WordId::kNone, kEndsTables},
    {"OFFSET", WordId::kNone, kEndsTables},
    {"WINDOW", WordId::kNone, kEndsTables},
    {"FOR", WordId::kNone, kEndsTables},
    {"RETURNING", WordId::kNone, kEndsTables},
    {"QUALIFY", WordId::kNone, kEndsTables},
    {"IS", WordId::kIs, 0},
    {"BY", WordId::kBy, 0},
    {"TRUE", WordId::kBoolean, 0},
    {"FALSE", WordId::kBoolean, 0},
    {"IDENTIFIED", WordId::kSecret, 0},

    {"INTO", WordId::kNone, kSkipped},
    {"OR", WordId::kNone, kModifier | kSkipped},
    {"IGNORE", WordId::kNone, kSkipped},
    {"FAIL", WordId::kNone, kSkipped},
    {"LOW_PRIORITY", WordId::kNone, kSkipped},
    {"HIGH_PRIORITY", WordId::kNone, kSkipped},
    {"DELAYED", WordId::kNone, kSkipped},
    {"QUICK", WordId::kNone, kSkipped},
    {"OVERWRITE", WordId::kNone, kSkipped},
    {"IMMEDIATE", WordId::kNone, kSkipped},
    {"IF", WordId::kNone, kSkipped},
    {"NOT", WordId::kNot, kSkipped},
    {"EXISTS", WordId::kNone, kSkipped},
    {"CONCURRENTLY", WordId::kNone, kSkipped},
    {"AUTHORIZATION", WordId::kNone, kSkipped},

    {"TABLE", WordId::kTable, kCommand | kObject},
    {"PROCEDURE", WordId::kRoutine, kObject},
    {"PROC", WordId::kRoutine, kObject},
    {"FUNCTION", WordId::kRoutine, kObject},
    {"TRIGGER", WordId::kRoutine, kObject},
    {"EVENT", WordId::kRoutine, kObject},
    {"PACKAGE", WordId::kRoutine, kObject},
    {"VIEW", WordId::kNone, kObject},
    {"INDEX", WordId::kNone, kObject},
    {"DATABASE", WordId::kNone, kObject},
    {"SCHEMA", WordId::kNone, kObject},
    {"SEQUENCE", WordId::kNone, kObject},
    {"USER", WordId::kNone, kObject},
    {"ROLE", WordId::kNone, kObject},
    {"LOGIN", WordId::kNone, kObject},
    {"TYPE", WordId::kNone, kObject},
    {"DOMAIN", WordId::kNone, kObject},
    {"EXTENSION", WordId::kNone, kObject},
    {"AGGREGATE", WordId::kNone, kObject},
    {"OPERATOR", WordId::kNone, kObject},
    {"COLLATION", WordId::kNone, kObject},
    {"SERVER", WordId::kNone, kObject},
    {"TABLESPACE", WordId::kNone, kObject},
    {"LANGUAGE", WordId::kNone, kObject},
    {"POLICY", WordId::kNone, kObject},
    {"PUBLICATION", WordId::kNone, kObject},
    {"SUBSCRIPTION", WordId::kNone, kObject},
    {"RULE", WordId::kNone, kObject},
    {"STATISTICS", WordId::kNone, kObject},
    {"SYNONYM", WordId::kNone, kObject},

    {"RECURSIVE", WordId::kRecursive, kModifier},
    {"MATERIALIZED", WordId::kNone, kModifier},
    {"TEMP", WordId::kNone, kModifier},
    {"TEMPORARY", WordId::kNone, kModifier},
    {"GLOBAL", WordId::kNone, kModifier},
    {"LOCAL", WordId::kNone, kModifier},
    {"UNLOGGED", WordId::kNone, kModifier},
    {"UNIQUE", WordId::kNone, kModifier},
    {"CLUSTERED", WordId::kNone, kModifier},
    {"NONCLUSTERED", WordId::kNone, kModifier},
    {"FULLTEXT", WordId::kNone, kModifier},
    {"SPATIAL", WordId::kNone, kModifier},
    {"VIRTUAL", WordId::kNone, kModifier},
    {"FOREIGN", WordId::kNone, kModifier},
    {"EXTERNAL", WordId::kNone, kModifier},
    {"CONSTRAINT", WordId::kNone, kModifier},
    {"DEFINER", WordId::kNone, kModifier},
    {"INVOKER", WordId::kNone, kModifier},
    {"SQL", WordId::kNone, kModifier},
    {"SECURITY", WordId::kNone, kModifier},
    {"ALGORITHM", WordId::kNone, kModifier},
    {"TEMPTABLE", WordId::kNone, kModifier},
    {"UNDEFINED", WordId::kNone, kModifier},
};

constexpr size_t kLongest = 16;
constexpr size_t kSlots = 1024;  // a power of two, about a sixth of them taken

// A word's bytes, first lowest, with the bit of small letters cleared and zeros after it: no
// byte that is not a letter becomes one.
struct Packed {
  uint64_t head;
  uint64_t tail;
  bool operator==(const Packed&) const = default;
};

// Written without a loop, which the compiler would not make one load of.
template <size_t... kAt>
constexpr uint64_t load(const char* at, std::index_sequence<kAt...>) {
  return ((static_cast<uint64_t>(static_cast<uint8_t>(at[kAt])) << (8 * kAt)) | ...) &
         0xdfdfdfdfdfdfdfdfu;
}

constexpr uint64_t load(const char* at) {
  return load(at, std::make_index_sequence<8>());
}

constexpr uint64_t first_bytes(size_t n) {
  return n >= 8 ? ~uint64_t{0} : (uint64_t{1} << (8 * n)) - 1;
}

// Reads kLongest bytes from `word`, whatever its length. Requires length ≤ kLongest.
constexpr Packed pack(const char* word, size_t length) {
  return {load(word) & first_bytes(length),
          load(word + 8) & first_bytes(length < 8 ? 0 : length - 8)};
}

constexpr Packed pack_copy(std::string_view word) {
  std::array<char, kLongest> padded{};
  std::ranges::copy(word, padded.begin());
  return pack(padded.data(), word.size());
}

constexpr size_t slot(const Packed& key) {
  const uint64_t mixed = (key.head * 0x9e3779b97f4a7c15u) ^ (key.tail * 0xc2b2ae3d27d4eb4fu);
  return static_cast<size_t>(mixed * 0x9e3779b97f4a7c15u >> 54);
}

struct Index {
  std::array<Packed, std::size(kWords)> keys{};
  std::array<uint8_t, kSlots> slots{};  // 1 + index in kWords; 0: free
};

constexpr Index make_index() {
  Index index;
  for (size_t i = 0; i < std::size(kWords); ++i) {
    index.keys[i] = pack_copy(kWords[i].word);
    size_t at = slot(index.keys[i]);
    while (index.slots[at] != 0) at = (at + 1) % kSlots;
    index.slots[at] = static_cast<uint8_t>(i + 1);
  }
  return index;
}

static_assert(std::size(kWords) < 255);
constexpr Index kIndex = make_index();

}  // namespace

Keyword keyword(std::string_view text, size_t begin, size_t end) {
  const size_t length = end - begin;
  if (length > kLongest) return {};
  const bool room = text.size() - begin >= kLongest;
  const Packed key =
      room ? pack(text.data() + begin, length) : pack_copy(text.substr(begin, length));
  for (size_t at = slot(key); kIndex.slots[at] != 0; at = (at + 1) % kSlots) {
    const size_t i = kIndex.slots[at] - size_t{1};
    if (kIndex.keys[i] == key) return {kWords[i].id, static_cast<uint8_t>(kWords[i].roles)};
  }
  return {};
}

}  // namespace weft::sql
