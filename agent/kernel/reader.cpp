// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/reader.h"

#include <bpf/libbpf.h>
#include <cerrno>
#include <cstring>
#include <sys/epoll.h>
#include <thread>
#include <utility>

#include "agent/base/clock.h"
#include "agent/kernel/drain.h"
#include "agent/kernel/lanes.h"

namespace weft::kernel {
namespace {

struct RingsDeleter {
  void operator()(ring_buffer* r) const { ring_buffer__free(r); }
};

// The rings of all CPUs, then their lanes.
class KernelRings : public Rings {
 public:
  explicit KernelRings(Lanes lanes) : lanes_(std::move(lanes)) {}

  Status add(int fd) {
    if (!rings_) {
      rings_.reset(ring_buffer__new(fd, pass, this, nullptr));
      if (rings_) return mapped();
    } else if (ring_buffer__add(rings_.get(), fd, pass, this) == 0) {
      return mapped();
    }
    return fail(ExitCode::kKernelRefused,
                std::string("cannot map a ring buffer: ") + std::strerror(errno));
  }
  size_t size() const override { return count_ + lanes_.size(); }
  void consume(size_t ring, Taker& taker) override {
    if (ring >= count_) return lanes_.consume(ring - count_, taker);
    taker_ = &taker;
    ring__consume(ring_buffer__ring(rings_.get(), static_cast<unsigned>(ring)));
  }
  // Waits until a ring signals; takes no records. False: none has.
  bool wait(std::chrono::milliseconds most) {
    epoll_event event{};
    const int epoll = ring_buffer__epoll_fd(rings_.get());
    return epoll_wait(epoll, &event, 1, static_cast<int>(most.count())) > 0;
  }

 private:
  Status mapped() {
    ++count_;
    return {};
  }
  // libbpf stops after this record at any error.
  static int pass(void* context, void* data, size_t size) {
    Taker& taker = *static_cast<KernelRings*>(context)->taker_;
    return taker.take({static_cast<const char*>(data), size}) ? 0 : -EAGAIN;
  }

  std::unique_ptr<ring_buffer, RingsDeleter> rings_;
  size_t count_ = 0;
  Lanes lanes_;
  Taker* taker_ = nullptr;
};

}  // namespace

struct Reader::Impl {
  Object& object;
  std::unique_ptr<KernelRings> rings;
  Drain drain;
  uint64_t last_round = 0;
  std::chrono::nanoseconds since_last{1};  // of the last round: since the one before
  bool woken = false;  // by a record, which is passed on only when it has settled

  Impl(Object& o, std::unique_ptr<KernelRings> r, EventSink& sink, CounterSet& counters)
      : object(o), rings(std::move(r)), drain(*rings, sink, counters) {}

  size_t round() {
    const uint64_t now = monotonic_ns();
    since_last = std::chrono::nanoseconds(now - std::exchange(last_round, now));
    return drain.round(now);
  }
  // Sleeps until a record signals. The flag is set first, then the rings are read once more: a
  // record written in between either sees the flag or is read here.
  size_t sleep(std::chrono::milliseconds idle) {
    object.set_wake(WEFT_WAKE_ANY);
    const size_t passed = round();
    if (drain.taken() == 0) woken = rings->wait(idle);
    object.set_wake(WEFT_WAKE_NONE);
    return passed;
  }
  bool little_happens() const {
    constexpr size_t kFaster = 8;
    return drain.taken_bytes() * kFaster * kLongInterval / since_last < object.ring_size();
  }
  // A record that asks for a decision just before the flag is set waits until this is over.
  void pause() {
    if (std::exchange(woken, false) || !little_happens()) {
      std::this_thread::sleep_for(kInterval);
      return;
    }
    object.set_wake(WEFT_WAKE_ASKED);
    woken = rings->wait(kLongInterval);
    object.set_wake(WEFT_WAKE_NONE);
  }
};

Result<std::unique_ptr<Reader>> Reader::make(Object& object, EventSink& sink,
                                             CounterSet& counters) {
  Result<Lanes> lanes = Lanes::map(object.lanes());
  if (!lanes) return std::unexpected(lanes.error());
  auto rings = std::make_unique<KernelRings>(std::move(*lanes));
  for (const int fd : object.rings()) {
    if (Status added = rings->add(fd); !added) return std::unexpected(added.error());
  }
  auto impl = std::make_unique<Impl>(object, std::move(rings), sink, counters);
  return std::unique_ptr<Reader>(new Reader(std::move(impl)));
}

Reader::Reader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Reader::~Reader() = default;

size_t Reader::poll(std::chrono::milliseconds idle) {
  Drain& drain = impl_->drain;
  const size_t passed = impl_->round();
  if (drain.behind()) return passed;  // do not sleep
  if (drain.taken() == 0 && passed == 0 && drain.empty()) return impl_->sleep(idle);
  impl_->pause();
  return passed;
}

size_t Reader::flush() {
  return impl_->drain.flush(monotonic_ns());
}

}  // namespace weft::kernel
