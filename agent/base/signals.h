// SPDX-License-Identifier: Apache-2.0
// Signals are for the main thread.
#pragma once

#include <pthread.h>
#include <signal.h>

namespace weft {

// While this object exists, neither the calling thread nor any thread started by it receives
// signals.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~AllSignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  AllSignalsBlocked(const AllSignalsBlocked&) = delete;
  AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace weft
