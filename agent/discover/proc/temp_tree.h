// SPDX-License-Identifier: Apache-2.0
// For tests: a temporary folder tree, removed with the object. Errors throw, because a test on half
// a tree is worse than none.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

namespace weft::testing {

class TempTree {
 public:
  TempTree() {
    std::string name = (std::filesystem::temp_directory_path() / "weft-test-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::filesystem::filesystem_error("mkdtemp", {});
    root_ = name;
  }
  TempTree(const TempTree&) = delete;
  TempTree& operator=(const TempTree&) = delete;
  ~TempTree() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  const std::string& root() const { return root_; }
  std::string path(const std::string& below) const { return root_ + "/" + below; }

  void file(const std::string& below, const std::string& text) const {
    parent(below);
    std::ofstream(path(below), std::ios::binary) << text;
  }
  void link(const std::string& below, const std::string& target) const {
    parent(below);
    std::filesystem::remove(path(below));
    std::filesystem::create_symlink(target, path(below));
  }
  void remove(const std::string& below) const { std::filesystem::remove_all(path(below)); }

 private:
  void parent(const std::string& below) const {
    std::filesystem::create_directories(std::filesystem::path(path(below)).parent_path());
  }
  std::string root_;
};

}  // namespace weft::testing
