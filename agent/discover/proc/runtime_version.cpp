// SPDX-License-Identifier: Apache-2.0
#include "agent/discover/proc/runtime_version.h"

#include <algorithm>

#include "agent/base/path.h"
#include "agent/discover/proc/proc_file.h"

namespace weft {
namespace {

constexpr size_t kAbsent = std::string_view::npos;
constexpr size_t kMaxRelease = 64 << 10;

std::string_view parent(std::string_view path) {
  return path.substr(0, path.rfind('/'));
}

// The nearest folder of the path that looks like a version: "v20.11.1", "8.0.1".
std::string version_folder(std::string_view path) {
  for (path = parent(path); !path.empty() && path.find('/') != kAbsent; path = parent(path)) {
    std::string_view folder = path.substr(path.rfind('/') + 1);
    if (folder.starts_with('v')) folder.remove_prefix(1);
    if (is_whole_version(folder)) return std::string(folder);
  }
  return {};
}

std::string node_header(const std::string& process, std::string_view file) {
  const std::string path =
      process + "/root" + std::string(parent(parent(file))) + "/include/node/node_version.h";
  const std::string text = read_regular(path, kMaxRelease);
  std::string version;
  for (const char* part : {"NODE_MAJOR_VERSION ", "NODE_MINOR_VERSION ", "NODE_PATCH_VERSION "}) {
    const size_t at = text.find(std::string("#define ") + part);
    if (at == kAbsent) return {};
    const size_t begin = text.find_first_of("0123456789", at);
    if (begin == kAbsent) return {};
    const size_t end = text.find_first_not_of("0123456789", begin);
    version += (version.empty() ? "" : ".") + text.substr(begin, end - begin);
  }
  return version;
}

// A JDK has a file "release" in its top folder, up to four folders above java or libjvm.so.
void describe_java(const std::string& process, std::string_view file, ProcessFacts& facts) {
  for (int i = 0; i < 5 && !file.empty(); ++i) {
    file = parent(file);
    const std::string text =
        read_regular(process + "/root" + std::string(file) + "/release", kMaxRelease);
    if (text.find("JAVA_VERSION=") == kAbsent) continue;
    facts.runtime_version = release_field(text, "JAVA_RUNTIME_VERSION");
    if (facts.runtime_version.empty()) facts.runtime_version = release_field(text, "JAVA_VERSION");
    // java.runtime.name of all OpenJDK builds; Oracle and IBM also ship others.
    const std::string maker = release_field(text, "IMPLEMENTOR");
    if (!maker.empty() && maker.find("Oracle") == kAbsent && maker.find("IBM") == kAbsent) {
      facts.runtime_name = "OpenJDK Runtime Environment";
    }
    return;
  }
}

}  // namespace

void describe_version(const std::string& process, const std::string& file, ProcessFacts& facts) {
  if (facts.runtime == "jvm") return describe_java(process, file, facts);
  if (facts.runtime == "nodejs") {
    facts.runtime_version = version_folder(file);
    if (facts.runtime_version.empty()) facts.runtime_version = node_header(process, file);
    return;
  }
  if (facts.runtime == "dotnet") {
    if (file.ends_with("/libcoreclr.so")) facts.runtime_version = version_folder(file);
    return;
  }
  facts.runtime_version = version_in_name(base_name(file));
}

std::string version_in_name(std::string_view name) {
  const size_t begin = name.find_first_of("0123456789");
  if (begin == kAbsent) return {};
  std::string_view version = name.substr(begin);
  version = version.substr(0, version.find_first_not_of("0123456789."));
  while (version.ends_with('.')) version.remove_suffix(1);
  return version.find('.') == kAbsent ? std::string() : std::string(version);
}

bool is_whole_version(std::string_view version) {
  if (version.empty() || version.front() < '0' || version.front() > '9') return false;
  const std::string_view digits = version.substr(0, version.find_first_not_of("0123456789."));
  return std::ranges::count(digits, '.') >= 2;
}

std::string release_field(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.starts_with(name) || line.size() <= name.size() || line[name.size()] != '=') continue;
    line.remove_prefix(name.size() + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool quoted = line.starts_with('"') || line.starts_with('\'');
    if (quoted && line.size() >= 2 && line.front() == line.back()) {
      line = line.substr(1, line.size() - 2);
    }
    return std::string(line);
  }
  return {};
}

}  // namespace weft
