// SPDX-License-Identifier: Apache-2.0
// One x86-64 program or library on disk, opened, and its parts: each finds functions in another
// way, also if the file is stripped. Tolerates any bytes: invalid data is not found, and memory,
// time and the bytes read are bounded. Tables are read on demand, in slices; what stays in memory,
// 0.5 MiB of blocks and 16 bytes per import, is freed with the object. One thread.
//
// Addresses are as in the file's own symbols: add the load address for a process.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "agent/base/fd.h"
#include "agent/base/result.h"
#include "agent/discover/proc/elf_file.h"
#include "agent/resolve/call_graph.h"
#include "agent/resolve/code.h"
#include "agent/resolve/go_table.h"
#include "agent/resolve/scan.h"
#include "agent/resolve/symbols.h"
#include "agent/resolve/unwind_table.h"
#include "agent/resolve/usdt.h"
#include "agent/resolve/vtables.h"

namespace weft::resolve {

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

  const ElfFile& elf() const { return elf_; }
  // Valid as long as this object.
  const Symbols& symbols() const { return symbols_; }
  const UsdtNotes& usdt() const { return usdt_; }
  const GoTable& go() const { return go_; }
  const Vtables& vtables() const { return vtables_; }
  const UnwindTable& unwind() const { return unwind_; }
  const CallGraph& calls() const { return calls_; }
  const Code& code() const { return code_; }

 private:
  Binary(Fd fd, std::unique_ptr<Bytes> bytes);
  static Result<std::unique_ptr<Binary>> checked(std::unique_ptr<Binary> binary,
                                                 const std::string& name);

  Fd fd_;
  std::unique_ptr<Bytes> bytes_;
  CachedBytes cached_;
  ElfFile elf_;
  Symbols symbols_{elf_};
  UsdtNotes usdt_{elf_};
  GoTable go_{elf_};
  Vtables vtables_{elf_};
  UnwindTable unwind_{elf_};
  CallGraph calls_{elf_, unwind_};
  Code code_{elf_};
};

}  // namespace weft::resolve
