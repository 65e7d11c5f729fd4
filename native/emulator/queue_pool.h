// Room for the queues of flows, which may be very many: packed, so that reaching any of them is quick, and counted.
#pragma once

#include <cstdint>
#include <vector>

#include "../base/huge_page.h"
#include "memory.h"

namespace nm::emulator {

class QueuePool {
 public:
  explicit QueuePool(Memory* memory) : memory_(memory) {}
  ~QueuePool() {
    for (Chunk* chunk : chunks_) unmap_huge_page(chunk);
  }
  QueuePool(const QueuePool&) = delete;
  QueuePool& operator=(const QueuePool&) = delete;

  static constexpr size_t kRoom = 256;  // bytes of a queue

  // Null when the memory is used up.
  void* take() {
    if (!free_ && !grow()) return nullptr;
    Room* room = free_;
    free_ = room->next;
    return room;
  }
  // Gives back to the pool that it came from.
  static void give(void* room) {
    const uintptr_t chunk = reinterpret_cast<uintptr_t>(room) & ~uintptr_t{kHugePage - 1};
    QueuePool* pool = reinterpret_cast<Chunk*>(chunk)->pool;
    pool->put(static_cast<Room*>(room));
  }

 private:
  struct Room {
    Room* next;
  };
  struct Chunk {
    QueuePool* pool;  // the rest is room
  };
  void put(Room* room) {
    room->next = free_;
    free_ = room;
  }
  bool grow() {
    if (!memory_->take(kHugePage)) return false;
    void* page = map_huge_page();
    if (!page) {
      memory_->give(kHugePage);
      return false;
    }
    auto* chunk = static_cast<Chunk*>(page);
    chunk->pool = this;
    chunks_.push_back(chunk);
    auto* start = static_cast<uint8_t*>(page);
    for (size_t at = kHugePage - kRoom; at > 0; at -= kRoom) put(reinterpret_cast<Room*>(start + at));
    return true;
  }

  Memory* memory_;
  Room* free_ = nullptr;
  std::vector<Chunk*> chunks_;
};

}  // namespace nm::emulator
