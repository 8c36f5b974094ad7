// SPDX-License-Identifier: Apache-2.0
#include "agent/discover/proc/runtime.h"

#include <algorithm>
#include <array>
#include <sys/stat.h>

#include "agent/base/path.h"
#include "agent/discover/proc/proc_file.h"
#include "agent/discover/proc/runtime_version.h"

namespace weft {

struct ProgramRuntime {
  std::string_view key;
  std::string_view id, language, name;  // name: process.runtime.name; empty: not certain
};

namespace {

constexpr size_t kMaxKnown = 1024;
constexpr size_t kMaxMaps = 4 << 20;

// By the executable's name: the key, followed by at most a version.
constexpr std::array kByName{
    ProgramRuntime{"python", "cpython", "python", "cpython"},
    ProgramRuntime{"pypy", "pypy", "python", "PyPy"},
    ProgramRuntime{"node", "nodejs", "nodejs", "nodejs"},
    ProgramRuntime{"nodejs", "nodejs", "nodejs", "nodejs"},
    ProgramRuntime{"java", "jvm", "java", ""},
    ProgramRuntime{"ruby", "ruby", "ruby", "ruby"},
    ProgramRuntime{"php", "php", "php", "php"},
    ProgramRuntime{"php-fpm", "php", "php", "php"},
    ProgramRuntime{"php-cgi", "php", "php", "php"},
    ProgramRuntime{"dotnet", "dotnet", "dotnet", ".NET"},
    ProgramRuntime{"beam.smp", "beam", "erlang", "BEAM"},
};

// By a library, linked or mapped: a program that embeds the runtime.
constexpr std::array kByLibrary{
    ProgramRuntime{"libpython2.", "cpython", "python", "cpython"},
    ProgramRuntime{"libpython3.", "cpython", "python", "cpython"},
    ProgramRuntime{"libjvm.so", "jvm", "java", ""},
    ProgramRuntime{"libcoreclr.so", "dotnet", "dotnet", ".NET"},
    ProgramRuntime{"libruby", "ruby", "ruby", "ruby"},
    ProgramRuntime{"libphp", "php", "php", "php"},
    ProgramRuntime{"libnode.so", "nodejs", "nodejs", "nodejs"},
};

const ProgramRuntime* by_name(std::string_view name) {
  for (const ProgramRuntime& r : kByName) {
    if (name.starts_with(r.key) &&
        name.find_first_not_of("0123456789.", r.key.size()) == std::string_view::npos) {
      return &r;
    }
  }
  return nullptr;
}

const ProgramRuntime* by_library(std::string_view name) {
  const auto* found = std::ranges::find_if(
      kByLibrary, [name](const ProgramRuntime& r) { return name.starts_with(r.key); });
  return found == kByLibrary.end() ? nullptr : found;
}

bool asks_for(const ElfFacts& elf, std::string_view library) {
  return std::ranges::any_of(elf.needed,
                             [library](const std::string& n) { return n.starts_with(library); });
}

void set(ProcessFacts& facts, const ProgramRuntime& runtime) {
  facts.runtime = runtime.id;
  facts.language = runtime.language;
  facts.runtime_name = runtime.name;
}

// Absolute paths of the mapped files, in order, without adjacent repeats.
std::vector<std::string> mapped_files(const std::string& process) {
  const std::string text = read_text(process + "/maps", kMaxMaps);
  std::vector<std::string> files;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    const size_t slash = line.find('/');
    if (slash != std::string_view::npos && (files.empty() || files.back() != line.substr(slash))) {
      files.emplace_back(line.substr(slash));
    }
    begin = end + 1;
  }
  return files;
}

}  // namespace

void RuntimeDetector::detect(const std::string& process, ProcessFacts& facts) {
  const std::string name(base_name(facts.exe));
  const ProgramRuntime* runtime = by_name(name);
  const bool python = runtime && runtime->id == "cpython";
  const ElfFacts& elf = elf_of(process + "/exe", python);
  facts.build_id = elf.build_id;
  facts.go_build_id = elf.go_build_id;
  if (!elf.go_version.empty()) {
    facts.runtime = facts.language = facts.runtime_name = "go";
    facts.runtime_version = elf.go_version;
    facts.tasks = TaskModel::kGoroutine;
    return;
  }
  for (size_t i = 0; !runtime && i < elf.needed.size(); ++i) runtime = by_library(elf.needed[i]);
  if (runtime) {
    set(facts, *runtime);
    facts.runtime_version = python_version(elf.python);
    if (facts.runtime_version.empty()) describe_version(process, facts.exe, facts);
    for (size_t i = 0; facts.runtime_version.empty() && i < elf.needed.size(); ++i) {
      if (by_library(elf.needed[i]) == nullptr) continue;
      facts.runtime_version = version_in_name(elf.needed[i]);
    }
  } else if (!elf.rust_version.empty() && !asks_for(elf, "libstdc++")) {
    facts.language = "rust";
  } else if (asks_for(elf, "libstdc++") || asks_for(elf, "libc++.")) {
    facts.language = "cpp";
  }
}

bool RuntimeDetector::refine(const std::string& process, ProcessFacts& facts) {
  const bool unknown = facts.runtime.empty() && (facts.language.empty() || facts.language == "cpp");
  const bool vague =
      !facts.runtime.empty() && facts.runtime != "go" && !is_whole_version(facts.runtime_version);
  if (!unknown && !vague) return false;
  for (const std::string& file : mapped_files(process)) {
    const ProgramRuntime* runtime = by_library(base_name(file));
    if (runtime && (unknown || runtime->id == facts.runtime)) {
      return describe(process, file, *runtime, facts);
    }
  }
  return false;
}

// Adds what the mapped library says. True: something new.
bool RuntimeDetector::describe(const std::string& process, const std::string& file,
                               const ProgramRuntime& runtime, ProcessFacts& facts) {
  ProcessFacts told = facts;
  told.runtime_version.clear();
  set(told, runtime);
  if (runtime.id == "cpython") {
    const std::string library = process + "/root" + file;
    told.runtime_version = python_version(elf_of(library, true).python);
  }
  if (told.runtime_version.empty()) describe_version(process, file, told);
  if (told.runtime_version.empty()) told.runtime_version = facts.runtime_version;
  if (told.runtime_name.empty()) told.runtime_name = facts.runtime_name;
  const bool more = told.runtime != facts.runtime || told.runtime_name != facts.runtime_name ||
                    told.runtime_version != facts.runtime_version;
  if (more) facts = std::move(told);
  return more;
}

const ElfFacts& RuntimeDetector::elf_of(const std::string& path, bool python) {
  const Fd fd = open_regular(path);
  struct stat info {};
  if (!fd.valid() || ::fstat(fd.get(), &info) != 0) return none_;
  const FileId id{info.st_dev, info.st_ino, static_cast<uint64_t>(info.st_size),
                  info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec};
  const auto found = known_.find(id);
  if (found != known_.end()) return found->second;
  if (known_.size() >= kMaxKnown) known_.clear();
  return known_.emplace(id, read_elf(FileBytes(fd), python)).first->second;
}

size_t RuntimeDetector::Hash::operator()(const FileId& id) const {
  return std::hash<uint64_t>()(id.inode ^ id.device << 48 ^ static_cast<uint64_t>(id.changed));
}

}  // namespace weft
