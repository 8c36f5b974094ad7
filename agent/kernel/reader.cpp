// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/reader.h"

#include <bpf/libbpf.h>
#include <cerrno>
#include <cstring>
#include <thread>

#include "agent/base/clock.h"
#include "agent/kernel/order.h"

namespace weft::kernel {
namespace {

struct RingsDeleter {
  void operator()(ring_buffer* r) const { ring_buffer__free(r); }
};

// A drain stops after this many records so that a storm cannot grow memory without end:
// what is left stays in the rings, where a loss is counted.
constexpr size_t kMaxStaged = 64 * 1024;

}  // namespace

struct Reader::Impl {
  Object& object;
  Order order;
  std::unique_ptr<ring_buffer, RingsDeleter> rings;
  size_t staged = 0;

  Impl(Object& o, EventSink& sink, CounterSet& counters) : object(o), order(sink, counters) {}

  static int take(void* context, void* data, size_t size) {
    auto* self = static_cast<Impl*>(context);
    self->order.add({static_cast<const char*>(data), size});
    return ++self->staged >= kMaxStaged ? -EAGAIN : 0;
  }
  size_t drain() {
    staged = 0;
    ring_buffer__consume(rings.get());
    return staged;
  }
  // Sleeps until a record asks for attention. The flag is set first, then the rings are
  // looked at once more: a record in between either sees the flag or is seen here.
  void sleep(std::chrono::milliseconds idle) {
    object.set_idle(true);
    if (drain() == 0) ring_buffer__poll(rings.get(), static_cast<int>(idle.count()));
    object.set_idle(false);
  }
};

Result<std::unique_ptr<Reader>> Reader::make(Object& object, EventSink& sink,
                                             CounterSet& counters) {
  auto impl = std::make_unique<Impl>(object, sink, counters);
  for (const int fd : object.rings()) {
    if (!impl->rings) {
      impl->rings.reset(ring_buffer__new(fd, Impl::take, impl.get(), nullptr));
      if (impl->rings) continue;
    } else if (ring_buffer__add(impl->rings.get(), fd, Impl::take, impl.get()) == 0) {
      continue;
    }
    return fail(ExitCode::kKernelRefused,
                std::string("cannot map a ring buffer: ") + std::strerror(errno));
  }
  return std::unique_ptr<Reader>(new Reader(std::move(impl)));
}

Reader::Reader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Reader::~Reader() = default;

size_t Reader::poll(std::chrono::milliseconds idle) {
  const uint64_t start = monotonic_ns();
  const size_t taken = impl_->drain();
  const auto settle = std::chrono::duration_cast<std::chrono::nanoseconds>(kSettle);
  const size_t passed = impl_->order.release(start - static_cast<uint64_t>(settle.count()));
  if (taken >= kMaxStaged) return passed;  // behind: no rest
  if (taken == 0 && passed == 0 && impl_->order.empty()) {
    impl_->sleep(idle);
  } else {
    std::this_thread::sleep_for(kInterval);
  }
  return passed;
}

size_t Reader::flush() {
  while (impl_->drain() > 0) {
  }
  return impl_->order.release(UINT64_MAX);
}

}  // namespace weft::kernel
