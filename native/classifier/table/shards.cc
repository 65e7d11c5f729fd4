#include "shards.h"

#include <iterator>

namespace nm::classifier {
namespace {

// Numbers rows, equal ones alike, so that neighbours with one value become one interval.
class RowNumbers {
 public:
  RowNumbers(std::vector<Row>& rows, size_t most) : rows_(rows) {
    size_t size = 16;
    while (size < 2 * most) size *= 2;
    slots_.resize(size, kNothing);
  }
  uint32_t number(const Row& row) {
    uint64_t h = 0;
    for (uint32_t value : row) h = (h ^ value) * 0x9e3779b97f4a7c15u;
    for (size_t slot = h >> 32 & (slots_.size() - 1);; slot = (slot + 1) & (slots_.size() - 1)) {
      if (slots_[slot] == kNothing) {
        slots_[slot] = static_cast<uint32_t>(rows_.size());
        rows_.push_back(row);
        return slots_[slot];
      }
      if (rows_[slots_[slot]] == row) return slots_[slot];
    }
  }

 private:
  std::vector<Row>& rows_;
  std::vector<uint32_t> slots_;  // open addressing, at most half full
};

template <class Key>
struct Prefix {
  Key low;
  Key high;
  uint32_t value;
};

}  // namespace

template <class Key, int kWidth>
bool Shards<Key, kWidth>::add(Edit edit, const Entry& entry, bool replace) {
  if (shards_.empty()) insert_shard(edit, 0, Key(0), {});
  const size_t index = locate(entry.start);
  const std::vector<Entry>& there = shards_[index]->entries;
  const auto place = std::lower_bound(there.begin(), there.end(), entry);
  const auto at = place - there.begin();
  const bool known = place != there.end() && !(entry < *place);
  if (known && !replace) return false;
  Shard& shard = own(edit, index);
  if (end_of(index) < entry.end()) reaching_anew_ = true;
  if (known) {
    shard.entries[static_cast<size_t>(at)].row = entry.row;
    return false;
  }
  const bool at_end = index + 1 == shards_.size() && static_cast<size_t>(at) == shard.entries.size();
  shard.entries.insert(shard.entries.begin() + at, entry);
  ++size_;
  if (shard.entries.size() > kLargest) cut(edit, index, at_end);
  return true;
}

template <class Key, int kWidth>
bool Shards<Key, kWidth>::remove(Edit edit, const Entry& entry) {
  if (shards_.empty()) return false;
  const size_t index = locate(entry.start);
  const std::vector<Entry>& there = shards_[index]->entries;
  const auto place = std::lower_bound(there.begin(), there.end(), entry);
  if (place == there.end() || entry < *place) return false;
  const auto at = place - there.begin();
  if (end_of(index) < entry.end()) reaching_anew_ = true;
  Shard& shard = own(edit, index);
  shard.entries.erase(shard.entries.begin() + at);
  --size_;
  if (shard.entries.size() < kSmall) join_if_small(edit, index);
  return true;
}

template <class Key, int kWidth>
typename Shards<Key, kWidth>::Shard& Shards<Key, kWidth>::own(Edit edit, size_t index) {
  std::shared_ptr<Shard>& place = shards_[index];
  if (place->edit != edit) {
    auto copy = std::make_shared<Shard>();
    copy->edit = edit;
    copy->entries.reserve(place->entries.size() + 1);
    copy->entries = place->entries;
    place = std::move(copy);
  }
  place->sealed = false;
  return *place;
}

template <class Key, int kWidth>
void Shards<Key, kWidth>::insert_shard(Edit edit, size_t index, const Key& start, std::vector<Entry> entries) {
  auto made = std::make_shared<Shard>();
  made->edit = edit;
  made->entries = std::move(entries);
  starts_.insert(starts_.begin() + static_cast<std::ptrdiff_t>(index), start);
  shards_.insert(shards_.begin() + static_cast<std::ptrdiff_t>(index), std::move(made));
  heads_.insert(heads_.begin() + static_cast<std::ptrdiff_t>(index), Head());
  cut_anew_ = reaching_anew_ = true;
}

// Somewhere in the middle half, or, where keys come in their order, near the end: at the roundest key, which look-ups
// tell apart by their first bits, and which few prefixes reach across. Entries with one start stay together.
template <class Key, int kWidth>
void Shards<Key, kWidth>::cut(Edit edit, size_t index, bool at_end) {
  std::vector<Entry>& entries = shards_[index]->entries;
  const size_t last = entries.size() - 1;
  Key low = entries[at_end ? last - last / 8 : last / 4].start;
  Key high = entries[at_end ? last : last - last / 4].start;
  if (low == high) {
    low = entries[0].start;
    high = entries[last].start;
    if (low == high) return;
  }
  const int low_bits = bit_length(low ^ high) - 1;
  const Key start = (high >> low_bits) << low_bits;
  const auto first = std::lower_bound(entries.begin(), entries.end(), start,
                                      [](const Entry& entry, const Key& key) { return entry.start < key; });
  std::vector<Entry> rest(std::make_move_iterator(first), std::make_move_iterator(entries.end()));
  entries.erase(first, entries.end());
  insert_shard(edit, index + 1, start, std::move(rest));
}

template <class Key, int kWidth>
void Shards<Key, kWidth>::join_if_small(Edit edit, size_t index) {
  if (shards_.size() == 1) {
    if (size_ == 0) *this = Shards();
    return;
  }
  const size_t left = index == 0 ? 0 : index - 1;
  const std::vector<Entry>& right = shards_[left + 1]->entries;
  if (shards_[left]->entries.size() + right.size() > 2 * kSmall) return;
  std::vector<Entry>& joined = own(edit, left).entries;
  joined.insert(joined.end(), right.begin(), right.end());
  starts_.erase(starts_.begin() + static_cast<std::ptrdiff_t>(left) + 1);
  shards_.erase(shards_.begin() + static_cast<std::ptrdiff_t>(left) + 1);
  heads_.erase(heads_.begin() + static_cast<std::ptrdiff_t>(left) + 1);
  cut_anew_ = reaching_anew_ = true;
}

template <class Key, int kWidth>
void Shards<Key, kWidth>::seal(bool exact) {
  for (size_t i = 0; i < shards_.size(); ++i) {
    if (!shards_[i]->sealed) seal_shard(i, exact);
  }
  if (cut_anew_ || reaching_anew_) seal_spine();
}

template <class Key, int kWidth>
void Shards<Key, kWidth>::seal_shard(size_t index, bool exact) {
  Shard& shard = *shards_[index];
  const Key end = end_of(index);
  std::vector<Prefix<Key>> prefixes;
  prefixes.reserve(shard.entries.size());
  shard.reaching.clear();
  shard.rows.clear();
  RowNumbers rows(shard.rows, exact ? 0 : shard.entries.size());
  for (uint32_t i = 0; i < shard.entries.size(); ++i) {
    const Entry& entry = shard.entries[i];
    if (exact) {
      if (i == 0 || !(shard.entries[i - 1].start == entry.start)) prefixes.push_back({entry.start, entry.start, i});
    } else if (end < entry.end()) {
      shard.reaching.push_back(entry);
    } else {
      prefixes.push_back({entry.start, entry.end(), rows.number(entry.row)});
    }
  }
  auto intervals = flatten<Key, kWidth>(prefixes);
  // What begins behind the shard is asked of others, and would spoil the bits that all keys here share.
  if (!intervals.empty() && end < intervals.back().start) intervals.pop_back();
  shard.map.build(intervals);
  shard.sealed = true;
  heads_[index] = {shard.map, shard.rows.data()};
}

template <class Key, int kWidth>
void Shards<Key, kWidth>::seal_spine() {
  auto made = std::make_shared<Spine>();
  std::vector<typename IntervalMap<Key, kWidth>::Interval> starts;
  std::vector<Prefix<Key>> prefixes;
  for (uint32_t i = 0; i < shards_.size(); ++i) {
    if (i > 0) starts.push_back({starts_[i], i});
    for (const Entry& entry : shards_[i]->reaching) {
      prefixes.push_back({entry.start, entry.end(), static_cast<uint32_t>(made->reaching.size())});
      made->reaching.push_back(entry.row);
    }
  }
  made->starts.build(starts, 2);
  made->wide.build(flatten<Key, kWidth>(prefixes));
  cuts_ = made->starts;
  reaches_ = !made->reaching.empty();
  spine_ = std::move(made);
  cut_anew_ = reaching_anew_ = false;
}

template <class Key, int kWidth>
size_t Shards<Key, kWidth>::bytes() const {
  size_t out = starts_.size() * (sizeof(Key) + sizeof(Shard) + sizeof(Head));
  for (const auto& shard : shards_) {
    out += (shard->entries.size() + shard->reaching.size()) * sizeof(Entry) + shard->rows.size() * sizeof(Row) +
           shard->map.bytes();
  }
  if (spine_) out += spine_->starts.bytes() + spine_->wide.bytes() + spine_->reaching.size() * sizeof(Row);
  return out;
}

template class Shards<uint32_t, 32>;
template class Shards<uint64_t, 48>;
template class Shards<U128, 128>;

}  // namespace nm::classifier
