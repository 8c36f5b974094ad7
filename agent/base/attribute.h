// SPDX-License-Identifier: Apache-2.0
// Attributes of spans and resources: a key and a typed value, in order of insertion.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace weft {

// A key that lives as long as the process: a string literal (agent/base/semconv.h), or
// interned. Cheap to copy; a span has a dozen of them.
class Key {
 public:
  template <size_t N>
  consteval Key(const char (&literal)[N]) : text_(literal, N - 1) {}
  // For names known only at run time (captured headers, resource attributes). Any thread.
  // The table holds 8192 names at most, so that hostile input cannot grow it: beyond
  // that every new name becomes "weft.key_overflow".
  static Key intern(std::string_view name);

  std::string_view text() const { return text_; }
  // Many keys have the same length and the same beginning ("network.peer."), few the same end: the
  // last character spares most calls of memcmp.
  bool operator==(const Key& other) const {
    return text_.size() == other.text_.size() &&
           (text_.empty() || text_.back() == other.text_.back()) && text_ == other.text_;
  }

 private:
  explicit Key(std::string_view text) : text_(text) {}
  std::string_view text_;
};

using Value = std::variant<std::string, bool, int64_t, double, std::vector<std::string>>;

struct Attribute {
  Attribute(Key its_key, Value its_value) : key(its_key), value(std::move(its_value)) {}
  // Makes the value in its place.
  template <class T, class... Args>
  Attribute(Key its_key, std::in_place_type_t<T> type, Args&&... args)
      : key(its_key), value(type, std::forward<Args>(args)...) {}

  Key key;
  Value value;
};

// Insertion-ordered, small; keys are unique: set() replaces.
class Attributes {
 public:
  void set(Key key, Value value) {
    if (Attribute* same = item(key)) {
      same->value = std::move(value);
    } else {
      make_room();
      items_.emplace_back(key, std::move(value));
    }
  }
  void set(Key key, std::string_view value) { put<std::string>(key, value); }
  void set(Key key, std::string&& value) { put<std::string>(key, std::move(value)); }
  void set(Key key, const std::string& value) { put<std::string>(key, value); }
  void set(Key key, const char* value) { put<std::string>(key, value); }
  void set(Key key, int value) { put<int64_t>(key, value); }
  void set(Key key, uint32_t value) { put<int64_t>(key, value); }
  void set(Key key, uint64_t value) { put<int64_t>(key, static_cast<int64_t>(value)); }

  const Value* find(Key key) const {
    for (const Attribute& a : items_) {
      if (a.key == key) return &a.value;
    }
    return nullptr;
  }
  // The string value; empty if absent or of another type. Valid while unchanged.
  std::string_view text(Key key) const {
    const Value* value = find(key);
    const auto* text = value ? std::get_if<std::string>(value) : nullptr;
    return text ? std::string_view(*text) : std::string_view();
  }
  void reserve(size_t n) { items_.reserve(n); }
  void truncate(size_t n) {
    if (n < items_.size()) items_.erase(items_.begin() + static_cast<ptrdiff_t>(n), items_.end());
  }
  size_t size() const { return items_.size(); }
  bool empty() const { return items_.empty(); }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  auto begin() { return items_.begin(); }
  auto end() { return items_.end(); }

 private:
  static constexpr size_t kFirstRoom = 8;

  Attribute* item(Key key) {
    for (Attribute& a : items_) {
      if (a.key == key) return &a;
    }
    return nullptr;
  }
  // By far most spans have more than four: three steps of a vector's growth are spared.
  void make_room() {
    if (items_.capacity() == 0) items_.reserve(kFirstRoom);
  }
  template <class T, class Arg>
  void put(Key key, Arg&& value) {
    if (Attribute* same = item(key)) {
      // Made before the old value goes, of which `value` may be a view.
      same->value = Value(std::in_place_type<T>, std::forward<Arg>(value));
    } else {
      make_room();
      items_.emplace_back(key, std::in_place_type<T>, std::forward<Arg>(value));
    }
  }

  std::vector<Attribute> items_;
};

}  // namespace weft
