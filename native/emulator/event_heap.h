// What is due next. Each instance is in it at most once, with the earlier of its two times.
#pragma once

#include <vector>

#include "instance.h"

namespace nm::emulator {

class EventHeap {
 public:
  Time next() const { return items_.empty() ? kNever : items_[0].time; }
  Instance* first() const { return items_[0].instance; }

  // Until when the instance goes before all others, whatever its own place is.
  Time first_until(const Instance* instance) const {
    size_t best = instance->place != 0 ? 0 : 1;
    if (best >= items_.size()) return kNever;
    if (best == 1) {
      for (size_t i = 2; i < items_.size() && i <= 4; ++i) {
        if (items_[i] < items_[best]) best = i;
      }
    }
    const Item& other = items_[best];
    return other.time - (instance->number > other.instance->number);
  }

  // After the instance's due() may have changed.
  void update(Instance* instance) {
    const Time time = instance->due();
    const size_t place = instance->place;
    if (place == kNowhere) {
      if (time == kNever) return;
      items_.push_back({});
      rise(items_.size() - 1, {time, instance});
    } else if (time == kNever) {
      remove(instance);
    } else if (time != items_[place].time) {
      restore(place, {time, instance});
    }
  }
  void remove(Instance* instance) {
    const size_t place = instance->place;
    if (place == kNowhere) return;
    instance->place = kNowhere;
    const Item last = items_.back();
    items_.pop_back();
    if (place < items_.size()) restore(place, last);
  }

 private:
  static constexpr uint32_t kNowhere = UINT32_MAX;
  struct Item {
    Time time;
    Instance* instance;
    bool operator<(const Item& o) const {
      return time != o.time ? time < o.time : instance->number < o.instance->number;
    }
  };
  void put(size_t at, const Item& item) {
    items_[at] = item;
    item.instance->place = static_cast<uint32_t>(at);
  }
  void restore(size_t at, const Item& item) {
    if (at > 0 && item < items_[(at - 1) / 4]) {
      rise(at, item);
    } else {
      sink(at, item);
    }
  }
  void rise(size_t at, const Item item) {
    while (at > 0 && item < items_[(at - 1) / 4]) {
      put(at, items_[(at - 1) / 4]);
      at = (at - 1) / 4;
    }
    put(at, item);
  }
  void sink(size_t at, const Item item) {
    for (;;) {
      const size_t first = at * 4 + 1, end = first + 4 < items_.size() ? first + 4 : items_.size();
      size_t least = first;
      if (first >= end) break;
      for (size_t i = first + 1; i < end; ++i) {
        if (items_[i] < items_[least]) least = i;
      }
      if (!(items_[least] < item)) break;
      put(at, items_[least]);
      at = least;
    }
    put(at, item);
  }

  std::vector<Item> items_;
};

}  // namespace nm::emulator
