// SPDX-License-Identifier: Apache-2.0
#include "probes/protocol/memcached/command.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

namespace weft::protocol::memcached {
namespace {

constexpr uint64_t kMaxBlock = uint64_t{1} << 40;
constexpr uint32_t kStored = set_of({Answer::kStored, Answer::kNotStored});
constexpr uint32_t kCompared = kStored | set_of({Answer::kExists, Answer::kNotFound});
constexpr uint32_t kValues = set_of({Answer::kValue, Answer::kEnd});
constexpr uint32_t kCounted = set_of({Answer::kNumber, Answer::kNotFound});
constexpr uint32_t kOk = set_of({Answer::kOk});
constexpr uint32_t kDone = set_of({Answer::kOk, Answer::kOther});
constexpr uint32_t kMeta = set_of({Answer::kHd, Answer::kNs, Answer::kEx, Answer::kNf});

// The most used ones first.
constexpr std::array<Command, 34> kCommands = {{
    {"get", Kind::kGet, kValues},
    {"set", Kind::kStore, kCompared},
    {"mg", Kind::kMetaGet, set_of({Answer::kVa, Answer::kHd, Answer::kEn})},
    {"ms", Kind::kMetaSet, kMeta},
    {"gets", Kind::kGet, kValues},
    {"mn", Kind::kMetaNoop, set_of({Answer::kMn})},
    {"md", Kind::kMetaDelete, kMeta},
    {"ma", Kind::kMetaCount, kMeta | set_of({Answer::kVa})},
    {"me", Kind::kMetaDebug, set_of({Answer::kMe, Answer::kEn})},
    {"gat", Kind::kGat, kValues},
    {"gats", Kind::kGat, kValues},
    {"add", Kind::kStore, kCompared},
    {"replace", Kind::kStore, kCompared},
    {"append", Kind::kStore, kCompared},
    {"prepend", Kind::kStore, kCompared},
    {"cas", Kind::kCas, kCompared},
    {"delete", Kind::kDelete, set_of({Answer::kDeleted, Answer::kNotFound})},
    {"incr", Kind::kCount, kCounted},
    {"decr", Kind::kCount, kCounted},
    {"touch", Kind::kTouch, set_of({Answer::kTouched, Answer::kNotFound})},
    {"stats", Kind::kStats, set_of({Answer::kStat, Answer::kEnd, Answer::kReset, Answer::kOk})},
    {"flush_all", Kind::kNumbers, kOk},
    {"version", Kind::kVersion, set_of({Answer::kVersion})},
    {"verbosity", Kind::kNumbers, kOk},
    {"quit", Kind::kQuit, 0},
    {"watch", Kind::kStream, kOk},
    {"lru_crawler", Kind::kAdmin, kDone},
    {"lru", Kind::kAdmin, kDone},
    {"slabs", Kind::kAdmin, kDone},
    {"cache_memlimit", Kind::kAdmin, kDone},
    {"refresh_certs", Kind::kAdmin, kDone},
    {"extstore", Kind::kAdmin, kDone},
    {"shutdown", Kind::kShutdown, 0},
    // Told apart from lru_crawler by its argument; nothing is sent under this name.
    {"lru_crawler metadump", Kind::kStream, set_of({Answer::kDump, Answer::kEnd, Answer::kOther})},
}};

bool is_key(std::string_view word) {
  return !word.empty() && word.size() <= kMaxKey;
}

// The last word may be "noreply", or, of old clients, a number that the server does not read.
bool ends(std::string_view& rest, Request& request) {
  const std::string_view last = next_word(rest);
  request.silent = last == "noreply";
  return next_word(rest).empty() && (last.empty() || request.silent || is_number(last));
}

// Behind the key of a storage command.
bool store(std::string_view& rest, bool is_cas, Request& request) {
  const std::string_view flags = next_word(rest);
  const std::string_view expires = next_word(rest);
  request.block = read_size(next_word(rest));
  if (!is_number(flags) || !is_number(expires) || !request.block) return false;
  return (!is_cas || is_number(next_word(rest))) && ends(rest, request);
}

bool keys(std::string_view& rest) {
  std::string_view word = next_word(rest);
  if (word.empty()) return false;
  for (; !word.empty(); word = next_word(rest)) {
    if (!is_key(word)) return false;
  }
  return true;
}

// Behind the key of a meta command.
bool flags(std::string_view key, std::string_view& rest, Request& request) {
  for (std::string_view word = next_word(rest); !word.empty(); word = next_word(rest)) {
    if (word[0] == 'q') request.quiet = true;
    if (word[0] == 'k') request.key = hash_of(key);
    if (word[0] == 'O') request.opaque = hash_of(word.substr(1));
  }
  return true;
}

bool meta(std::string_view& rest, Request& request) {
  const Kind kind = request.command->kind;
  if (kind == Kind::kMetaNoop) return true;
  const std::string_view key = next_word(rest);
  if (!is_key(key)) return false;
  if (kind == Kind::kMetaSet) request.block = read_size(next_word(rest));
  if (kind == Kind::kMetaSet && !request.block) return false;
  return flags(key, rest, request);
}

// flush_all [SECONDS] [noreply], verbosity LEVEL [noreply]
bool numbers(std::string_view rest, Request& request) {
  std::string_view behind = rest;
  return ends(is_number(next_word(behind)) ? behind : rest, request);
}

// Are these arguments the command's? Fills the request.
bool arguments(std::string_view rest, Request& request) {
  const Kind kind = request.command->kind;
  if (is_meta(kind)) return meta(rest, request);
  if (kind == Kind::kGet) return keys(rest);
  if (kind == Kind::kGat) return is_number(next_word(rest)) && keys(rest);
  if (kind == Kind::kNumbers) return numbers(rest, request);
  if (kind > Kind::kTouch) return true;
  if (!is_key(next_word(rest))) return false;
  if (kind == Kind::kStore || kind == Kind::kCas) return store(rest, kind == Kind::kCas, request);
  if (kind != Kind::kDelete && !is_number(next_word(rest))) return false;
  return ends(rest, request);
}

bool is_dump(std::string_view rest) {
  const std::string_view word = next_word(rest);
  return word == "metadump" || word == "mgdump";
}

}  // namespace

const Command* find_command(std::string_view name) {
  const auto* found = std::ranges::find(kCommands, name, &Command::name);
  return found == kCommands.end() ? nullptr : found;
}

bool is_meta(Kind kind) {
  return kind >= Kind::kMetaGet;
}

Request read_request(std::string_view line) {
  Request request;
  request.command = find_command(next_word(line));
  if (!request.command) return {};
  if (request.command->name == "lru_crawler" && is_dump(line)) request.command = &kCommands.back();
  if (arguments(line, request)) return request;
  Request refused;
  refused.command = request.command;
  refused.wrong = true;
  return refused;
}

std::string_view next_word(std::string_view& line) {
  // Words are short: a call of memchr for each costs more than it saves.
  const auto* const begin = std::ranges::find_if(line, [](char c) { return c != ' '; });
  const auto* const end = std::find(begin, line.end(), ' ');
  line = {end, line.end()};
  return {begin, end};
}

std::optional<uint64_t> read_size(std::string_view word) {
  uint64_t size = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), size);
  if (error != std::errc() || end != word.data() + word.size() || size > kMaxBlock)
    return std::nullopt;
  return size;
}

bool is_number(std::string_view word) {
  if (word.starts_with('-')) word.remove_prefix(1);
  return !word.empty() && std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

uint64_t hash_of(std::string_view text) {
  const uint64_t hash = std::hash<std::string_view>()(text);
  return hash == 0 ? 1 : hash;
}

}  // namespace weft::protocol::memcached
