// SPDX-License-Identifier: Apache-2.0
// Runs every query on arbitrary bytes. Names and addresses to query come from the input itself, so
// that mutation finds them.
#include <cstdlib>

#include "agent/resolve/locate.h"

namespace weft::resolve {
namespace {

constexpr Locator kLocators[] = {
    Locator::symbol("f"),
    Locator::object("o"),
    Locator::prefix("p"),
    Locator::usdt("pg", "commit"),
    Locator::go("main.a"),
    Locator::virtual_method("1A", 1),
    Locator::callee_calling("f", "w"),
    Locator::call_after("f"),
};

void require(bool condition) {
  if (!condition) std::abort();
}

void ask_about_code(const Binary& binary, const Function& function) {
  const Probe probe = binary.code().first_emulatable(function);
  require(probe.address >= function.address);
  require(probe.address - function.address <= function.size);
  binary.code().first_emulatable(function, Abi::kGo, 3);
  binary.code().accessor_offset(function);
  binary.calls().callees(function);
  if (const auto exits = binary.code().returns(function)) {
    for (const uint64_t at : exits->returns) require(function.holds(at));
  }
}

void ask(const Binary& binary, uint64_t address) {
  binary.file_offset(address);
  binary.symbols().exported(address);
  binary.calls().plt_name(address);
  binary.calls().direct_calls(address);
  binary.calls().callers(address);
  ask_about_code(binary, {address, 64});
  const auto function = binary.unwind().function_at(address);
  if (!function) return;
  require(function->holds(address));
  ask_about_code(binary, *function);
}

void ask_all(const Binary& binary) {
  binary.build_id();
  for (const Locator& locator : kLocators) {
    for (const Found& found : locate(binary, {&locator, 1})) ask(binary, found.address);
  }
  for (const uint64_t address : {0UL, 0x400000UL, 0x401000UL, 0x401040UL, UINT64_MAX}) {
    ask(binary, address);
  }
}

}  // namespace
}  // namespace weft::resolve

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto bytes = std::make_unique<weft::MemoryBytes>(
      std::string_view(reinterpret_cast<const char*>(data), size));
  const auto binary = weft::resolve::Binary::over(std::move(bytes), "fuzz");
  if (binary) weft::resolve::ask_all(**binary);
  return 0;
}
