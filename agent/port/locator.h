// SPDX-License-Identifier: Apache-2.0
// Where a function or variable of a program may be found, as constant data: probes list
// locators, agent/resolve follows them in the binary at hand.
#pragma once

#include <cstdint>
#include <string_view>

namespace weft {

// One way to find one place. The texts are borrowed: string literals. Where a way gives
// several places, and only one can be meant, it finds nothing; USDT probes may have many.
struct Locator {
  enum class Kind : uint8_t {
    kSymbol,           // the function with this symbol
    kObject,           // the variable with this symbol
    kSymbolPrefix,     // the one function whose symbol begins so (C++: the end may vary)
    kUsdt,             // provider `name`, probe `other`
    kGo,               // Go function: "go.etcd.io/bbolt.(*Tx).Commit"
    kVirtual,          // entry `slot` of the vtable of the class with this RTTI name
    kCalleeCalling,    // the one callee of `name` that has no symbol and itself calls `other`
    kCallTargetAfter,  // what the callers of `name` call next
  };
  Kind kind = Kind::kSymbol;
  std::string_view name;
  std::string_view other = {};
  uint32_t slot = 0;

  static constexpr Locator symbol(std::string_view name) { return {Kind::kSymbol, name}; }
  static constexpr Locator object(std::string_view name) { return {Kind::kObject, name}; }
  static constexpr Locator prefix(std::string_view name) { return {Kind::kSymbolPrefix, name}; }
  static constexpr Locator usdt(std::string_view provider, std::string_view name) {
    return {Kind::kUsdt, provider, name};
  }
  static constexpr Locator go(std::string_view name) { return {Kind::kGo, name}; }
  // The RTTI name is the mangled one without "_ZTS": "N7leveldb6DBImplE". Slot 0 is the
  // first virtual function, which is not always the first declared: destructors take two.
  static constexpr Locator virtual_method(std::string_view class_name, uint32_t slot) {
    return {Kind::kVirtual, class_name, {}, slot};
  }
  // `function` is imported, or has a symbol of its own.
  static constexpr Locator callee_calling(std::string_view caller, std::string_view function) {
    return {Kind::kCalleeCalling, caller, function};
  }
  static constexpr Locator call_after(std::string_view function) {
    return {Kind::kCallTargetAfter, function};
  }
};

}  // namespace weft
