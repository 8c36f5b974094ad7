// SPDX-License-Identifier: Apache-2.0
#include "agent/discover/proc/runtime.h"

#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <sstream>

#include "agent/discover/proc/elf_builder.h"
#include "agent/discover/proc/proc_file.h"
#include "agent/discover/proc/runtime_version.h"
#include "agent/discover/proc/temp_tree.h"

namespace weft {
namespace {

using testing::ElfBuilder;
using testing::TempTree;

// Where `name` is installed; empty if it is not. Wrapper scripts do not count.
std::string installed(const std::string& name) {
  std::istringstream path(std::getenv("PATH") ? std::getenv("PATH") : "");
  for (std::string folder; std::getline(path, folder, ':');) {
    std::error_code error;
    const auto file = std::filesystem::canonical(folder + "/" + name, error);
    if (error) continue;
    const Fd fd = open_regular(file.string());
    if (fd.valid() && FileBytes(fd).read(0, 4) == ELFMAG) return file.string();
  }
  return {};
}

class RuntimeTest : public ::testing::Test {
 protected:
  // A process with that executable in the fake /proc; its root is the tree's own folder.
  ProcessFacts start(const std::string& exe, const std::string& bytes) {
    tree.file("root" + exe, bytes);
    tree.link("7/root", tree.path("root"));
    return start_real(exe, tree.path("root" + exe));
  }
  ProcessFacts start_real(const std::string& exe, const std::string& file) {
    tree.link("7/exe", file);
    ProcessFacts facts;
    facts.exe = exe;
    detector.detect(tree.path("7"), facts);
    return facts;
  }
  void map(const std::vector<std::string>& files) {
    std::string maps =
        "55d000-55e000 r--p 00000000 fe:01 12 /usr/bin/x\n7ff000-7fff000 rw-p 0 0 0\n";
    for (const std::string& file : files)
      maps += "7f00-7f01 r-xp 00000000 fe:01 99   " + file + "\n";
    tree.file("7/maps", maps);
  }
  bool refine(ProcessFacts& facts) { return detector.refine(tree.path("7"), facts); }
  static std::string needing(const std::vector<std::string>& libraries) {
    ElfBuilder elf;
    elf.needed(libraries);
    return elf.build();
  }
  static std::string go(const std::string& version) {
    ElfBuilder elf;
    elf.section(".go.buildinfo", SHT_PROGBITS, testing::go_build_info(version));
    return elf.build();
  }

