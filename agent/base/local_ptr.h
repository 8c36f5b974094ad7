// SPDX-License-Identifier: Apache-2.0
// Shared ownership within one thread. As soon as a process has a second thread, std::shared_ptr
// counts by atomic operations, of which a span takes some twenty.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

namespace weft {

// Base of what a LocalPtr may own. A copy has owners of its own.
class Counted {
 public:
  Counted() = default;
  Counted(const Counted&) {}
  Counted& operator=(const Counted&) { return *this; }

 private:
  template <class T>
  friend class LocalPtr;
  uint32_t owners_ = 0;
};

// All pointers to one object stay in one thread; the last one deletes it.
template <class T>
class LocalPtr {
 public:
  LocalPtr() = default;
  LocalPtr(std::nullptr_t) {}
  // Also of an object that others own already: then it is one owner more.
  explicit LocalPtr(T* object) : object_(object) {
    if (object_) ++count();
  }
  LocalPtr(const LocalPtr& other) : LocalPtr(other.object_) {}
  LocalPtr(LocalPtr&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  LocalPtr& operator=(LocalPtr other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~LocalPtr() {
    if (object_ && --count() == 0) delete object_;
  }
  static LocalPtr make() { return LocalPtr(new T()); }

  T* get() const { return object_; }
  T& operator*() const { return *object_; }
  T* operator->() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }
  bool operator==(const LocalPtr&) const = default;

 private:
  uint32_t& count() const { return static_cast<Counted*>(object_)->owners_; }

  T* object_ = nullptr;
};

}  // namespace weft
