// A ring of a port in this process's mapping. What the ring says about itself lies in memory that others may write: it
// is read once, checked and kept; slots are read one at a time and checked at each use.
#pragma once

#include <cstdint>

#include "../abi/memory.h"
#include "../device/mapping.h"

namespace nm::traffic {

// Index, length and flags of a slot, read at once.
struct SlotRead {
  uint64_t word;
  uint32_t buffer() const { return static_cast<uint32_t>(word); }
  uint32_t length() const { return static_cast<uint32_t>(word >> 32) & 0xffff; }
  uint32_t flags() const { return static_cast<uint32_t>(word >> 48); }
};

class Ring {
 public:
  // False when there is no ring at this offset of the region.
  bool bind(const Mapping& mapping, uint64_t offset);

  uint32_t size() const { return size_; }
  uint32_t buf_size() const { return buf_size_; }
  bool uses_offsets() const { return offset_mask_ != 0; }
  uint32_t next(uint32_t i) const { return i + 1 == size_ ? 0 : i + 1; }

  // Slots from `head` that are ours; 0 as well when the device's tail makes no sense.
  uint32_t available(uint32_t head) const {
    const uint32_t tail = __atomic_load_n(&ring_->tail, __ATOMIC_ACQUIRE);
    if (tail >= size_) return 0;
    return tail >= head ? tail - head : tail + size_ - head;
  }
  // Gives everything before `head` to the device; the next sync tells it.
  void publish(uint32_t head) {
    __atomic_store_n(&ring_->head, head, __ATOMIC_RELEASE);
    __atomic_store_n(&ring_->cur, head, __ATOMIC_RELEASE);
  }
  // Wakes us only when more comes than there is.
  void want_more() { __atomic_store_n(&ring_->cur, __atomic_load_n(&ring_->tail, __ATOMIC_RELAXED), __ATOMIC_RELEASE); }

  SlotRead read(uint32_t i) const {
    return {__atomic_load_n(reinterpret_cast<const uint64_t*>(&slots_[i]), __ATOMIC_RELAXED)};
  }
  // Stores length and flags in one go.
  void write(uint32_t i, uint32_t length, uint32_t flags) {
    __atomic_store_n(reinterpret_cast<uint32_t*>(&slots_[i].len), length | (flags << 16), __ATOMIC_RELAXED);
  }
  void prefetch(uint32_t i) const {
    const uint32_t index = slots_[i].buf_idx;
    if (index < buffers_total_) __builtin_prefetch(buffers_ + static_cast<uint64_t>(index) * buf_size_, 1);
  }

  // Where the payload of a slot begins, and how many bytes there are up to the end of its buffer; null for an index or
  // an offset that no buffer has.
  uint8_t* payload(uint32_t i, SlotRead slot, uint32_t* room) const {
    const uint32_t index = slot.buffer();
    if (index < kFirstBuffer || index >= buffers_total_) return nullptr;
    uint8_t* buffer = buffers_ + static_cast<uint64_t>(index) * buf_size_;
    if (offset_mask_ == 0) {
      *room = buf_size_;
      return buffer;
    }
    const uint64_t offset = __atomic_load_n(&slots_[i].ptr, __ATOMIC_RELAXED) & offset_mask_;
    if (offset > buf_size_) return nullptr;
    *room = buf_size_ - static_cast<uint32_t>(offset);
    return buffer + offset;
  }
  // The same, as a distance from the beginning of the region.
  uint64_t place(const uint8_t* payload) const { return static_cast<uint64_t>(payload - region_); }

 private:
  netmap_ring* ring_ = nullptr;
  netmap_slot* slots_ = nullptr;
  uint8_t* buffers_ = nullptr;  // buffer 0
  const uint8_t* region_ = nullptr;
  uint32_t size_ = 0;
  uint32_t buf_size_ = 0;
  uint32_t buffers_total_ = 0;  // that lie within the mapping
  uint64_t offset_mask_ = 0;
};

}  // namespace nm::traffic
