// SPDX-License-Identifier: Apache-2.0
// One x86-64 program or library on disk: finds its functions and variables, also if stripped.
// Tolerates any bytes: invalid data is not found, and memory, time and the bytes read are bounded.
// Tables are read on demand, in slices; what stays in memory, 0.5 MiB of blocks and 16 bytes per
// import, is freed with the object. One thread.
//
// Addresses are as in the file's own symbols: add the load address for a process.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/base/fd.h"
#include "agent/base/result.h"
#include "agent/discover/proc/elf_file.h"
#include "agent/resolve/scan.h"

namespace weft::resolve {

struct Function {
  uint64_t address = 0;
  uint64_t size = 0;  // bytes; 0: not known

  bool holds(uint64_t at) const { return at >= address && at - address < size; }
};

struct Symbol {
  enum class Kind : uint8_t { kFunction, kObject };
  std::string name;
  uint64_t address = 0;
  uint64_t size = 0;  // bytes; 0: not known
  Kind kind = Kind::kFunction;
  bool dynamic = false;  // from .dynsym; false: from .symtab

  Function function() const { return {address, size}; }
};

// One USDT probe.
struct Usdt {
  uint64_t address = 0;
  uint64_t semaphore = 0;  // address of the 16-bit counter that enables it; 0: none
  std::string arguments;   // "8@%rax -4@$5 …"
};

struct Call {
  uint64_t probe = 0;   // address of the instruction
  uint64_t target = 0;  // 0: through a pointer
  std::string import;   // name of the imported function, if it is one
  bool tail = false;    // a jump out of the function
};

// How a function is left.
struct Exits {
  std::vector<uint64_t> returns;  // addresses of the ret instructions
  bool tail_calls = false;        // jumps to other functions, or to its own cold part, leave it too
};

// What an accessor function returns: a field of the structure its first argument points to.
struct Field {
  int64_t offset = 0;
  uint8_t width = 0;  // bytes; 0: the field's address
};

// Which registers carry arguments.
enum class Abi : uint8_t { kSystemV, kGo };

struct Probe {
  uint64_t address = 0;
  bool emulated = false;     // the kernel emulates the instruction; else each hit needs
                             // single-stepping
  bool entry_stack = false;  // rsp is as at the entry: a return probe works here
};

class Binary {
 public:
  static Result<std::unique_ptr<Binary>> open(const std::string& path);
  // name: for error messages.
  static Result<std::unique_ptr<Binary>> over(std::unique_ptr<Bytes> bytes,
                                              const std::string& name);
  Binary(const Binary&) = delete;
  Binary& operator=(const Binary&) = delete;

  std::string build_id() const;  // hex; empty: none
  // The file offset, as perf_event_open needs it for a uprobe. None: not in the file (.bss).
  std::optional<uint64_t> file_offset(uint64_t address) const;

  // Defined functions and variables; dynamic symbols first. No resolvers (IFUNC), no thread-locals.
  std::optional<Symbol> symbol(std::string_view name) const;
  // One per address, without compilers' partial copies (".part.0", ".cold").
  std::vector<Symbol> symbols_with_prefix(std::string_view prefix) const;
  // Whether a dynamic symbol has this address.
  bool exported(uint64_t address) const;

  // .note.stapsdt
  std::vector<Usdt> usdt(std::string_view provider, std::string_view name) const;

  // .gopclntab of Go 1.18 and later: present in stripped programs too.
  std::optional<Function> go_function(std::string_view name) const;

  // The function in a slot of the vtable of the class with this RTTI name ("N1a1bE"), also in
  // anonymous namespaces. None also if two vtables differ.
  std::optional<uint64_t> virtual_method(std::string_view class_name, uint32_t slot) const;

  // Bounds of the function that contains an address, from the unwind table: also for static
  // functions and in stripped files.
  std::optional<Function> function_at(uint64_t address) const;

  // The function's calls and tail calls, in order. Empty also if it cannot be decoded.
  std::vector<Call> callees(const Function& function) const;
  // Calls of the function at an address, directly or through its own PLT stubs.
  struct Caller {
    Function function;
    uint64_t probe = 0;
  };
  std::vector<Caller> callers(uint64_t address) const;
  // How many instructions look like calls of the address or jumps to it. A hint, not decoded: 0
  // means that nothing in this file calls it directly (inlined, split, or called only by pointer).
  size_t direct_calls(uint64_t address) const;
  // The imported function that a PLT stub jumps to; empty: not a stub.
  std::string plt_name(uint64_t address) const;

  // For functions of a few instructions that load one field, or its address, and return.
  std::optional<Field> accessor_offset(const Function& getter) const;
  // Empty: cannot be decoded.
  std::optional<Exits> returns(const Function& function) const;
  // The cheapest place for a probe at the function's entry: the first instruction that the kernel
  // emulates (decode.h), executed once per call, with the first `arguments` integer arguments (Go:
  // and the goroutine) still in their registers. The entry itself if there is none nearby. In Go it
  // is often the branch to runtime.morestack, which restarts the function: of a goroutine's hits
  // the last one counts.
  Probe first_emulatable(const Function& function, Abi abi = Abi::kSystemV,
                         size_t arguments = SIZE_MAX) const;

 private:
  // A pointer that the dynamic linker fills with an imported (or own) function.
  struct Slot {
    uint64_t place = 0;
    uint32_t symbol = 0;
  };
  struct Stub {
    uint64_t address = 0;
    uint64_t slot = 0;
  };
  struct Imports {
    std::vector<Slot> slots;  // by place
    std::vector<Stub> stubs;  // by address
  };

  Binary(Fd fd, std::unique_ptr<Bytes> bytes);
  static Result<std::unique_ptr<Binary>> checked(std::unique_ptr<Binary> binary,
                                                 const std::string& name);
  const Imports& imports() const;
  uint32_t slot_symbol(uint64_t place) const;
  std::string slot_name(uint64_t place) const;
  std::vector<uint64_t> entries_of(uint64_t address) const;

  Fd fd_;
  std::unique_ptr<Bytes> bytes_;
  CachedBytes cached_;
  ElfFile elf_;
  mutable std::optional<Imports> imports_;
};

}  // namespace weft::resolve
