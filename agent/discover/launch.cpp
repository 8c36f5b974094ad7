// SPDX-License-Identifier: Apache-2.0
#include "agent/discover/launch.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <span>

namespace weft {
namespace {

using Args = std::span<const std::string>;
using Kind = Launch::Kind;
using Words = std::initializer_list<std::string_view>;
constexpr size_t kAbsent = std::string_view::npos;

bool among(Words words, std::string_view word) {
  return std::ranges::count(words, word) != 0;
}

Args after(Args args, size_t n) {
  return args.subspan(std::min(n, args.size()));
}

std::string stem(std::string_view path) {
  std::string_view name = path.substr(path.rfind('/') + 1);
  for (const std::string_view suffix : {".py", ".js"}) {
    if (name.size() > suffix.size() && name.ends_with(suffix)) {
      name.remove_suffix(suffix.size());
    }
  }
  return std::string(name);
}

bool is_option(std::string_view arg) {
  return arg.size() > 1 && arg.front() == '-';
}

// Drops leading options, and the next argument after those that take a value.
Args skip_options(Args args, Words with_value) {
  while (!args.empty() && is_option(args[0])) {
    if (args[0] == "--") return after(args, 1);
    args = after(args, among(with_value, args[0]) ? 2 : 1);
  }
  return args;
}

// The value of `--name V`, `--name=V` or `-nV`; none if absent.
std::optional<std::string_view> option(Args args, std::string_view name) {
  for (size_t i = 0; i < args.size(); ++i) {
    const std::string_view arg = args[i];
    if (arg == name) return i + 1 < args.size() ? std::string_view(args[i + 1]) : "";
    if (!arg.starts_with(name)) continue;
    const std::string_view rest = arg.substr(name.size());
    if (rest.front() == '=') return rest.substr(1);
    if (!name.starts_with("--")) return rest;
  }
  return std::nullopt;
}

bool is_dotted(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.';
  };
  return !text.empty() && (text[0] < '0' || text[0] > '9') && text[0] != '.' &&
         std::ranges::all_of(text, fits);
}

// "shop.wsgi:application", also with a call: "shop:create('x')".
bool is_app(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == kAbsent) return false;
  const std::string_view scheme = text.substr(0, colon);
  const std::string_view attribute = text.substr(colon + 1);
  return is_dotted(scheme) && !among({"unix", "file", "python", "fd"}, scheme) &&
         is_dotted(attribute.substr(0, attribute.find('(')));
}

Launch from_app(std::string_view app) {
  app = app.substr(0, app.find(':'));
  const bool file = app.find('/') != kAbsent || app.ends_with(".py");
  return {file ? Kind::kFile : Kind::kModule, std::string(app)};
}

bool is_python_server(std::string_view name) {
  return among({"flask", "gunicorn", "uvicorn", "hypercorn", "daphne", "granian", "celery",
                "fastapi", "streamlit", "waitress-serve", "waitress"},
               name);
}

// A server that runs an application, whose name is among the arguments.
Launch python_app(const std::string& server, Args args) {
  if (server == "flask" || server == "celery") {
    auto app = option(args, "--app");
    if (!app) app = option(args, "-A");
    if (app && !app->empty()) return from_app(*app);
    return {Kind::kLauncher, server};
  }
  for (const std::string& arg : args) {
    if (is_app(arg) || (!is_option(arg) && arg.ends_with(".py"))) return from_app(arg);
  }
  // gunicorn takes a bare module last; an option's value must not be taken for one.
  const bool value = args.size() > 1 && is_option(args[args.size() - 2]) &&
                     args[args.size() - 2].find('=') == kAbsent;
  if (server == "gunicorn" && !args.empty() && !value && is_dotted(args.back())) {
    return from_app(args.back());
  }
  return {Kind::kLauncher, server};
}

Launch python_module(const std::string& module, Args args) {
  const std::string top = module.substr(0, module.find('.'));
  if (is_python_server(top)) return python_app(top, args);
  return module.empty() ? Launch{} : Launch{Kind::kModule, module};
}

Launch python(Args args) {
  while (!args.empty() && is_option(args[0])) {
    const std::string& arg = args[0];
    if (arg.starts_with("--")) {
      args = after(args, arg == "--check-hash-based-pycs" ? 2 : 1);
      continue;
    }
    // Combined letters: -uBm module. These four take the rest of the word, or the next argument.
    const size_t letter = arg.find_first_of("cmWX", 1);
    if (letter == kAbsent) {
      args = after(args, 1);
      continue;
    }
    const bool joined = letter + 1 < arg.size();
    if (arg[letter] == 'c') return {};
    if (arg[letter] == 'm') {
      if (joined) return python_module(arg.substr(letter + 1), after(args, 1));
      return args.size() < 2 ? Launch{} : python_module(args[1], after(args, 2));
    }
    args = after(args, joined ? 1 : 2);
  }
  if (args.empty() || args[0] == "-" || args[0].empty()) return {};
  if (const std::string name = stem(args[0]); is_python_server(name)) {
    return python_app(name, after(args, 1));
  }
  return {Kind::kFile, args[0]};
}

Launch script(Args args, Words launchers, const char* self) {
  if (args.empty() || args[0].empty()) return {};
  if (args[0] == ".") return {Kind::kLauncher, self};
  const std::string name = stem(args[0]);
  if (among(launchers, name)) return {Kind::kLauncher, name};
  return {Kind::kFile, args[0]};
}

// Whether any of `options` is before the script; `rest` is what skip_options() left.
bool any_before(Args args, Args rest, Words options) {
  return std::ranges::any_of(args.first(args.size() - rest.size()),
                             [options](const std::string& arg) { return among(options, arg); });
}

