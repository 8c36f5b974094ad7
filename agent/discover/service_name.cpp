// SPDX-License-Identifier: Apache-2.0
#include "agent/discover/service_name.h"

#include <algorithm>
#include <array>

#include "agent/base/path.h"
#include "agent/discover/launch.h"

namespace weft {
namespace {

constexpr size_t kAbsent = std::string_view::npos;

template <size_t N>
bool among(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::ranges::count(words, word) != 0;
}

// Names of entry points, not of programs.
constexpr std::array<std::string_view, 8> kGeneric{"index", "main", "__main__", "__init__",
                                                   "wsgi",  "asgi", "manage",   "artisan"};
// Folders common to every project and host.
constexpr std::array<std::string_view, 24> kCommonFolders{
    "",       "/",    ".",    "..",     "app", "bin", "build", "cmd",
    "code",   "dist", "home", "lib",    "opt", "out", "root",  "sbin",
    "server", "src",  "srv",  "target", "tmp", "usr", "var",   "www"};

std::string_view parent(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == kAbsent ? std::string_view() : path.substr(0, slash);
}

// The nearest parent folder with a meaningful name; empty if none.
std::string folder_name(std::string_view path) {
  for (; !path.empty(); path = parent(path)) {
    std::string name(base_name(path));
    if (!among(kCommonFolders, name)) return name;
  }
  return {};
}

std::string_view without_suffix(std::string_view name) {
  static constexpr std::array<std::string_view, 13> kSuffixes{
      ".py", ".pyc", ".js",  ".mjs", ".cjs", ".ts",  ".rb",
      ".ru", ".php", ".jar", ".war", ".dll", ".java"};
  for (const std::string_view suffix : kSuffixes) {
    if (name.size() > suffix.size() && name.ends_with(suffix)) {
      return name.substr(0, name.size() - suffix.size());
    }
  }
  return name;
}

// "shop-1.2.3-SNAPSHOT" → "shop": a new release is not another service.
std::string_view without_release(std::string_view name) {
  for (size_t dash = name.find('-', 1); dash < name.size(); dash = name.find('-', dash + 1)) {
    if (dash + 1 < name.size() && name[dash + 1] >= '0' && name[dash + 1] <= '9') {
      return name.substr(0, dash);
    }
  }
  return name;
}

std::string from_file(std::string_view path, std::string_view cwd) {
  const std::string file(base_name(path));
  std::string name(without_suffix(file));
  if (!among(kGeneric, name)) return name;
  std::string folder = folder_name(parent(path));
  if (folder.empty() && !path.starts_with('/')) folder = folder_name(cwd);
  return folder.empty() ? name : folder;
}

std::string from_module(std::string_view module, std::string_view cwd) {
  std::string_view rest = module;
  while (!rest.empty()) {
    const size_t dot = rest.rfind('.');
    const std::string_view last = dot == kAbsent ? rest : rest.substr(dot + 1);
    if (!among(kGeneric, last) && (last != "app" || dot == kAbsent)) break;
    rest = rest.substr(0, dot == kAbsent ? 0 : dot);
  }
  if (rest == module || !among(kCommonFolders, rest)) return std::string(rest);
  std::string folder = folder_name(cwd);
  if (!folder.empty()) return folder;
  return std::string(rest.empty() ? module : rest);
}

std::string from_launch(const Launch& launch, std::string_view cwd) {
  switch (launch.kind) {
    case Launch::Kind::kNone:
      return {};
    case Launch::Kind::kName:
      return launch.what;
    case Launch::Kind::kFile:
      return from_file(launch.what, cwd);
    case Launch::Kind::kModule:
      return from_module(launch.what, cwd);
    case Launch::Kind::kJar:
      return std::string(without_release(without_suffix(base_name(launch.what))));
    case Launch::Kind::kLauncher: {
      std::string folder = folder_name(cwd);
      return folder.empty() ? launch.what : folder;
    }
  }
  return {};
}

// A script of which only the EXEC record is known: `exe` is the script's path, and the kernel has
// put the interpreter before it in the arguments.
bool is_script(const ProcessFacts& facts) {
  const auto& args = facts.args;
  return args.size() > 1 && (args[1] == facts.exe || (args.size() > 2 && args[2] == facts.exe));
}

std::string program(const ProcessFacts& facts) {
  return std::string(base_name(is_script(facts) ? facts.args[0] : facts.exe));
}

// One file may be several programs, distinguished by the name they are started by (redis-server is
// a link to redis-check-rdb). Then both comm and args[0] have that name.
std::string started_as(const ProcessFacts& facts) {
  constexpr size_t kComm = 15;  // the kernel truncates comm to this
  if (facts.args.empty()) return {};
  const std::string& word = facts.args[0];  // may be followed by a title
  std::string name(base_name(std::string_view(word).substr(0, word.find(' '))));
  return !name.empty() && name.substr(0, kComm) == facts.comm ? name : std::string();
}

// args[0] if it is the program's name or path, not a title.
std::string command_word(const ProcessFacts& facts) {
  if (facts.args.empty()) return {};
  const std::string& word = facts.args[0];
  const std::string name(base_name(word));
  const bool own = is_script(facts) || name == base_name(facts.exe) || name == started_as(facts) ||
                   (is_interpreter(name) && is_interpreter(base_name(facts.exe)));
  return own && word.find_first_of(" \t\n") == kAbsent ? word : started_as(facts);
}

// Arguments from which read_launch() gets `launch` again, with `what` as its name.
std::vector<std::string> launch_args(const ProcessFacts& facts, const Launch& launch,
                                     const std::string& what) {
  const bool script = is_script(facts);
  switch (launch.kind) {
    case Launch::Kind::kNone:
      return {};
    case Launch::Kind::kName:
      return {"-Dotel.service.name=" + what};
    case Launch::Kind::kJar:
      return {"-jar", what};
    case Launch::Kind::kModule:
      if (!script) return {"-m", what};
      return {facts.exe, "--app", what + ":app"};
    case Launch::Kind::kFile:
      if (!script || what == facts.exe) return {what};
      return {facts.exe, "--app", what};
    case Launch::Kind::kLauncher:
      return {script ? facts.exe : what};
  }
  return {};
}

std::vector<std::string> interpreted(const ProcessFacts& facts, std::string_view interpreter) {
  const Launch launch = read_launch(interpreter, facts.args);
  ProcessFacts bare = facts;  // a replay does not know the working folder either
  bare.cwd.clear();
  const std::string name = service_name(bare);
  const std::string word = command_word(facts);
  for (const std::string& what : {std::string(base_name(launch.what)), launch.what}) {
    if (launch.what.find("://") != kAbsent) break;
    bare.args = launch_args(facts, launch, what);
    bare.args.insert(bare.args.begin(), word.empty() ? std::string(interpreter) : word);
    if (service_name(bare) == name) return bare.args;
  }
  return {std::string(interpreter)};
}

}  // namespace

std::string service_name(const ProcessFacts& facts) {
  std::string name = program(facts);
  if (is_interpreter(name)) {
    std::string found = from_launch(read_launch(name, facts.args), facts.cwd);
    return found.empty() ? std::string(without_version_digits(name)) : found;
  }
  if (name.starts_with("php-fpm")) return "php-fpm";
  if (std::string alias = started_as(facts); !alias.empty()) return alias;
  if (name.empty()) return facts.comm.empty() ? "unknown_service" : facts.comm;
  return name;
}

std::vector<std::string> naming_args(const ProcessFacts& facts) {
  const std::string name = program(facts);
  if (is_interpreter(name)) return interpreted(facts, name);
  const std::string word = command_word(facts);
  if (word.empty()) return {};
  return is_script(facts) ? std::vector{word, facts.exe} : std::vector{word};
}

}  // namespace weft
