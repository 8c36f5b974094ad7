// SPDX-License-Identifier: Apache-2.0
#include "agent/resolve/locate.h"

#include <algorithm>

namespace weft::resolve {
namespace {

constexpr size_t kMaxCandidates = 256;  // each is decoded

Found place(const Binary& binary, const Function& function, std::string how) {
  Found out;
  out.address = function.address;
  out.size = function.size;
  out.file_offset = binary.file_offset(function.address).value_or(0);
  out.how = std::move(how);
  return out;
}

// A function without a symbol; the unwind table gives its bounds.
std::vector<Found> unnamed(const Binary& binary, uint64_t address, std::string how) {
  const auto bounds = binary.unwind().function_at(address);
  const bool whole = bounds && bounds->address == address;
  return {place(binary, whole ? *bounds : Function{address, 0}, std::move(how))};
}

std::vector<Found> by_symbol(const Binary& binary, std::string_view name, Symbol::Kind kind) {
  const auto symbol = binary.symbols().find(name);
  if (!symbol || symbol->kind != kind) return {};
  return {place(binary, symbol->function(), symbol->dynamic ? "dynsym" : "symtab")};
}

std::vector<Found> by_prefix(const Binary& binary, std::string_view prefix) {
  auto symbols = binary.symbols().with_prefix(prefix);
  std::erase_if(symbols, [](const Symbol& s) { return s.kind != Symbol::Kind::kFunction; });
  if (symbols.size() != 1) return {};
  const Symbol& symbol = symbols.front();
  return {place(binary, symbol.function(), symbol.dynamic ? "dynsym prefix" : "symtab prefix")};
}

std::vector<Found> by_usdt(const Binary& binary, const Locator& locator) {
  std::vector<Found> out;
  for (const Usdt& probe : binary.usdt().find(locator.name, locator.other)) {
    Found found = place(binary, {probe.address, 0}, "usdt");
    found.semaphore_offset = binary.file_offset(probe.semaphore).value_or(0);
    found.arguments = probe.arguments;
    if (found.file_offset != 0) out.push_back(std::move(found));
  }
  return out;
}

bool calls(const Binary& binary, const Function& function, std::string_view import,
           uint64_t address) {
  return std::ranges::any_of(binary.calls().callees(function), [&](const Call& call) {
    return call.import == import || (address != 0 && call.target == address);
  });
}

std::vector<Found> by_callee(const Binary& binary, const Locator& locator) {
  const auto caller = binary.symbols().find(locator.name);
  if (!caller) return {};
  const auto other = binary.symbols().find(locator.other);
  std::vector<uint64_t> targets;
  for (const Call& call : binary.calls().callees(caller->function())) {
    if (call.target != 0 && call.import.empty()) targets.push_back(call.target);
  }
  std::ranges::sort(targets);
  const auto repeated = std::ranges::unique(targets);
  targets.erase(repeated.begin(), repeated.end());
  if (targets.size() > kMaxCandidates) return {};
  std::erase_if(targets, [&](uint64_t target) {
    const auto function = binary.unwind().function_at(target);
    return !function || function->address != target || target == caller->address ||
           !calls(binary, *function, locator.other, other ? other->address : 0) ||
           binary.symbols().exported(target);
  });
  if (targets.size() != 1) return {};
  return unnamed(binary, targets.front(), "callee of " + caller->name);
}

std::vector<Found> by_call_after(const Binary& binary, const Locator& locator) {
  const auto before = binary.symbols().find(locator.name);
  if (!before) return {};
  std::vector<uint64_t> targets;
  for (const auto& caller : binary.calls().callers(before->address)) {
    const auto calls = binary.calls().callees(caller.function);
    const auto next = std::ranges::upper_bound(calls, caller.probe, {}, &Call::probe);
    targets.push_back(next == calls.end() || !next->import.empty() ? 0 : next->target);
  }
  const bool one = !targets.empty() && targets.front() != 0 &&
                   std::ranges::count(targets, targets.front()) == std::ssize(targets);
  if (!one) return {};
  return unnamed(binary, targets.front(), "call after " + before->name);
}

std::vector<Found> follow(const Binary& binary, const Locator& locator) {
  switch (locator.kind) {
    case Locator::Kind::kSymbol:
      return by_symbol(binary, locator.name, Symbol::Kind::kFunction);
    case Locator::Kind::kObject:
      return by_symbol(binary, locator.name, Symbol::Kind::kObject);
    case Locator::Kind::kSymbolPrefix:
      return by_prefix(binary, locator.name);
    case Locator::Kind::kUsdt:
      return by_usdt(binary, locator);
    case Locator::Kind::kGo: {
      const auto function = binary.go().find(locator.name);
      if (!function) return {};
      return {place(binary, *function, "gopclntab")};
    }
    case Locator::Kind::kVirtual: {
      const auto address = binary.vtables().method(locator.name, locator.slot);
      if (!address) return {};
      return unnamed(binary, *address, "rtti vtable");
    }
    case Locator::Kind::kCalleeCalling:
      return by_callee(binary, locator);
    case Locator::Kind::kCallTargetAfter:
      return by_call_after(binary, locator);
  }
  return {};
}

}  // namespace

std::vector<Found> locate(const Binary& binary, std::span<const Locator> locators) {
  for (const Locator& locator : locators) {
    auto found = follow(binary, locator);
    if (!found.empty()) return found;
  }
  return {};
}

}  // namespace weft::resolve
