#include "packet_pool.h"

#include <cstring>

namespace nm::emulator {

PacketPool::PacketPool(uint64_t limit) : memory_(limit), with_room_(kClasses, nullptr) {}

PacketPool::~PacketPool() {
  for (void* chunk : chunks_) unmap_huge_page(chunk);
}

Packet* PacketPool::take(uint32_t length) {
  if (length > kMaxFrame) return nullptr;
  const auto index = static_cast<uint32_t>((length + sizeof(Packet) + kStep - 1) / kStep);
  Slab* slab = with_room_[index];
  if (!slab) {
    slab = new_slab(index);
    if (!slab) return nullptr;
  }
  Packet* packet = slab->free;
  if (packet) {
    slab->free = packet->next;
  } else {
    packet = reinterpret_cast<Packet*>(slab->memory + slab->fresh);
    slab->fresh += slab->size;
    if (slab->fresh + slab->size > kSlab) slab->fresh = kSlab;
  }
  ++slab->used;
  ++packets_;
  if (!slab->free && slab->fresh == kSlab) unlist(slab);
  packet->length = static_cast<uint16_t>(length);
  packet->cookie = packet->id = 0;
  return packet;
}

Packet* PacketPool::copy(const Packet& packet) {
  Packet* twin = take(packet.length);
  if (!twin) return nullptr;
  std::memcpy(static_cast<void*>(twin), &packet, sizeof packet + packet.length);
  if (twin->cookie && cookies_) twin->cookie = cookies_->copy(twin->cookie);
  return twin;
}

void PacketPool::give(Packet* packet) {
  if (packet->cookie && cookies_) cookies_->forget(packet->cookie);
  Slab* slab = header_of(reinterpret_cast<uintptr_t>(packet));
  packet->next = slab->free;
  slab->free = packet;
  --packets_;
  --slab->used;
  if (!slab->listed) {
    list(slab);
  } else if (slab->used == 0 && (slab->next || slab->previous)) {  // the last one of a class stays
    unlist(slab);
    slab->next = free_;
    free_ = slab;
  }
}

void PacketPool::reserve(uint64_t bytes) {
  while (memory_.held() + kChunk <= bytes && grow()) {
    auto* chunk = static_cast<volatile uint8_t*>(chunks_.back());
    for (size_t at = 0; at < kChunk; at += 4096) chunk[at] = chunk[at];
  }
}

PacketPool::Slab* PacketPool::new_slab(uint32_t index) {
  if (!free_ && !grow()) return nullptr;
  Slab* slab = free_;
  free_ = slab->next;
  *slab = {nullptr, nullptr, nullptr, 0, index * kStep, 0, static_cast<uint16_t>(index), false, slab->memory};
  list(slab);
  return slab;
}

// A chunk more. It lies at a multiple of its size, which is how a packet finds its slab.
bool PacketPool::grow() {
  if (!memory_.take(kChunk)) return false;
  void* page = map_huge_page();
  if (!page) {
    memory_.give(kChunk);
    return false;
  }
  chunks_.push_back(page);
  const auto chunk = reinterpret_cast<uintptr_t>(page);
  for (uintptr_t at = chunk + kChunk - kSlab; at > chunk; at -= kSlab) {
    Slab* slab = header_of(at);
    slab->memory = reinterpret_cast<uint8_t*>(at);
    slab->next = free_;
    free_ = slab;
  }
  return true;
}

void PacketPool::list(Slab* slab) {
  Slab*& first = with_room_[slab->index];
  slab->next = first;
  slab->previous = nullptr;
  if (first) first->previous = slab;
  first = slab;
  slab->listed = true;
}

void PacketPool::unlist(Slab* slab) {
  (slab->previous ? slab->previous->next : with_room_[slab->index]) = slab->next;
  if (slab->next) slab->next->previous = slab->previous;
  slab->listed = false;
}

}  // namespace nm::emulator
