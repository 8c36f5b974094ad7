// SPDX-License-Identifier: Apache-2.0
// Detects a process's language runtime. At exec only the executable is known: its name, its ELF
// file and the libraries it links. What it maps later (libjvm, a CLR, a plug-in interpreter) is
// found by refine(), once, after it has run for a while.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/discover/proc/elf.h"
#include "agent/discover/proc/facts.h"

namespace weft {

struct ProgramRuntime;  // a row of the table of known runtimes

// Caches executables by device, inode, size and ctime, so that a burst of execs of one program
// reads its file once. One thread.
class RuntimeDetector {
 public:
  // `process` is /proc/PID; facts.exe is known. Sets runtime*, language, build ids, tasks.
  void detect(const std::string& process, ProcessFacts& facts);
  // As detect(), from the libraries mapped now. True: a fact changed.
  bool refine(const std::string& process, ProcessFacts& facts);

 private:
  bool describe(const std::string& process, const std::string& file, const ProgramRuntime& runtime,
                ProcessFacts& facts);
  const ElfFacts& elf_of(const std::string& path, bool python);

  struct FileId {
    uint64_t device = 0, inode = 0, size = 0;
    int64_t changed = 0;
    bool operator==(const FileId&) const = default;
  };
  struct Hash {
    size_t operator()(const FileId& id) const;
  };
  std::unordered_map<FileId, ElfFacts, Hash> known_;
  ElfFacts none_;
};

}  // namespace weft
