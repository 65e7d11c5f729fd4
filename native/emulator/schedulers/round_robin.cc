#include "round_robin.h"

namespace nm::emulator {
namespace {

int64_t quantum(const Queue& queue) {
  return int64_t{queue.turn.weight} * queue.turn.max_length;
}

// What it may still send in this round. Negative when queue management has sent a longer packet than was looked at.
int64_t credit(const Queue& queue) {
  return static_cast<int64_t>(queue.turn.start);
}

void add_credit(Queue* queue, int64_t bytes) {
  queue->turn.start += static_cast<uint64_t>(bytes);
}

}  // namespace

void RoundRobin::adopt(Queue* queue) {
  const QueueSettings& s = queue->set->settings;
  queue->turn.weight = s.share();
  queue->turn.max_length = static_cast<uint16_t>(s.max_length ? s.max_length : 1500);
}

void RoundRobin::activate(Queue* queue) {
  queue->turn.start = 0;
  add_credit(queue, quantum(*queue));
  if (last_) {
    queue->next = last_->next;
    last_->next = queue;
  } else {
    queue->next = queue;
  }
  last_ = queue;
}

void RoundRobin::remove_first() {
  Queue* first = last_->next;
  if (first == last_) {
    last_ = nullptr;
  } else {
    last_->next = first->next;
  }
}

Packet* RoundRobin::dequeue(Time now) {
  while (last_) {
    Queue* queue = last_->next;
    if (queue->head_length() > credit(*queue)) {
      add_credit(queue, quantum(*queue));
      last_ = queue;
      continue;
    }
    Packet* packet = queue->pop(now);
    if (packet) add_credit(queue, -int64_t{packet->length});
    if (queue->empty()) remove_first();
    if (packet) return packet;
  }
  return nullptr;
}

void RoundRobin::drain(PacketList* out) {
  while (last_) {
    out->take_all(&last_->next->packets);
    remove_first();
  }
}

}  // namespace nm::emulator
