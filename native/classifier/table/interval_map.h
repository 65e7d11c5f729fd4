// From keys to values, where a value holds for all keys of an interval: what address prefixes, port ranges and long
// runs of rules come down to. A lookup costs a look into a table by the key's first bits and at most 8 comparisons in a
// row of memory, mostly; crowded places get a table of their own, which begins behind the bits that all keys there
// share. So size and cost follow the number of intervals, however they lie.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "interval_view.h"

namespace nm::classifier {

template <class Key, int kWidth>
class IntervalMap : public IntervalView<Key, kWidth> {
 public:
  using View = IntervalView<Key, kWidth>;
  using typename View::Interval;

  IntervalMap() { build({}); }
  IntervalMap(IntervalMap&&) noexcept = default;
  IntervalMap& operator=(IntervalMap&&) noexcept = default;

  // Intervals in the order of their starts, each start once. Keys below the first have no value. With each bit of
  // `more` the first table has twice the size.
  void build(const std::vector<Interval>& intervals, int more = 0) {
    starts_.clear();
    starts_.reserve(intervals.size() + 1);
    deeper_.clear();
    table_.clear();
    add(Key(0), kNothing);
    for (const Interval& interval : intervals) add(interval.start, interval.value);
    // The root, too, stands behind the bits that all intervals share.
    const size_t from = starts_[0].value == kNothing && starts_.size() > 1 ? 1 : 0;
    const int width = bit_length(starts_[from].start ^ starts_.back().start);
    const int bits = std::min({width, 18, bit_length(static_cast<uint64_t>(starts_.size())) + more});
    this->outside_ = ~prefix_mask<Key>(kWidth, kWidth) | prefix_mask<Key>(kWidth - width, kWidth);
    this->base_ = starts_[from].start & this->outside_;
    this->shift_ = width - bits;
    this->first_ = starts_[from].start;
    this->above_ = starts_.back().value;
    table_.resize(size_t{1} << bits);
    size_t at = from;
    for (size_t slot = 0; slot < size_t{1} << bits; ++slot) {
      size_t end = at;
      while (end < starts_.size() && low_word((starts_[end].start ^ this->base_) >> this->shift_) == slot) ++end;
      const uint32_t coded = code(at, end, this->shift_);
      table_[slot] = coded;
      at = end;
    }
    this->slots_ = table_.data();
    this->intervals_ = starts_.data();
    this->nodes_ = deeper_.data();
  }

  size_t bytes() const { return starts_.size() * sizeof(Interval) + table_.size() * 4 + deeper_.size() * sizeof(Node); }

 private:
  using typename View::Node;
  using View::kNode;
  using View::kRow;
  using View::kRowMost;
  using View::kRowShift;
  using View::kTagShift;

  void add(const Key& start, uint32_t value) {
    if (!starts_.empty() && starts_.back().start == start) {
      starts_.back().value = value;
    } else if (starts_.empty() || starts_.back().value != value) {
      starts_.push_back({start, value});
    }
  }

  // The slot for intervals that start in [at, end) of `starts_`, and the one before them that reaches into the slot,
  // which is for 2^bits keys.
  uint32_t code(size_t at, size_t end, int bits) {
    if (at == end) return starts_[at - 1].value;
    if (bits == 0) return starts_[at].value;
    const size_t first = at == 0 ? 0 : at - 1;
    if (end - first <= kRowMost) {
      return kRow << kTagShift | static_cast<uint32_t>(end - first - 1) << kRowShift | static_cast<uint32_t>(first);
    }
    return kNode << kTagShift | make_node(at, end);
  }

  uint32_t make_node(size_t at, size_t end) {
    Node node{};
    const int width = bit_length(starts_[at].start ^ starts_[end - 1].start);
    const int bits = std::min({width, 8, bit_length(static_cast<uint64_t>(end - at))});
    node.width = static_cast<uint8_t>(width);
    node.shift = static_cast<uint8_t>(width - bits);
    node.mask = (1u << bits) - 1;
    node.prefix = starts_[at].start >> width;  // fewer than kWidth bits: the root has used some
    node.first = starts_[at].start;
    node.below = at == 0 ? kNothing : starts_[at - 1].value;
    node.above = starts_[end - 1].value;
    node.slots = static_cast<uint32_t>(table_.size());
    table_.resize(table_.size() + (size_t{1} << bits));
    const auto index = static_cast<uint32_t>(deeper_.size());
    deeper_.push_back(node);
    size_t from = at;
    for (uint32_t slot = 0; slot <= node.mask; ++slot) {
      size_t to = from;
      while (to < end && (low_word(starts_[to].start >> node.shift) & node.mask) == slot) ++to;
      // Before the prefix's first start, the value is that of the interval before.
      const uint32_t coded = from == 0 && to == 0 ? kNothing : code(from, to, node.shift);
      table_[node.slots + slot] = coded;
      from = to;
    }
    return index;
  }

  std::vector<Interval> starts_;
  std::vector<Node> deeper_;
  std::vector<uint32_t> table_;
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
