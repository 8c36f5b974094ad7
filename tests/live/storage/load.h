// SPDX-License-Identifier: Apache-2.0
// What the load programs share: FOLDER THREADS WRITES SYNC in, counts as JSON out.
#pragma once

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace load {

// write(key): one write; false: it failed. Returns the exit code.
template <class Write>
int run(int threads, int writes, bool sync, Write write) {
  std::atomic<int> done = 0;
  std::atomic<int> failed = 0;
  std::vector<std::thread> workers;
  for (int t = 0; t < threads; ++t) {
    workers.emplace_back([&, t] {
      for (int i = 0; i < writes; ++i) {
        const bool written = write("t" + std::to_string(t) + "-" + std::to_string(i));
        ++(written ? done : failed);
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  std::printf("{\"commits\": %d, \"failed\": %d, \"sync\": %s}\n", done.load(), failed.load(),
              sync ? "true" : "false");
  return failed == 0 ? 0 : 1;
}

// open(folder, sync) → a function of one key that writes it.
template <class Open>
int main(int argc, char** argv, Open open) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: %s FOLDER THREADS WRITES SYNC\n", argv[0]);
    return 2;
  }
  const bool sync = std::atoi(argv[4]) != 0;
  return run(std::atoi(argv[2]), std::atoi(argv[3]), sync, open(std::string(argv[1]), sync));
}

}  // namespace load
