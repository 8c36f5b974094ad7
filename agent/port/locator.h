// SPDX-License-Identifier: Apache-2.0
// Says how to find a function or variable of a program, as constant data: probes list locators,
// agent/resolve applies them to a given binary.
#pragma once

#include <cstdint>
#include <string_view>

namespace weft {

// One way to find one address. The texts are borrowed: string literals. If several addresses fit,
// it finds nothing; only USDT probes may have many.
struct Locator {
  enum class Kind : uint8_t {
    kSymbol,           // the function with this symbol
    kObject,           // the variable with this symbol
    kSymbolPrefix,     // the only function whose symbol begins so (C++: the end may vary)
    kUsdt,             // provider `name`, probe `other`
    kGo,               // Go function: "go.etcd.io/bbolt.(*Tx).Commit"
    kVirtual,          // entry `slot` of the class's vtable; `name` is its RTTI name
    kCalleeCalling,    // the only callee of `name` that has no symbol and itself calls `other`
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
  // `function` must be imported or have a symbol.
  static constexpr Locator callee_calling(std::string_view caller, std::string_view function) {
    return {Kind::kCalleeCalling, caller, function};
  }
  static constexpr Locator call_after(std::string_view function) {
    return {Kind::kCallTargetAfter, function};
  }
};

}  // namespace weft
