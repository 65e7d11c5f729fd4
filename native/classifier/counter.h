// What a rule has matched, as one thread counts it. Others may read at any time.
#pragma once

#include <atomic>
#include <cstdint>

namespace nm::classifier {

struct Counter {
  std::atomic<uint64_t> packets{0};
  std::atomic<uint64_t> bytes{0};
  std::atomic<int64_t> last{0};  // when, on the clock of the matching thread

  // There is one writer, so nothing needs to be locked.
  void add(uint32_t length, int64_t now) {
    packets.store(packets.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    bytes.store(bytes.load(std::memory_order_relaxed) + length, std::memory_order_relaxed);
    last.store(now, std::memory_order_relaxed);
  }
};

}  // namespace nm::classifier
