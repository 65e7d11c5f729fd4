// From keys to values, where a value holds for all keys of an interval: what address prefixes, port ranges and long
// runs of rules come down to. A lookup costs a look into a table by the key's first bits and at most 8 comparisons in a
// row of memory, mostly; crowded places get a table of their own, which begins behind the bits that all keys there
// share. So size and cost follow the number of intervals, however they lie.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "u128.h"

namespace nm::classifier {

// Values are below kNothing; kNothing is "no value".
constexpr uint32_t kNothing = 0x3fffffff;

template <class Key, int kWidth>
class IntervalMap {
 public:
  // The value holds from `start` on, until the next interval's start.
  struct Interval {
    Key start;
    uint32_t value;
  };

  IntervalMap() { build({}); }

  // Intervals in the order of their starts, each start once. Keys below the first have no value.
  void build(const std::vector<Interval>& intervals) {
    starts_.clear();
    values_.clear();
    nodes_.clear();
    slots_.clear();
    add(Key(0), kNothing);
    for (const Interval& interval : intervals) add(interval.start, interval.value);
    // The root, too, stands behind the bits that all intervals share.
    const size_t from = values_[0] == kNothing && starts_.size() > 1 ? 1 : 0;
    const int width = bit_length(starts_[from] ^ starts_.back());
    const int bits = std::min({width, 18, bit_length(static_cast<uint64_t>(starts_.size())) + 1});
    outside_ = ~prefix_mask<Key>(kWidth, kWidth) | prefix_mask<Key>(kWidth - width, kWidth);
    base_ = starts_[from] & outside_;
    shift_ = width - bits;
    first_ = starts_[from];
    above_ = values_.back();
    slots_.resize(size_t{1} << bits);
    size_t at = from;
    for (size_t slot = 0; slot < size_t{1} << bits; ++slot) {
      size_t end = at;
      while (end < starts_.size() && low_word((starts_[end] ^ base_) >> shift_) == slot) ++end;
      const uint32_t coded = code(at, end);
      slots_[slot] = coded;
      at = end;
    }
  }

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

  // Where find() looks first, so that the cache can be told beforehand.
  const void* place(const Key& key) const { return &slots_[low_word(((key ^ base_) & ~outside_) >> shift_)]; }

  size_t intervals() const { return starts_.size(); }
  size_t bytes() const { return starts_.size() * (sizeof(Key) + 4) + slots_.size() * 4 + nodes_.size() * sizeof(Node); }

 private:
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

  void add(const Key& start, uint32_t value) {
    if (!starts_.empty() && starts_.back() == start) {
      values_.back() = value;
    } else if (starts_.empty() || values_.back() != value) {
      starts_.push_back(start);
      values_.push_back(value);
    }
  }

  // The slot for intervals that start in [at, end) of `starts_`, and the one before them that reaches into the slot.
  uint32_t code(size_t at, size_t end) {
    if (at == end) return values_[at - 1];
    const size_t first = at == 0 ? 0 : at - 1;
    if (end - first <= kRowMost) {
      return kRow << kTagShift | static_cast<uint32_t>(end - first - 1) << kRowShift | static_cast<uint32_t>(first);
    }
    return kNode << kTagShift | make_node(at, end);
  }

  uint32_t make_node(size_t at, size_t end) {
    Node node{};
    const int width = bit_length(starts_[at] ^ starts_[end - 1]);
    const int bits = std::min({width, 8, bit_length(static_cast<uint64_t>(end - at))});
    node.width = static_cast<uint8_t>(width);
    node.shift = static_cast<uint8_t>(width - bits);
    node.mask = (1u << bits) - 1;
    node.prefix = starts_[at] >> width;  // fewer than kWidth bits: the root has used some
    node.first = starts_[at];
    node.below = at == 0 ? kNothing : values_[at - 1];
    node.above = values_[end - 1];
    node.slots = static_cast<uint32_t>(slots_.size());
    slots_.resize(slots_.size() + (size_t{1} << bits));
    const auto index = static_cast<uint32_t>(nodes_.size());
    nodes_.push_back(node);
    size_t from = at;
    for (uint32_t slot = 0; slot <= node.mask; ++slot) {
      size_t to = from;
      while (to < end && (low_word(starts_[to] >> node.shift) & node.mask) == slot) ++to;
      // Before the prefix's first start, the value is that of the interval before.
      const uint32_t coded = from == 0 && to == 0 ? kNothing : code(from, to);
      slots_[node.slots + slot] = coded;
      from = to;
    }
    return index;
  }

  uint32_t search(uint32_t slot, const Key& key) const {
    const uint32_t first = slot & kRowIndex;
    const uint32_t count = slot >> kRowShift & 7;
    uint32_t at = first;
    for (uint32_t k = 1; k <= count; ++k) at += starts_[first + k] <= key ? 1 : 0;
    return values_[at];
  }

  Key base_{};     // the root's prefix
  Key outside_{};  // its bits
  Key first_{};    // the first start with a value
  int shift_ = 0;
  uint32_t above_ = kNothing;
  std::vector<Key> starts_;
  std::vector<uint32_t> values_;
  std::vector<Node> nodes_;
  std::vector<uint32_t> slots_;  // the root's, then those of the nodes
};

using Map32 = IntervalMap<uint32_t, 32>;
using Map48 = IntervalMap<uint64_t, 48>;
using Map128 = IntervalMap<U128, 128>;

// An interval with both ends, both included.
template <class Key>
struct Span {
  Key low;
  Key high;
};

// Prefixes, the longest one wins, as intervals. Sorted by start, and the shorter prefix first where starts are equal.
template <class Key, int kWidth, class Prefix>
std::vector<typename IntervalMap<Key, kWidth>::Interval> flatten(const std::vector<Prefix>& prefixes) {
  std::vector<typename IntervalMap<Key, kWidth>::Interval> out;
  std::vector<Prefix> open;
  auto close_until = [&](bool all, const Key& start) {
    while (!open.empty() && (all || open.back().high < start)) {
      const Key last = open.back().high;
      open.pop_back();
      if (last == prefix_mask<Key>(kWidth, kWidth)) continue;
      out.push_back({last + Key(1), open.empty() ? kNothing : open.back().value});
    }
  };
  for (const Prefix& prefix : prefixes) {
    close_until(false, prefix.low);
    out.push_back({prefix.low, prefix.value});
    open.push_back(prefix);
  }
  close_until(true, Key(0));
  return out;
}

}  // namespace nm::classifier
