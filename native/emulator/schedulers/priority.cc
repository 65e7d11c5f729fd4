#include "priority.h"

namespace nm::emulator {

// `pri` counts. Configurations written for dummynet, whose PRIO reads the weight instead, have no `pri`: theirs is
// taken.
void Priority::adopt(Queue* queue) {
  if (!queue->empty()) return;  // at its old level until it is
  const QueueSettings& s = queue->set->settings;
  const uint32_t level = s.priority ? *s.priority : queue->set->number ? s.weight : 0;
  queue->turn.group = static_cast<uint8_t>(level < kLevels ? level : kLevels - 1);
}

void Priority::activate(Queue* queue) {
  const uint32_t level = queue->turn.group;
  Queue*& last = last_[level];
  if (last) {
    queue->next = last->next;
    last->next = queue;
  } else {
    queue->next = queue;
    busy_ |= uint64_t{1} << level;
  }
  last = queue;
}

Queue* Priority::take_first(uint32_t level) {
  Queue* first = last_[level]->next;
  if (first == last_[level]) {
    last_[level] = nullptr;
    busy_ &= ~(uint64_t{1} << level);
  } else {
    last_[level]->next = first->next;
  }
  return first;
}

Packet* Priority::dequeue(Time now) {
  while (busy_) {
    const auto level = static_cast<uint32_t>(__builtin_ctzll(busy_));
    Queue* queue = last_[level]->next;
    Packet* packet = queue->pop(now);
    if (queue->empty()) {
      take_first(level);
    } else {
      last_[level] = queue;
    }
    if (packet) return packet;
  }
  return nullptr;
}

void Priority::drain(PacketList* out) {
  while (busy_) out->take_all(&take_first(static_cast<uint32_t>(__builtin_ctzll(busy_)))->packets);
}

}  // namespace nm::emulator
