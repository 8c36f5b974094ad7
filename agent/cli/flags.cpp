// SPDX-License-Identifier: Apache-2.0
// The only user of the command line library (CLI11).
#include "agent/cli/flags.h"

#include <CLI/CLI.hpp>

#include "agent/cli/help.h"
#include "agent/config/text.h"

namespace weft::cli {
namespace {

std::string full_name(const CLI::App* app) {
  std::string name = app->get_name();
  const CLI::App* parent = app->get_parent();
  return parent ? full_name(parent).append(" ").append(name) : name;
}

// The name in help.cpp's table: without "weft".
std::string command_of(const CLI::App* app) {
  const std::string name = full_name(app);
  const size_t space = name.find(' ');
  return space == std::string::npos ? "" : name.substr(space + 1);
}

std::string left_column(const CLI::Option* option) {
  std::string out =
      option->get_positional() ? option->get_name(true) : option->get_name(false, true);
  if (const size_t comma = out.find(','); comma != std::string::npos) out.replace(comma, 1, ", ");
  const std::string type = option->get_type_name();
  return option->get_positional() || type.empty() ? out : out + " " + type;
}

std::string help_text(const CLI::App* app, std::span<const ExporterKind> kinds) {
  HelpPage page{.command = command_of(app), .usage = full_name(app), .groups = {}};
  HelpPage::Group commands{"Commands", {}};
  for (const CLI::App* sub : app->get_subcommands(nullptr)) {
    commands.rows.emplace_back(sub->get_name(), sub->get_description());
  }
  std::map<std::string, HelpPage::Group> groups;
  bool exporters = false;
  for (const CLI::Option* option : app->get_options()) {
    if (option->get_positional()) page.usage += " " + option->get_name(true);
    HelpPage::Group& group = groups[option->get_group()];
    group.title = option->get_group();
    group.rows.emplace_back(left_column(option), option->get_description());
    exporters |= option->check_lname("exporter");
  }
  page.usage += commands.rows.empty() ? " [flags]" : " COMMAND";
  page.groups.push_back(std::move(commands));
  for (const char* title : kGroups) page.groups.push_back(std::move(groups[title]));
  if (exporters) page.groups.push_back(exporter_group(kinds));
  return render(page);
}

// Declares commands and flags, each with the variable that takes its value.
class Apps {
 public:
  explicit Apps(Flags& flags) : flags_(flags) {
    root_.set_help_flag("-h,--help", "Show this help")->group(kGeneral);
    root_.add_flag("--version", version_, "Print the version")->group(kGeneral);
    root_.allow_extras();
    CLI::App* run = command(root_, "run");
    targets(*run);
    live(*run);
    CLI::App* attach = command(root_, "attach");
    attach->add_option("PID", flags_.attach_pid, "The process")->required()->group(kArguments);
    live(*attach);
    CLI::App* record = command(root_, "record");
    file(*record, "The recording to write");
    flag(*record, "--unredacted", flags_.unredacted, "Keep payloads, arguments and environments");
    targets(*record);
    live(*record);
    CLI::App* replay = command(root_, "replay");
    file(*replay, "The recording to read");
    output(*replay);
    sources(*replay);
    CLI::App* status = command(root_, "status");
    flag(*status, "--json", flags_.json, "For programs");
    admin(*status);
    sources(*status);
    CLI::App* exporters = command(root_, "exporters");
    admin(*exporters);
    sources(*exporters);
    CLI::App* test = command(root_, "export-test");
    output(*test);
    sources(*test);
    CLI::App* doctor = command(root_, "doctor");
    flag(*doctor, "--json", flags_.json, "For programs");
    hooks(*doctor);
    admin(*doctor);
    sources(*doctor);
    CLI::App* config = command(root_, "config");
    file(*command(*config, "check"), "The configuration file");
    CLI::App* print = command(*config, "print");
    flag(*print, "--show-secrets", flags_.show_secrets, "Do not mask credentials");
    targets(*print);
    live(*print);
    command(root_, "version");
  }

  CLI::App& root() { return root_; }
  bool version() const { return version_; }
  // The innermost command given; the root if none.
  const CLI::App* chosen() const {
    const CLI::App* app = &root_;
    while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
    return app;
  }

