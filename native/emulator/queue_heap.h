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
  bool empty() const { return items_.empty(); }
  size_t size() const { return items_.size(); }
  Queue* top() const { return items_[0].queue; }
  uint64_t top_key() const { return items_[0].key; }
  Queue* at(size_t i) const { return items_[i].queue; }
  void clear() { items_.clear(); }

  void push(Queue* queue, uint64_t key) {
    items_.push_back({key, queue});
    rise(items_.size() - 1, {key, queue});
  }
  void pop() { remove_at(0); }
  void remove(const Queue* queue) {
    static_assert(places, "only a heap with places knows where a queue is");
    remove_at(queue->turn.place);
  }
  // The top gets another key, not smaller than before.
  void sink_top(uint64_t key) { sink(0, {key, items_[0].queue}); }

 private:
  struct Item {
    uint64_t key;
    Queue* queue;
  };
  void put(size_t at, const Item& item) {
    items_[at] = item;
    if (places) item.queue->turn.place = static_cast<uint32_t>(at);
  }
  void rise(size_t at, const Item item) {
    while (at > 0) {
      const size_t parent = (at - 1) / 4;
      if (!before(item.key, items_[parent].key)) break;
      put(at, items_[parent]);
      at = parent;
    }
    put(at, item);
  }
  void sink(size_t at, const Item item) {
    const size_t n = items_.size();
    for (;;) {
      const size_t first = at * 4 + 1;
      if (first >= n) break;
      const size_t end = first + 4 < n ? first + 4 : n;
      size_t least = first;
      for (size_t i = first + 1; i < end; ++i) {
        if (before(items_[i].key, items_[least].key)) least = i;
      }
      if (!before(items_[least].key, item.key)) break;
      put(at, items_[least]);
      at = least;
    }
    put(at, item);
  }
  void remove_at(size_t at) {
    const Item last = items_.back();
    items_.pop_back();
    if (at == items_.size()) return;
    if (at > 0 && before(last.key, items_[(at - 1) / 4].key)) {
      rise(at, last);
    } else {
      sink(at, last);
    }
  }

  std::vector<Item> items_;
};

}  // namespace nm::emulator
