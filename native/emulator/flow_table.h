// Objects by flow key: chained, growing with what is in it. T has `key`, `hash` and `next_in_table`.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "flow_key.h"

namespace nm::emulator {

template <typename T>
class FlowTable {
 public:
  explicit FlowTable(uint32_t buckets = 64) : buckets_(power(buckets), nullptr) {}
  ~FlowTable() { clear(); }
  FlowTable(const FlowTable&) = delete;
  FlowTable& operator=(const FlowTable&) = delete;

  size_t size() const { return size_; }

  T* find(const FlowKey& key, uint64_t hash) const {
    T* item = buckets_[hash & (buckets_.size() - 1)];
    while (item && !(item->hash == hash && item->key == key)) item = item->next_in_table;
    return item;
  }
  T* add(std::unique_ptr<T> item, const FlowKey& key, uint64_t hash) {
    if (size_ >= buckets_.size() * 2) grow();
    item->key = key;
    item->hash = hash;
    link(item.get());
    ++size_;
    return item.release();
  }
  template <typename Visit>
  void each(Visit visit) const {
    for (T* item : buckets_) {
      while (item) {
        T* next = item->next_in_table;
        visit(item);
        item = next;
      }
    }
  }
  // Looks at the next `count` buckets and removes what `goes` says true to.
  template <typename Goes>
  void sweep(size_t count, Goes goes) {
    for (; count > 0 && size_ > 0; --count) {
      cursor_ = (cursor_ + 1) & (buckets_.size() - 1);
      for (T** at = &buckets_[cursor_]; *at;) {
        T* item = *at;
        if (goes(item)) {
          *at = item->next_in_table;
          delete item;
          --size_;
        } else {
          at = &item->next_in_table;
        }
      }
    }
  }
  // Hands everything over; the table is empty afterwards.
  std::vector<std::unique_ptr<T>> take_all() {
    std::vector<std::unique_ptr<T>> all;
    all.reserve(size_);
    each([&](T* item) { all.emplace_back(item); });
    for (T*& bucket : buckets_) bucket = nullptr;
    size_ = 0;
    return all;
  }
  void clear() { take_all(); }

 private:
  static size_t power(uint32_t n) {
    size_t p = 16;
    while (p < n) p *= 2;
    return p;
  }
  void link(T* item) {
    T*& bucket = buckets_[item->hash & (buckets_.size() - 1)];
    item->next_in_table = bucket;
    bucket = item;
  }
  void grow() {
    std::vector<T*> old(buckets_.size() * 2, nullptr);
    old.swap(buckets_);
    for (T* item : old) {
      while (item) {
        T* next = item->next_in_table;
        link(item);
        item = next;
      }
    }
  }

  std::vector<T*> buckets_;
  size_t size_ = 0;
  size_t cursor_ = 0;
};

}  // namespace nm::emulator
