// SPDX-License-Identifier: Apache-2.0
// Every hop of the pipeline is a sink: push() takes one item, on the pipeline's thread
// unless the implementation says otherwise. Tests put a capture sink anywhere.
#pragma once

namespace weft {

template <class T>
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void push(T item) = 0;
};

}  // namespace weft
