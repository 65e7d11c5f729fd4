// A heap of queues by a virtual time, which may wrap around: times in one heap lie within half of its range.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "queue.h"

namespace nm::emulator {

inline bool before(uint64_t a, uint64_t b) {
  return static_cast<int64_t>(a - b) < 0;
}

// Four children a node: fewer levels, and a node's children share a cache line. In a heap with places a queue knows
// where it is (Turn::place) and can be removed from the middle; without them a move touches no queue.
template <bool places>
class QueueHeap {
 public:
  bool empty() const { return end_ == kRoot; }
  size_t size() const { return end_ - kRoot; }
  Queue* top() const { return item(kRoot).queue; }
  uint64_t top_key() const { return item(kRoot).key; }
  Queue* at(size_t i) const { return item(kRoot + i).queue; }
  // Who comes to the top when the top goes. There are two at least.
  Queue* second() const {
    const size_t first = first_child(kRoot);
    return item(first + 4 <= end_ ? least_of_four(first) : least_of(first)).queue;
  }
  void clear() { end_ = kRoot; }

  void push(Queue* queue, uint64_t key) {
    if (end_ >= lines_.size() * 4) lines_.resize(lines_.empty() ? 4 : lines_.size() * 2);
    rise(end_++, {key, queue});
  }
  void pop() { remove_at(kRoot); }
  void remove(const Queue* queue) {
    static_assert(places, "only a heap with places knows where a queue is");
    remove_at(queue->turn.place);
  }
  // The top gets another key, not smaller than before.
  void sink_top(uint64_t key) { sink(kRoot, {key, item(kRoot).queue}); }

 private:
  struct Item {
    uint64_t key;
    Queue* queue;
  };
  struct alignas(64) Line {
    Item items[4];
  };
  // Numbered so that children begin with a line: those of 3 are 4 to 7, of 4 they are 8 to 11.
  static constexpr size_t kRoot = 3;
  static size_t first_child(size_t at) { return 4 * (at - 2); }
  static size_t parent(size_t at) { return at / 4 + 2; }

  Item& item(size_t at) { return lines_[at / 4].items[at % 4]; }
  const Item& item(size_t at) const { return lines_[at / 4].items[at % 4]; }
  void put(size_t at, const Item& i) {
    item(at) = i;
    if (places) i.queue->turn.place = static_cast<uint32_t>(at);
  }
  // By sums instead of branches: which of them is least cannot be foretold.
  size_t least_of_four(size_t first) const {
    const Item* i = lines_[first / 4].items;
    const size_t a = before(i[1].key, i[0].key), b = 2 + size_t{before(i[3].key, i[2].key)};
    return first + a + (b - a) * before(i[b].key, i[a].key);
  }
  size_t least_of(size_t first) const {  // of the last children, which need not be four
    size_t least = first;
    for (size_t i = first + 1; i < end_; ++i) {
      if (before(item(i).key, item(least).key)) least = i;
    }
    return least;
  }
  // The children of four: which of them will be wanted is not known yet.
  [[gnu::always_inline]] void fetch(size_t first) const {
    if (first >= end_) return;
    const Line* line = &lines_[first / 4];
    for (int i = 0; i < 4; ++i) prefetch(line + i);
  }
  void rise(size_t at, const Item i) {
    while (at > kRoot && before(i.key, item(parent(at)).key)) {
      put(at, item(parent(at)));
      at = parent(at);
    }
    put(at, i);
  }
  void sink(size_t at, const Item i) {
    for (;;) {
      const size_t first = first_child(at);
      if (first >= end_) break;
      fetch(first_child(first));
      const size_t least = first + 4 <= end_ ? least_of_four(first) : least_of(first);
      if (!before(item(least).key, i.key)) break;
      put(at, item(least));
      at = least;
    }
    put(at, i);
  }
  void remove_at(size_t at) {
    const Item last = item(--end_);
    if (at == end_) return;
    if (at > kRoot && before(last.key, item(parent(at)).key)) {
      rise(at, last);
    } else {
      sink(at, last);
    }
  }

  std::vector<Line> lines_;
  size_t end_ = kRoot;
};

}  // namespace nm::emulator