  TempTree tree;
  RuntimeDetector detector;
};

TEST_F(RuntimeTest, Go) {
  const ProcessFacts facts = start("/srv/python3", go("go1.22.3"));
  EXPECT_EQ(facts.language, "go") << "what it is counts, not what it is called";
  EXPECT_EQ(facts.runtime, "go");
  EXPECT_EQ(facts.runtime_name, "go");
  EXPECT_EQ(facts.runtime_version, "go1.22.3");
  EXPECT_EQ(facts.tasks, TaskModel::kGoroutine);
}

TEST_F(RuntimeTest, InterpretersByName) {
  struct Case {
    const char *exe, *runtime, *language, *name, *version;
  };
  for (const Case& c : {
           Case{"/usr/bin/python3.11", "cpython", "python", "cpython", "3.11"},
           Case{"/usr/bin/python3", "cpython", "python", "cpython", ""},
           Case{"/opt/v20.11.1/bin/node", "nodejs", "nodejs", "nodejs", "20.11.1"},
           Case{"/usr/bin/nodejs", "nodejs", "nodejs", "nodejs", ""},
           Case{"/usr/bin/ruby3.1", "ruby", "ruby", "ruby", "3.1"},
           Case{"/usr/sbin/php-fpm8.2", "php", "php", "php", "8.2"},
           Case{"/usr/share/dotnet/dotnet", "dotnet", "dotnet", ".NET", ""},
           Case{"/usr/lib/erlang/erts-13.1.5/bin/beam.smp", "beam", "erlang", "BEAM", ""},
           Case{"/usr/bin/java", "jvm", "java", "", ""},
           Case{"/usr/bin/pypy3.9", "pypy", "python", "PyPy", "3.9"},
       }) {
    const ProcessFacts facts = start(c.exe, needing({"libc.so.6"}));
    EXPECT_EQ(facts.runtime, c.runtime) << c.exe;
    EXPECT_EQ(facts.language, c.language) << c.exe;
    EXPECT_EQ(facts.runtime_name, c.name) << c.exe;
    EXPECT_EQ(facts.runtime_version, c.version) << c.exe;
    EXPECT_EQ(facts.tasks, TaskModel::kThread) << c.exe;
  }
}

TEST_F(RuntimeTest, ALikeNameIsNoInterpreter) {
  for (const char* exe : {"/usr/bin/python3-config", "/usr/bin/node_exporter", "/usr/bin/javac"}) {
    const ProcessFacts facts = start(exe, needing({"libc.so.6"}));
    EXPECT_EQ(facts.runtime + facts.language, "") << exe;
  }
}

TEST_F(RuntimeTest, NativeLanguages) {
  EXPECT_EQ(start("/a", needing({"libstdc++.so.6", "libc.so.6"})).language, "cpp");
  EXPECT_EQ(start("/b", needing({"libc++.so.1"})).language, "cpp");
  EXPECT_EQ(start("/c", needing({"libc.so.6"})).language, "") << "C has no value";
  ElfBuilder rust;
  rust.section(".comment", SHT_PROGBITS, "rustc version 1.75.0 (82e1608df)");
  EXPECT_EQ(start("/d", rust.build()).language, "rust");
  rust.needed({"libstdc++.so.6"});
  EXPECT_EQ(start("/e", rust.build()).language, "cpp") << "a part in Rust makes no Rust program";
}

TEST_F(RuntimeTest, AnEmbeddedRuntimeItAsksFor) {
  const ProcessFacts facts = start("/usr/bin/uwsgi", needing({"libpython3.11.so.1.0"}));
  EXPECT_EQ(facts.runtime, "cpython");
  EXPECT_EQ(facts.runtime_version, "3.11");
}

TEST_F(RuntimeTest, WhatIsNoElfOrGoneIsUnknown) {
  EXPECT_EQ(start("/x", "#!/bin/sh\n").language, "");
  tree.remove("7/exe");
  ProcessFacts facts;
  facts.exe = "/x";
  detector.detect(tree.path("7"), facts);
  EXPECT_EQ(facts.language, "");
}

TEST_F(RuntimeTest, AnUpgradedExecutableIsReadAgain) {
  EXPECT_EQ(start("/srv/shop", go("go1.22.3")).runtime_version, "go1.22.3");
  tree.remove("root/srv/shop");
  EXPECT_EQ(start("/srv/shop", go("go1.23.10")).runtime_version, "go1.23.10");
}

TEST_F(RuntimeTest, MappedLater) {
  ProcessFacts facts = start("/opt/launcher", needing({"libstdc++.so.6"}));
  EXPECT_EQ(facts.language, "cpp");
  map({"/usr/lib/x86_64-linux-gnu/libc.so.6"});
  EXPECT_FALSE(refine(facts));
  map({"/usr/lib/libc.so.6", "/usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.1/libcoreclr.so"});
  EXPECT_TRUE(refine(facts));
  EXPECT_EQ(facts.language, "dotnet");
  EXPECT_EQ(facts.runtime_name, ".NET");
  EXPECT_EQ(facts.runtime_version, "8.0.1");
}

TEST_F(RuntimeTest, AGoOrRustProgramStaysOne) {
  ProcessFacts facts = start("/srv/shop", go("go1.22.3"));
  map({"/usr/lib/libpython3.11.so.1.0"});
  EXPECT_FALSE(refine(facts));
  facts = {};
  facts.language = "rust";
  EXPECT_FALSE(refine(facts));
}

TEST_F(RuntimeTest, PythonsExactVersionIsInItsLibrary) {
  ElfBuilder library;
  const uint64_t value = library.put(std::string("\xf0\x07\x0b\x03", 4));
  library.section(".dynsym", SHT_DYNSYM, library.symbol(1, ElfBuilder::kBase + value), 2);
  library.section(".dynstr", SHT_STRTAB, std::string("\0Py_Version\0", 12));
  tree.file("root/usr/lib/libpython3.11.so.1.0", library.build());
  ProcessFacts facts = start("/usr/bin/python3.11", needing({"libpython3.11.so.1.0"}));
  EXPECT_EQ(facts.runtime_version, "3.11");
  map({"/usr/lib/libpython3.11.so.1.0"});
  EXPECT_TRUE(refine(facts));
  EXPECT_EQ(facts.runtime_version, "3.11.7");
  EXPECT_FALSE(refine(facts)) << "nothing more to find";
}

TEST_F(RuntimeTest, AJdkSaysWhatItIs) {
  tree.file("root/opt/jdk/release",
            "IMPLEMENTOR=\"Eclipse Adoptium\"\nJAVA_RUNTIME_VERSION=\"17.0.9+9\"\n"
            "JAVA_VERSION=\"17.0.9\"\n");
  const ProcessFacts facts = start("/opt/jdk/bin/java", needing({"libjli.so"}));
  EXPECT_EQ(facts.runtime_name, "OpenJDK Runtime Environment");
  EXPECT_EQ(facts.runtime_version, "17.0.9+9");
  tree.file("root/opt/jdk/release",
            "IMPLEMENTOR=\"Oracle Corporation\"\nJAVA_VERSION=\"1.8.0_202\"\n");
  const ProcessFacts oracle = start("/opt/jdk/bin/java", needing({"libjli.so"}));
  EXPECT_EQ(oracle.runtime_name, "") << "may be either";
  EXPECT_EQ(oracle.runtime_version, "1.8.0_202");
}

TEST_F(RuntimeTest, AnEmbeddedJvmIsFoundByItsLibrary) {
  tree.file("root/opt/jdk/release", "IMPLEMENTOR=\"Debian\"\nJAVA_VERSION=\"17.0.9\"\n");
  ProcessFacts facts = start("/usr/bin/jsvc", needing({"libc.so.6"}));
  map({"/opt/jdk/lib/server/libjvm.so"});
  EXPECT_TRUE(refine(facts));
  EXPECT_EQ(facts.runtime, "jvm");
  EXPECT_EQ(facts.runtime_version, "17.0.9");
}

TEST_F(RuntimeTest, NodesVersionIsInItsHeaders) {
  tree.file("root/usr/include/node/node_version.h",
            "#ifndef X\n#define NODE_MAJOR_VERSION 20\n#define NODE_MINOR_VERSION 9\n"
            "#define NODE_PATCH_VERSION 10\n");
  EXPECT_EQ(start("/usr/bin/node", needing({})).runtime_version, "20.9.10");
}

// Real runtimes, where they are installed.
class RealRuntimeTest : public RuntimeTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(RealRuntimeTest, IsRecognised) {
  const std::string name = GetParam();
  const std::string file = installed(name);
  if (file.empty()) GTEST_SKIP() << name << " is not installed";
  tree.link("7/root", "/");
  const ProcessFacts facts = start_real(file, file);
  const std::string expected = name == "python3" ? "python" : name == "node" ? "nodejs" : name;
  EXPECT_EQ(facts.language, expected);
  EXPECT_EQ(facts.runtime_version.starts_with("go1"), name == "go") << facts.runtime_version;
}
INSTANTIATE_TEST_SUITE_P(Installed, RealRuntimeTest,
                         ::testing::Values("go", "python3", "node", "java"),
                         [](const auto& p) { return p.param; });

TEST(VersionTest, InNames) {
  EXPECT_EQ(version_in_name("python3.11"), "3.11");
  EXPECT_EQ(version_in_name("libpython3.11.so.1.0"), "3.11");
  EXPECT_EQ(version_in_name("libruby-3.1.so.3.1"), "3.1");
  EXPECT_EQ(version_in_name("python3"), "");
  EXPECT_EQ(version_in_name("node"), "");
}

TEST(VersionTest, Whole) {
  EXPECT_TRUE(is_whole_version("3.11.7"));
  EXPECT_TRUE(is_whole_version("17.0.9+9-Debian"));
  EXPECT_FALSE(is_whole_version("3.11"));
  EXPECT_FALSE(is_whole_version(""));
  EXPECT_FALSE(is_whole_version("go1.2.3"));
}

TEST(VersionTest, ReleaseFields) {
  const char* text = "A=\"x y\"\r\nAB=z\nB=\n";
  EXPECT_EQ(release_field(text, "A"), "x y");
  EXPECT_EQ(release_field(text, "AB"), "z");
  EXPECT_EQ(release_field(text, "B"), "");
  EXPECT_EQ(release_field(text, "C"), "");
}

}  // namespace
}  // namespace weft