 private:
  static CLI::App* command(CLI::App& parent, const std::string& name) {
    CLI::App* app = parent.add_subcommand(name);
    app->description(std::string(help_of(command_of(app)).summary));
    app->set_help_flag("-h,--help", "Show this help")->group(kGeneral);
    app->allow_extras();  // so that the error can name the unknown flag and a similar one
    return app;
  }
  static void flag(CLI::App& app, const char* name, bool& out, const char* what) {
    app.add_flag(name, out, what)->group(kGeneral);
  }
  static void text(CLI::App& app, const char* name, std::optional<std::string>& out,
                   const char* type, const char* what, const char* group = kGeneral) {
    app.add_option(name, out, what)->type_name(type)->group(group);
  }
  static void list(CLI::App& app, const char* name, std::vector<std::string>& out, const char* type,
                   const char* what, const char* group) {
    app.add_option(name, out, what)->type_name(type)->allow_extra_args(false)->group(group);
  }
  void file(CLI::App& app, const char* what) {
    app.add_option("FILE", flags_.file, what)->required()->group(kArguments);
  }
  void sources(CLI::App& app) {
    text(app, "--config", flags_.overrides.config_file, "FILE",
         "Declarative configuration file; default: $OTEL_CONFIG_FILE, else the OTEL_* variables");
    text(app, "--log-level", flags_.overrides.log_level, "LEVEL",
         "trace, debug, info, warn, error, fatal or off; default info");
  }
  void output(CLI::App& app) {
    list(app, "--exporter", flags_.overrides.exporters, "KIND[:KEY=VALUE,…]",
         "Where spans go, instead of what the configuration says. Repeatable; kinds are below",
         kOutput);
    text(app, "--disk-queue", flags_.overrides.disk_queue, "DIR",
         "Where spans wait, across restarts, for backends that do not answer; default: in memory",
         kOutput);
    text(app, "--service-name", flags_.overrides.service_name, "NAME",
         "service.name of every process, instead of the discovered ones", kOutput);
    text(app, "--existing-instrumentation", flags_.overrides.existing_instrumentation, "WHAT",
         "Of processes that export spans themselves: prefer_sdk (default: none of their requests) "
         "or both",
         kOutput);
  }
  void targets(CLI::App& app) {
    TargetRules& rules = flags_.overrides.targets;
    list(app, "--pid", flags_.pids, "PID", "This process and what it forks", kTargets);
    list(app, "--exe", rules.exes, "GLOB", "By executable: path or base name", kTargets);
    list(app, "--port", flags_.ports, "PORT", "Processes that listen on this port", kTargets);
    list(app, "--container", rules.containers, "GLOB", "By container id", kTargets);
    list(app, "--cgroup", rules.cgroups, "GLOB", "By cgroup path", kTargets);
    list(app, "--exclude", rules.exclude, "GLOB", "Never this executable; wins over all", kTargets);
  }
  void hooks(CLI::App& app) {
    text(app, "--hooks", flags_.overrides.hooks, "TYPE",
         "How the kernel is hooked: auto, fentry, tracepoint, kprobe or syscall; default auto, the "
         "cheapest that this kernel allows");
  }
  void admin(CLI::App& app) {
    text(app, "--admin", flags_.overrides.admin, "HOST:PORT",
         "The agent's admin endpoint, or off; default 127.0.0.1:4380");
  }
  void live(CLI::App& app) {
    output(app);
    sources(app);
    hooks(app);
    admin(app);
    text(app, "--budget", flags_.overrides.budget, "SHARE",
         "What watching may cost, of the host's CPU time: beyond it fewer traces are kept, all "
         "requests are counted; default 5%, or off");
    text(app, "--duration", flags_.duration, "SECONDS", "Stop by itself after this long");
  }

  Flags& flags_;
  CLI::App root_{"", "weft"};
  bool version_ = false;
};

std::string see_help(const CLI::App* app) {
  return "see " + full_name(app) + " --help";
}

std::vector<std::string> known_words(const CLI::App* app, bool flags) {
  std::vector<std::string> out;
  if (flags) {
    for (const CLI::Option* option : app->get_options()) {
      for (const std::string& name : option->get_lnames()) out.push_back("--" + name);
    }
  } else {
    for (const CLI::App* sub : app->get_subcommands(nullptr)) out.push_back(sub->get_name());
  }
  return out;
}

std::string unknown_word(const CLI::App* app, const std::string& word) {
  const bool flag = word.starts_with('-');
  const std::vector<std::string> words = known_words(app, flag);
  const std::vector<std::string_view> views(words.begin(), words.end());
  const std::string name = word.substr(0, flag ? word.find('=') : word.npos);
  const std::string what = flag            ? "unknown flag "
                           : words.empty() ? "unexpected argument "
                                           : "unknown command ";
  const auto near = nearest(name, views);
  const std::string hint = near.empty() ? "" : "did you mean " + std::string(near) + "? or ";
  return what + shown(name) + ": " + hint + see_help(app);
}

// Translates the library's errors.
std::string parse_fault(const CLI::ParseError& fault, const CLI::App* app) {
  const std::string text = fault.what();
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&fault)) {
    const std::string name = text.substr(0, text.find(':'));
    const bool repeated = text.find("At Most") != std::string::npos;
    return name + (repeated ? " is given more than once: " : " needs a value: ") + see_help(app);
  }
  if (dynamic_cast<const CLI::RequiredError*>(&fault)) {
    return command_of(app) + " needs " + text.substr(0, text.find(' ')) + ": " + see_help(app);
  }
  return text + ": " + see_help(app);
}

}  // namespace

Result<Flags> read_flags(int argc, const char* const* argv, std::span<const ExporterKind> kinds) {
  Flags flags;
  Apps apps(flags);
  // The library reports errors by exceptions; they end here.
  try {
    apps.root().parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    flags.help = help_text(apps.chosen(), kinds);
    return flags;
  } catch (const CLI::ParseError& fault) {
    return fail(ExitCode::kUsage, parse_fault(fault, apps.chosen()));
  }
  const CLI::App* chosen = apps.chosen();
  if (const auto extras = apps.root().remaining(true); !extras.empty()) {
    return fail(ExitCode::kUsage, unknown_word(chosen, extras.front()));
  }
  flags.command = apps.version() ? "version" : command_of(chosen);
  const bool incomplete = !apps.version() && !chosen->get_subcommands(nullptr).empty();
  if (incomplete) return fail(ExitCode::kUsage, "no command given: " + see_help(chosen));
  return flags;
}

}  // namespace weft::cli
