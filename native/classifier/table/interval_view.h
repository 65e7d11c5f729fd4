// What a look-up in an interval map reads: plain and small, to be copied to where it is looked for. It lives as long as
// the map it is a view of.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../../base/prefetch.h"
#include "u128.h"

namespace nm::classifier {

// Values are below kNothing; kNothing is "no value".
constexpr uint32_t kNothing = 0x3fffffff;

template <class Key, int kWidth>
class IntervalView {
 public:
  // The value holds from `start` on, until the next interval's start.
  struct Interval {
    Key start;
    uint32_t value;
  };

  uint32_t find(const Key& key) const {
    const Key offset = key ^ base_;
    if (!((offset & outside_) == Key(0))) return key < first_ ? kNothing : above_;
    uint32_t slot = slots_[low_word(offset >> shift_)];
    for (;;) {
      switch (slot >> kTagShift) {
        case kValue:
          return slot & kNothing;
        case kRow:
          return search(slot, key);
        default: {
          const Node& node = nodes_[slot & kNothing];
          if (!(key >> node.width == node.prefix)) return key < node.first ? node.below : node.above;
          slot = slots_[node.slots + (low_word(key >> node.shift) & node.mask)];
        }
      }
    }
  }

  // What find() will read comes from memory in two steps, some time apart: here its slot, then by fetch_intervals().
  class Ahead {
   public:
    [[gnu::always_inline]] void fetch_intervals() const {
      if (!view_ || *slot_ >> kTagShift != kRow) return;
      const Interval* first = &view_->intervals_[*slot_ & kRowIndex];
      prefetch(first);
      prefetch(first + (*slot_ >> kRowShift & 7));
    }

   private:
    friend IntervalView;
    const IntervalView* view_ = nullptr;
    const uint32_t* slot_ = nullptr;
  };

  [[gnu::always_inline]] Ahead fetch_slot(const Key& key) const {
    Ahead ahead;
    const Key offset = key ^ base_;
    if (!((offset & outside_) == Key(0))) return ahead;
    ahead.view_ = this;
    ahead.slot_ = &slots_[low_word(offset >> shift_)];
    prefetch(ahead.slot_);
    return ahead;
  }

 protected:
  // A slot: two bits that say what the rest is.
  static constexpr int kTagShift = 30;
  static constexpr uint32_t kValue = 0;  // the value
  static constexpr uint32_t kRow = 1;    // count - 1 (3 bits), index of the first interval
  static constexpr uint32_t kNode = 2;   // index of a node
  static constexpr int kRowShift = 27;
  static constexpr size_t kRowMost = 8;
  static constexpr uint32_t kRowIndex = (1u << kRowShift) - 1;

  // A table behind a prefix that all starts within it share.
  struct Node {
    Key prefix;  // key >> width
    Key first;
    uint32_t slots;
    uint32_t mask;
    uint32_t below;  // value of keys before the prefix, and behind it
    uint32_t above;
    uint8_t width;
    uint8_t shift;
  };

  uint32_t search(uint32_t slot, const Key& key) const {
    const uint32_t first = slot & kRowIndex;
    const uint32_t count = slot >> kRowShift & 7;
    uint32_t at = first;
    for (uint32_t k = 1; k <= count; ++k) at += intervals_[first + k].start <= key ? 1 : 0;
    return intervals_[at].value;
  }

  Key base_{};     // the root's prefix
  Key outside_{};  // its bits
  Key first_{};    // the first start with a value
  int shift_ = 0;
  uint32_t above_ = kNothing;
  const uint32_t* slots_ = nullptr;  // the root's, then those of the nodes
  const Interval* intervals_ = nullptr;
  const Node* nodes_ = nullptr;
};

}  // namespace nm::classifier
