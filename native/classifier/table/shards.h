// What a table holds, in an order of keys, cut into shards of some hundred entries: a change copies the shards it
// changes and shares the others with those who still look things up in what was there before. So an entry more costs
// the same in a table of 10 and of 100,000 but for a list of pointers, and nobody waits for anybody.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "interval_map.h"
#include "row.h"
#include "table_key.h"

namespace nm::classifier {

// Who changes something: a number that nobody else has. What one has made oneself is changed in place.
using Edit = uint64_t;

// Entries are prefixes of a Key, the longest one wins; or (looked up by find_exact) keys that share a Key of their own
// by accident only. Copies are independent of each other. Between changes and look-ups comes seal().
template <class Key, int kWidth>
class Shards {
 public:
  struct Entry {
    Key start;
    TableKey key;
    Row row;

    friend bool operator<(const Entry& x, const Entry& y) {
      return x.start == y.start ? x.key < y.key : x.start < y.start;
    }
    Key end() const { return start | (kMost & ~prefix_mask<Key>(key.length, kWidth)); }
  };

  size_t size() const { return size_; }

  // False when the key is there already; with `replace` its row is the new one then.
  bool add(Edit edit, const Entry& entry, bool replace);
  // False when the key is not there.
  bool remove(Edit edit, const Entry& entry);
  // Makes what look-ups need of what has changed. `exact`: they will be find_exact.
  void seal(bool exact);

  const Row* find(const Key& key) const {
    if (heads_.empty()) return nullptr;
    const Head& head = heads_[index_of(key)];
    const uint32_t found = head.map.find(key);
    if (found != kNothing) return &head.rows[found];
    // What reaches beyond the shard it begins in is shorter than what lies within one.
    if (!reaches_) return nullptr;
    const uint32_t wide = spine_->wide.find(key);
    return wide == kNothing ? nullptr : &spine_->reaching[wide];
  }

  const Row* find_exact(const Key& start, const TableKey& key) const {
    if (heads_.empty()) return nullptr;
    const size_t index = index_of(start);
    const Shard& shard = *shards_[index];
    for (size_t at = heads_[index].map.find(start); at < shard.entries.size() && shard.entries[at].start == start;
         ++at) {
      if (shard.entries[at].key == key) return &shard.entries[at].row;
    }
    return nullptr;
  }

  // The first step of what find() will read. There must be entries.
  [[gnu::always_inline]] typename IntervalView<Key, kWidth>::Ahead fetch_slot(const Key& key) const {
    return heads_[index_of(key)].map.fetch_slot(key);
  }

  template <class Visit>
  void each(Visit visit) const {
    for (const auto& shard : shards_) {
      for (const Entry& entry : shard->entries) visit(entry);
    }
  }

  size_t bytes() const;

 private:
  static constexpr Key kMost = prefix_mask<Key>(kWidth, kWidth);
  // A shard is cut when it has more entries, and joined to its neighbour when both together have few.
  static constexpr size_t kLargest = 256;
  static constexpr size_t kSmall = kLargest / 4;

  struct Shard {
    Edit edit = 0;
    bool sealed = false;
    std::vector<Entry> entries;    // in order
    std::vector<Entry> reaching;   // those of them that end behind the shard; the map has the others
    IntervalMap<Key, kWidth> map;  // indexes of `rows`; of `entries`, for find_exact()
    std::vector<Row> rows;         // each once
  };

  // What look-ups read of a shard, all shards' in a row: few cache lines, few pages.
  struct Head {
    IntervalView<Key, kWidth> map;
    const Row* rows = nullptr;
  };

  // What look-ups need besides the shards. Shared until it changes.
  struct Spine {
    IntervalMap<Key, kWidth> starts;  // indexes of shards, from the second on
    IntervalMap<Key, kWidth> wide;    // indexes of `reaching`
    std::vector<Row> reaching;
  };

  size_t index_of(const Key& key) const {
    const uint32_t index = cuts_.find(key);
    return index == kNothing ? 0 : index;
  }
  // The last key that belongs to a shard.
  Key end_of(size_t index) const { return index + 1 == starts_.size() ? kMost : starts_[index + 1] + ~Key(0); }

  size_t locate(const Key& key) const {
    return static_cast<size_t>(std::upper_bound(starts_.begin(), starts_.end(), key) - starts_.begin()) - 1;
  }
  Shard& own(Edit edit, size_t index);
  void insert_shard(Edit edit, size_t index, const Key& start, std::vector<Entry> entries);
  void cut(Edit edit, size_t index, bool at_end);
  void join_if_small(Edit edit, size_t index);
  void seal_shard(size_t index, bool exact);
  void seal_spine();

  size_t size_ = 0;
  bool cut_anew_ = false;  // other shards than `spine_` knows
  bool reaching_anew_ = false;
  bool reaches_ = false;     // `spine_` has any that do
  std::vector<Key> starts_;  // of the shards: the first one's is 0
  std::vector<std::shared_ptr<Shard>> shards_;
  std::vector<Head> heads_;             // of the shards
  IntervalView<Key, kWidth> cuts_;      // what `spine_` knows of starts
  std::shared_ptr<const Spine> spine_;  // null as long as there are no shards
};

extern template class Shards<uint32_t, 32>;
extern template class Shards<uint64_t, 48>;
extern template class Shards<U128, 128>;

}  // namespace nm::classifier
