// Memory for packets: slabs of 64 KiB, each for packets of one size in steps of 32 bytes, so that a full-size frame
// costs about 7 % more than itself. Grows in chunks of 2 MiB up to a limit and never calls malloc for a packet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "../base/huge_page.h"
#include "memory.h"
#include "packet.h"

namespace nm::emulator {

// Whoever keeps something for the cookies of packets: hears of those whose packets are gone, and of copies.
class Cookies {
 public:
  virtual ~Cookies() = default;
  virtual void forget(uint32_t cookie) = 0;
  virtual uint32_t copy(uint32_t cookie) = 0;  // the copy's
};

class PacketPool {
 public:
  explicit PacketPool(uint64_t limit);
  ~PacketPool();
  PacketPool(const PacketPool&) = delete;
  PacketPool& operator=(const PacketPool&) = delete;

  // Room for a frame of so many bytes, its length set; null when the limit is reached or the frame is too long.
  Packet* take(uint32_t length);
  void give(Packet* packet);
  // A packet like this one, null when there is no room.
  Packet* copy(const Packet& packet);
  // Cookies other than 0 are its.
  void set_cookies(Cookies* cookies) { cookies_ = cookies; }

  // Gets memory ready for so many bytes, so that no page has to be found while packets wait. As far as the limit goes.
  void reserve(uint64_t bytes);

  Memory& memory() { return memory_; }
  const Memory& memory() const { return memory_; }
  uint64_t packets() const { return packets_; }  // handed out now

  static constexpr uint32_t kMaxFrame = 65536 - 256;

 private:
  struct Slab {
    Slab* next;  // of the slabs with room of this class, or of the free ones
    Slab* previous;
    Packet* free;    // given back
    uint32_t fresh;  // offset of what has never been handed out, kSlab when nothing is left
    uint32_t size;   // of one packet
    uint32_t used;   // packets handed out
    uint16_t index;  // of the class
    bool listed;     // is among the slabs with room
    uint8_t* memory;
  };
  static constexpr size_t kSlab = 64 * 1024;
  static constexpr size_t kChunk = kHugePage;
  static constexpr uint32_t kStep = sizeof(Packet);  // so that no header lies in two cache lines
  static constexpr uint32_t kClasses = kSlab / kStep;
  // What is known of the slabs of a chunk lies together in place of its first one, elsewhere from chunk to chunk. With
  // each slab it would lie at multiples of 64 KiB, which all go into the same few lines of a cache.
  static constexpr size_t kSlabs = kChunk / kSlab;
  static constexpr size_t kHeaders = kSlabs * 64;
  static_assert(sizeof(Slab) <= 64 && kHeaders * kSlabs <= kSlab,
                "a cache line for each slab, a place for each of 32 chunks");

  static Slab* header_of(uintptr_t slab) {
    const uintptr_t chunk = slab / kChunk;
    return reinterpret_cast<Slab*>(chunk * kChunk + chunk % kSlabs * kHeaders + slab / kSlab % kSlabs * 64);
  }
  Slab* new_slab(uint32_t index);
  bool grow();
  void list(Slab* slab);
  void unlist(Slab* slab);

  Memory memory_;
  Cookies* cookies_ = nullptr;
  uint64_t packets_ = 0;
  Slab* free_ = nullptr;
  std::vector<Slab*> with_room_;
  std::vector<void*> chunks_;
};

}  // namespace nm::emulator