Launch node(const Args all) {
  Args args = skip_options(all, {"-r",
                                 "--require",
                                 "--import",
                                 "--loader",
                                 "--experimental-loader",
                                 "-C",
                                 "--conditions",
                                 "-e",
                                 "--eval",
                                 "-p",
                                 "--print",
                                 "-pe",
                                 "--title",
                                 "--env-file",
                                 "--input-type",
                                 "--inspect-port",
                                 "--icu-data-dir",
                                 "--openssl-config",
                                 "--redirect-warnings",
                                 "--diagnostic-dir",
                                 "--tls-cipher-list",
                                 "--tls-keylog",
                                 "--unhandled-rejections",
                                 "--dns-result-order",
                                 "--max-http-header-size",
                                 "--trace-event-categories",
                                 "--disable-warning",
                                 "--watch-path",
                                 "--run"});
  // Code on the command line: the rest are its arguments.
  if (any_before(all, args, {"-e", "--eval", "-p", "--print", "-pe", "--run"})) return {};
  if (!args.empty() && args[0] == "inspect") args = after(args, 1);
  return script(args,
                {"npm", "npm-cli", "npx", "npx-cli", "yarn", "pnpm", "next", "nuxt", "ts-node"},
                "node");
}

Launch java(Args args) {
  for (const std::string_view name : {"-Dotel.service.name=", "-Dspring.application.name="}) {
    for (const std::string& arg : args) {
      if (arg.starts_with(name) && arg.size() > name.size()) {
        return {Kind::kName, arg.substr(name.size())};
      }
    }
  }
  while (!args.empty()) {
    const std::string& arg = args[0];
    const bool more = args.size() > 1;
    if (arg == "-jar") return more ? Launch{Kind::kJar, args[1]} : Launch{};
    if (arg == "-m" || arg == "--module") {
      args = after(args, 1);
      break;
    }
    if (!is_option(arg) && !arg.starts_with('@')) break;
    const bool takes =
        among({"-cp", "-classpath", "--class-path", "-p", "--module-path", "--upgrade-module-path",
               "--add-modules", "--limit-modules", "--add-opens", "--add-exports", "--add-reads",
               "--patch-module", "--enable-native-access", "--source"},
              arg);
    args = after(args, takes ? 2 : 1);
  }
  if (args.empty()) return {};
  const std::string_view main = args[0];
  if (main.ends_with(".java")) return {Kind::kFile, args[0]};
  const std::string_view simple = main.substr(main.find_last_of("./") + 1);
  return simple.empty() ? Launch{} : Launch{Kind::kName, std::string(simple)};
}

Launch ruby(Args args) {
  for (; !args.empty() && is_option(args[0]); args = after(args, 1)) {
    if (args[0].starts_with("-e")) return {};
    if (args[0] == "--") break;
    if (among({"-I", "-r", "-C", "-E", "-x"}, args[0])) args = after(args, 1);
  }
  if (!args.empty() && args[0] == "--") args = after(args, 1);
  return script(args, {"bundle", "puma", "rackup", "rails", "sidekiq", "unicorn"}, "ruby");
}

Launch php(Args args) {
  const bool serves = option(args, "-S").has_value();
  while (!args.empty() && is_option(args[0])) {
    if (args[0].starts_with("-r")) return {};
    if (args[0] == "-f" || args[0] == "--") {
      args = after(args, 1);
      break;
    }
    args =
        after(args, among({"-S", "-t", "-d", "-c", "-z", "-B", "-R", "-F", "-E"}, args[0]) ? 2 : 1);
  }
  if (args.empty() && serves) return {Kind::kLauncher, "php"};
  return script(args, {}, "php");
}

Launch dotnet(Args args) {
  for (const std::string& arg : args) {
    if (arg.ends_with(".dll")) return {Kind::kFile, arg};
  }
  return args.empty() ? Launch{} : Launch{Kind::kLauncher, "dotnet"};
}

struct Interpreter {
  std::string_view name;
  Launch (*read)(Args args);
};
constexpr std::array kInterpreters{
    Interpreter{"python", python}, Interpreter{"pypy", python},   Interpreter{"node", node},
    Interpreter{"nodejs", node},   Interpreter{"java", java},     Interpreter{"ruby", ruby},
    Interpreter{"php", php},       Interpreter{"dotnet", dotnet},
};

// "gunicorn: master [shop:app]", "puma 6.4.0 (tcp://0.0.0.0:3000) [shop]", "npm start"
Launch read_title(std::string_view title) {
  const size_t open = title.rfind('[');
  if (open != kAbsent && title.ends_with(']')) {
    const std::string_view app = title.substr(open + 1, title.size() - open - 2);
    if (is_dotted(app.substr(0, app.find(':')))) return from_app(app);
  }
  const std::string_view word = title.substr(0, title.find_first_of(" :"));
  return word.empty() ? Launch{} : Launch{Kind::kLauncher, stem(word)};
}

}  // namespace

std::string_view without_version_digits(std::string_view name) {
  const size_t last = name.find_last_not_of("0123456789.");
  return last == kAbsent ? name : name.substr(0, last + 1);
}

bool is_interpreter(std::string_view name) {
  const std::string_view plain = without_version_digits(name);
  return std::ranges::any_of(kInterpreters,
                             [plain](const Interpreter& i) { return i.name == plain; });
}

Launch read_launch(std::string_view interpreter, const std::vector<std::string>& args) {
  const std::string_view plain = without_version_digits(interpreter);
  for (const Interpreter& i : kInterpreters) {
    if (i.name != plain || args.empty()) continue;
    // A process title replaces the arguments: all of it is in the first.
    if (args[0].find(' ') != kAbsent && args[0].find('/') != 0) return read_title(args[0]);
    return i.read(Args(args).subspan(1));
  }
  return {};
}

}  // namespace weft
