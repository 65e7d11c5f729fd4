// A packet inside the emulator, and lists of them.
#pragma once

#include <cstdint>

#include "time.h"

namespace nm::emulator {

// Header of a packet in the pool; its bytes follow. Copied in once and out once: queues and delay lines pass it on.
struct Packet {
  Packet* next;
  Time time;             // in a queue: when it joined; in a delay line: when it is to leave
  uint16_t length;       // bytes of the frame
  uint16_t next_length;  // in a list: of the packet behind it, so that nobody has to look there
  uint16_t flow_set;     // queue number it was sent to, 0 for the pipe itself
  uint8_t port;          // the caller's, see Mark
  uint8_t flags;         // the caller's
  uint32_t cookie;       // the caller's
  uint32_t id;           // the caller's

  uint8_t* data() { return reinterpret_cast<uint8_t*>(this + 1); }
  const uint8_t* data() const { return reinterpret_cast<const uint8_t*>(this + 1); }
};
static_assert(sizeof(Packet) == 32, "what a waiting packet costs beside its bytes");

// What the caller wants to find again on a packet that comes out.
struct Mark {
  uint8_t port = 0;
  uint8_t flags = 0;
  uint32_t cookie = 0;  // see Cookies
  uint32_t id = 0;
};

// First in, first out. What waits may long have left the caches: only the packet that is taken is touched.
class PacketList {
 public:
  bool empty() const { return head_ == nullptr; }
  Packet* head() const { return head_; }
  uint32_t head_length() const { return head_length_; }  // there is one
  uint32_t count() const { return count_; }
  uint64_t bytes() const { return bytes_; }

  void push(Packet* p) {
    p->next = nullptr;
    link(p, p->length);
    tail_ = p;
    ++count_;
    bytes_ += p->length;
  }
  Packet* pop() {
    Packet* p = head_;
    bytes_ -= head_length_;
    --count_;
    head_ = p->next;
    head_length_ = p->next_length;
    return p;
  }
  // Everything of the other list, which is empty afterwards.
  void take_all(PacketList* other) {
    if (other->empty()) return;
    link(other->head_, other->head_length_);
    tail_ = other->tail_;
    count_ += other->count_;
    bytes_ += other->bytes_;
    *other = {};
  }

 private:
  void link(Packet* p, uint16_t length) {
    if (head_) {
      tail_->next = p;
      tail_->next_length = length;
    } else {
      head_ = p;
      head_length_ = length;
    }
  }

  Packet* head_ = nullptr;
  Packet* tail_ = nullptr;    // of no meaning while head_ is null
  uint16_t head_length_ = 0;  // nor is this
  uint32_t count_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace nm::emulator
