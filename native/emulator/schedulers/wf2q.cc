#include "wf2q.h"

#include "virtual_time.h"

namespace nm::emulator {

void Wf2q::change_sum(int64_t difference) {
  sum_ += static_cast<uint64_t>(difference);
  inverse_sum_ = inverse_of(sum_);
}

void Wf2q::adopt(Queue* queue) {
  Turn& turn = queue->turn;
  const uint32_t before_change = turn.weight;
  turn.weight = queue->set->settings.share();
  turn.inverse = inverse_of(turn.weight);
  if (known(*queue)) change_sum(int64_t{turn.weight} - before_change);
}

void Wf2q::forget(Queue* queue) {
  if (!known(*queue)) return;
  idle_.remove(queue);
  queue->turn.state = kUnknown;
  change_sum(-int64_t{queue->turn.weight});
}

void Wf2q::restart() {
  if (backlogged() || sum_ == 0) return;
  idle_.clear();
  ++round_;
  now_ = 0;
  sum_ = 0;
}

void Wf2q::insert(Queue* queue) {
  const bool later = before(now_, queue->turn.start);
  queue->turn.state = later ? kWaiting : kEligible;
  later ? waiting_.push(queue, queue->turn.start) : eligible_.push(queue, queue->turn.finish);
}

void Wf2q::activate(Queue* queue) {
  Turn& turn = queue->turn;
  if (!known(*queue)) {
    turn.round = round_;
    turn.start = now_;
    change_sum(turn.weight);
  } else {
    idle_.remove(queue);
    turn.start = before(turn.finish, now_) ? now_ : turn.finish;
  }
  turn.finish = turn.start + span(queue->head_length(), turn.inverse);
  if (!backlogged() && before(now_, turn.start)) now_ = turn.start;
  insert(queue);
}

// Moves those to the eligible ones whose start has come. If nobody is eligible, virtual time jumps to the next start.
void Wf2q::promote() {
  if (eligible_.empty() && !waiting_.empty() && before(now_, waiting_.top_key())) now_ = waiting_.top_key();
  while (!waiting_.empty() && !before(now_, waiting_.top_key())) {
    Queue* queue = waiting_.top();
    waiting_.pop();
    queue->turn.state = kEligible;
    queue->fetch_head();  // who has just become eligible is often the next one
    eligible_.push(queue, queue->turn.finish);
  }
}

Packet* Wf2q::dequeue(Time now) {
  // A weight counts until virtual time has passed the flow's finish. One a packet is enough to keep up.
  if (!idle_.empty() && before(idle_.top_key(), now_)) forget(idle_.top());
  for (;;) {
    promote();
    if (eligible_.empty()) return nullptr;
    Queue* queue = eligible_.top();
    Turn& turn = queue->turn;
    Packet* packet = queue->pop(now);
    const uint64_t finish = packet ? turn.start + span(packet->length, turn.inverse) : turn.start;
    if (packet) now_ += span(packet->length, inverse_sum_);
    turn.start = finish;
    if (queue->empty()) {
      turn.finish = finish;
      eligible_.pop();
      turn.state = kIdle;
      idle_.push(queue, finish);
    } else {
      turn.finish = finish + span(queue->head_length(), turn.inverse);
      if (before(now_, turn.start)) {
        eligible_.pop();
        turn.state = kWaiting;
        waiting_.push(queue, turn.start);
      } else {
        eligible_.sink_top(turn.finish);
      }
    }
    if (!packet) continue;
    queue->fetch_head();
    promote();
    fetch_next();
    return packet;
  }
}

// Those whose turn is next are likely not in a cache: first the queue, then its packet.
void Wf2q::fetch_next() const {
  if (!waiting_.empty()) waiting_.top()->fetch();
  if (waiting_.size() > 1) waiting_.second()->fetch();
  if (eligible_.empty()) return;
  eligible_.top()->fetch_head();
  if (eligible_.size() > 1) eligible_.second()->fetch();
}

void Wf2q::drain(PacketList* out) {
  for (QueueHeap<false>* heap : {&eligible_, &waiting_}) {
    for (size_t i = 0; i < heap->size(); ++i) out->take_all(&heap->at(i)->packets);
    heap->clear();
  }
  sum_ = 1;  // so that restart() forgets the idle ones
  restart();
}

}  // namespace nm::emulator
