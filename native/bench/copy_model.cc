// The least that a switch between two processes can cost: whole cache lines copied from the sender's buffers into the
// receiver's, one index moved per batch, four bytes of each frame read at the other end. No table is looked up, nothing
// is locked, nobody sleeps, and nothing is lost: the sender waits for room. With --one both ends run in turn on one
// core.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>

#include "model.h"

namespace {

constexpr uint32_t kSlots = 1024;

struct Slot {
  uint32_t buffer;
  uint16_t length, flags;
  uint64_t pointer;
};

struct Shared {
  alignas(128) std::atomic<uint32_t> tail;  // moved by the sender
  alignas(128) std::atomic<uint32_t> head;  // moved by the receiver
  alignas(128) std::atomic<uint32_t> over;
  alignas(128) Slot slots[kSlots];
};

struct Link {
  Shared* shared;
  uint8_t *from, *to;
  size_t stride;
  uint32_t batch, lines;
  uint16_t frame;
  uint32_t sum = 0;

  // Up to a batch; how many frames were taken.
  uint32_t send() {
    const uint32_t tail = shared->tail.load(std::memory_order_relaxed);
    const uint32_t room = (shared->head.load(std::memory_order_acquire) + kSlots - tail - 1) % kSlots;
    const uint32_t n = room < batch ? room : batch;
    uint32_t i = tail;
    for (uint32_t k = 0; k < n; ++k) {
      Slot& slot = shared->slots[i];
      uint8_t* target = to + slot.buffer * stride;
      const uint8_t* source = from + i * stride;
      __builtin_memcpy(target, source, 64);
      if (lines > 1) std::memcpy(target + 64, source + 64, (lines - 1) * size_t{64});
      if (slot.length != frame) slot.length = frame;
      i = i + 1 == kSlots ? 0 : i + 1;
    }
    if (n > 0) shared->tail.store(i, std::memory_order_release);
    return n;
  }

  uint32_t receive() {
    const uint32_t head = shared->head.load(std::memory_order_relaxed);
    const uint32_t n = (shared->tail.load(std::memory_order_acquire) + kSlots - head) % kSlots;
    uint32_t i = head;
    for (uint32_t k = 0; k < n; ++k) {
      const Slot& slot = shared->slots[i];
      uint32_t word;
      std::memcpy(&word, to + slot.buffer * stride + 44, sizeof word);
      sum += word + slot.length;
      i = i + 1 == kSlots ? 0 : i + 1;
    }
    if (n > 0) shared->head.store(i, std::memory_order_release);
    return n;
  }
};

// Frames per second, in millions, of what `step` reports.
template <typename Step>
double measure(double warm_up, double seconds, Step step) {
  const double start = model::now() + warm_up;
  double from = 0, at = 0;
  uint64_t packets = 0;
  do {
    uint64_t n = 0;
    for (int k = 0; k < 64; ++k) n += step();
    at = model::now();
    if (from != 0) {
      packets += n;
    } else if (at >= start) {
      from = at;
    }
  } while (from == 0 || at < from + seconds);
  return static_cast<double>(packets) / (at - from) / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
  const double warm_up = model::argument(argc, argv, "--warm-up", 0.2);
  const double seconds = model::argument(argc, argv, "--seconds", 1);
  const bool one = model::argument(argc, argv, "--one", 0) != 0;
  Link link{};
  link.frame = static_cast<uint16_t>(model::argument(argc, argv, "--frame", 60));
  link.batch = static_cast<uint32_t>(model::argument(argc, argv, "--batch", 512));
  link.stride = static_cast<size_t>(model::argument(argc, argv, "--stride", 2112));
  link.lines = (link.frame + 63u) / 64;
  link.shared = reinterpret_cast<Shared*>(model::shared(sizeof(Shared)));
  link.from = model::shared(kSlots * link.stride);
  link.to = model::shared(kSlots * link.stride);
  for (uint32_t i = 0; i < kSlots; ++i) link.shared->slots[i].buffer = i;

  if (one) {
    model::result("rate", measure(warm_up, seconds, [&] {
                    link.send();
                    return link.receive();
                  }));
    return link.sum == 1;
  }
  const pid_t child = fork();
  if (child < 0) {
    std::perror("fork");
    return 1;
  }
  if (child == 0) {
    model::pin(0);
    const double latest = model::now() + warm_up + seconds + 5;  // should the parent be killed
    for (uint32_t k = 1; link.shared->over.load(std::memory_order_relaxed) == 0; ++k) {
      if (link.send() == 0) model::pause_core();
      if (k % 65536 == 0 && model::now() > latest) break;
    }
    _exit(0);
  }
  model::pin(1);
  const double rate = measure(warm_up, seconds, [&] {
    const uint32_t n = link.receive();
    if (n == 0) model::pause_core();
    return n;
  });
  link.shared->over.store(1);
  waitpid(child, nullptr, 0);
  model::result("rate", rate);
  return link.sum == 1;
}
