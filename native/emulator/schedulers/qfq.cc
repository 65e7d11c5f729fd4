#include "qfq.h"

#include <algorithm>

#include "../queue_heap.h"
#include "virtual_time.h"

namespace nm::emulator {
namespace {

constexpr uint32_t kUsualLength = 1514;  // lmax, unless the settings or a longer packet say otherwise
constexpr uint32_t kRegroup = 1;         // Turn::place: the flow has to change its group

uint32_t first_of(uint32_t mask) {
  return static_cast<uint32_t>(__builtin_ctz(mask));
}

// Groups `index` and above.
uint32_t from_index(uint32_t mask, uint32_t index) {
  return index < 32 ? mask >> index << index : 0;
}

// Groups in whose slots t differs from u.
uint32_t changed(uint64_t t, uint64_t u, int least_shift) {
  const uint64_t difference = (t ^ u) >> least_shift;
  if (difference == 0) return 0;
  const int highest = 63 - __builtin_clzll(difference);
  return highest >= 31 ? ~uint32_t{0} : (uint32_t{2} << highest) - 1;
}

}  // namespace

Qfq::Qfq() {
  for (uint32_t i = 0; i < kGroups; ++i) {
    groups_[i].index = i;
    groups_[i].shift = kLeastShift + static_cast<int>(i);
  }
}

void Qfq::change_sum(int64_t difference) {
  sum_ += static_cast<uint64_t>(difference);
  inverse_sum_ = inverse_of(sum_);
}

void Qfq::adopt(Queue* queue) {
  const QueueSettings& s = queue->set->settings;
  Turn& turn = queue->turn;
  const bool was_known = known(*queue);
  if (was_known) change_sum(int64_t{s.share()} - turn.weight);
  turn.weight = s.share();
  if (was_known && turn.state == kBacklogged) {
    turn.place = kRegroup;  // it is in a bucket: it changes when it is served
    return;
  }
  if (was_known) wake(queue);
  turn.max_length = static_cast<uint16_t>(s.max_length ? s.max_length : kUsualLength);
  choose_group(queue);
  if (was_known) rest(queue);
}

// The group whose slots are the narrowest ones that hold a packet's span.
void Qfq::choose_group(Queue* queue) {
  Turn& turn = queue->turn;
  turn.inverse = inverse_of(turn.weight);
  const uint64_t width = span(turn.max_length, turn.inverse);
  uint32_t index = 0;
  while (index + 1 < kGroups && groups_[index].slot() < width) ++index;
  turn.group = static_cast<uint8_t>(index);
  turn.place = 0;
}

void Qfq::restart() {
  if (backlogged() || sum_ == 0) return;
  for (uint32_t mask = resting_; mask; mask &= mask - 1) {
    for (Queue*& list : groups_[first_of(mask)].idle) list = nullptr;
  }
  resting_ = 0;
  ++round_;
  now_ = 0;
  sum_ = 0;
}

void Qfq::forget(Queue* queue) {
  if (!known(*queue)) return;
  wake(queue);
  queue->turn.state = kUnknown;
  change_sum(-int64_t{queue->turn.weight});
}

// Flows without packets whose finish lies ahead: their weight counts until virtual time has passed it.
void Qfq::rest(Queue* queue) {
  Turn& turn = queue->turn;
  Group* group = &groups_[turn.group];
  const uint64_t slots_ahead = (turn.finish >> group->shift) - (now_ >> group->shift);
  if (slots_ahead > 3) {  // over, or so far ahead that it cannot be
    turn.state = kUnknown;
    change_sum(-int64_t{turn.weight});
    return;
  }
  turn.state = kIdle;
  Queue*& list = group->idle[turn.finish >> group->shift & 3];
  queue->previous = nullptr;
  queue->next = list;
  if (list) list->previous = queue;
  list = queue;
  resting_ |= uint32_t{1} << turn.group;
}

void Qfq::wake(Queue* queue) {
  Group* group = &groups_[queue->turn.group];
  if (queue->previous) {
    queue->previous->next = queue->next;
  } else {
    group->idle[queue->turn.finish >> group->shift & 3] = queue->next;
  }
  if (queue->next) queue->next->previous = queue->previous;
}

void Qfq::settle_list(Group* group, uint32_t list) {
  for (Queue* queue = group->idle[list]; queue; queue = queue->next) {
    queue->turn.state = kUnknown;
    sum_ -= queue->turn.weight;
  }
  group->idle[list] = nullptr;
}

void Qfq::settle(uint64_t old_now) {
  uint32_t mask = resting_ & changed(now_, old_now, kLeastShift);
  if (!mask) return;
  for (; mask; mask &= mask - 1) {
    Group* group = &groups_[first_of(mask)];
    const uint64_t before = old_now >> group->shift, passed = std::min<uint64_t>((now_ >> group->shift) - before, 4);
    for (uint64_t i = 0; i < passed; ++i) settle_list(group, static_cast<uint32_t>((before + i) & 3));
    const bool left = group->idle[0] || group->idle[1] || group->idle[2] || group->idle[3];
    if (!left) resting_ &= ~(uint32_t{1} << group->index);
  }
  inverse_sum_ = inverse_of(sum_);
}

// Where the first packet of a queue stands. The structure needs a start not further ahead than one slot.
void Qfq::choose_start(Queue* queue, bool fresh) {
  Turn& turn = queue->turn;
  const Group& group = groups_[turn.group];
  if (fresh || !before(now_, turn.finish)) {
    turn.start = now_;
    return;
  }
  const uint64_t limit = group.round_down(now_) + group.slot();
  turn.start = turn.finish;
  if (!before(limit, group.round_down(turn.finish))) return;
  turn.start = limit;
  const uint32_t ready = from_index(groups_in_[kReady], turn.group);
  if (ready && before(groups_[first_of(ready)].finish, limit)) turn.start = groups_[first_of(ready)].finish;
}

void Qfq::activate(Queue* queue) {
  Turn& turn = queue->turn;
  const bool fresh = !known(*queue);
  if (fresh) {
    turn.round = round_;
    change_sum(turn.weight);
  } else {
    wake(queue);
  }
  if (queue->head_length() > turn.max_length) {
    turn.max_length = static_cast<uint16_t>(queue->head_length());
    choose_group(queue);
  }
  choose_start(queue, fresh);
  turn.state = kBacklogged;
  turn.finish = turn.start + span(queue->head_length(), turn.inverse);
  insert(queue);
}

void Qfq::insert(Queue* queue) {
  Group* group = &groups_[queue->turn.group];
  const uint64_t rounded = group->round_down(queue->turn.start);
  const uint32_t bit = uint32_t{1} << group->index;
  if (group->full) {
    if (!before(rounded, group->start)) {
      put_in_slot(group, queue, rounded);
      return;
    }
    // A bucket before the first one: the others move back.
    const auto steps = static_cast<uint32_t>((group->start - rounded) >> group->shift);
    group->full <<= steps;
    group->front = (group->front - steps) % kSlots;
    for (uint32_t& in : groups_in_) in &= ~bit;
  } else if (!groups_in_[kReady] && before(now_, rounded)) {
    const uint64_t old_now = now_;
    now_ = rounded;
    settle(old_now);
  }
  group->start = rounded;
  put_in_slot(group, queue, rounded);
  place(group);
}

void Qfq::put_in_slot(Group* group, Queue* queue, uint64_t rounded) {
  uint64_t slot = (rounded - group->start) >> group->shift;
  if (slot > kSlots - 2) {  // a packet far longer than this group's: closer than it should be, never out of reach
    const uint64_t excess = (slot - (kSlots - 2)) << group->shift;
    queue->turn.start -= excess;
    queue->turn.finish -= excess;
    slot = kSlots - 2;
  }
  group->buckets[(group->front + slot) % kSlots].push(queue, &blocks_);
  group->full |= uint64_t{1} << slot;
}

void Qfq::remove_front(Group* group) {
  QueueStack& bucket = group->buckets[group->front];
  bucket.pop(&blocks_);
  if (bucket.empty()) group->full &= ~uint64_t{1};
}

bool Qfq::find_front(Group* group) {
  if (!group->full) return false;
  const int empty = __builtin_ctzll(group->full);
  group->full >>= empty;
  group->front = (group->front + static_cast<uint32_t>(empty)) % kSlots;
  return true;
}

// Puts a group, which is in none, into one of the four sets.
void Qfq::place(Group* group) {
  group->finish = group->start + 2 * group->slot();
  int where = before(now_, group->start) ? kEarly : kReady;
  const uint32_t ready = from_index(groups_in_[kReady], group->index);
  if (ready && before(groups_[first_of(ready)].finish, group->finish)) where |= kBlocked;
  groups_in_[where] |= uint32_t{1} << group->index;
}

void Qfq::move(uint32_t mask, Where from, Where to) {
  const uint32_t moving = groups_in_[from] & mask;
  groups_in_[to] |= moving;
  groups_in_[from] &= ~moving;
}

// A group with the index has gone or ends later now: those below that it blocked are free, unless another one blocks.
void Qfq::unblock(uint32_t index, uint64_t old_finish) {
  const uint32_t ready = from_index(groups_in_[kReady], index + 1);
  if (ready && !before(old_finish, groups_[first_of(ready)].finish)) return;
  const uint32_t below = (uint32_t{1} << index) - 1;
  move(below, kBlocked, kReady);
  move(below, kEarlyBlocked, kEarly);
}

void Qfq::update_eligible(uint64_t old_now) {
  const uint32_t early = groups_in_[kEarly] | groups_in_[kEarlyBlocked];
  if (early) {
    const uint64_t start = groups_[first_of(early)].start;
    if (!groups_in_[kReady] && before(now_, start)) now_ = start;
    const uint32_t reached = changed(now_, old_now, kLeastShift);
    move(reached, kEarly, kReady);
    move(reached, kEarlyBlocked, kBlocked);
  }
  settle(old_now);
}

// After a queue, the first one of its group, has sent up to `finish`. Returns whether it has to change its group.
bool Qfq::update_queue(Group* group, Queue* queue, uint64_t finish) {
  Turn& turn = queue->turn;
  turn.start = finish;
  if (queue->empty()) {
    turn.finish = finish;
    remove_front(group);
    update_group(group);
    return false;
  }
  turn.finish = finish + span(queue->head_length(), turn.inverse);
  const bool other_group = queue->head_length() > turn.max_length || turn.place == kRegroup;
  const uint64_t rounded = group->round_down(turn.start);
  if (!other_group && rounded == group->start) return false;
  remove_front(group);
  if (!other_group) put_in_slot(group, queue, rounded);
  update_group(group);
  return other_group;
}

// After its first bucket has changed.
void Qfq::update_group(Group* group) {
  const uint64_t old_finish = group->finish;
  const uint32_t bit = uint32_t{1} << group->index;
  if (find_front(group)) {
    const uint64_t rounded = group->round_down(group->buckets[group->front].top()->turn.start);
    if (rounded == group->start) return;
    group->start = rounded;
    groups_in_[kReady] &= ~bit;
    place(group);
  } else {
    groups_in_[kReady] &= ~bit;
  }
  unblock(group->index, old_finish);
}

Packet* Qfq::dequeue(Time now) {
  while (groups_in_[kReady]) {
    Group* group = &groups_[first_of(groups_in_[kReady])];
    Queue* queue = group->buckets[group->front].top();
    Turn& turn = queue->turn;
    Packet* packet = queue->pop(now);
    const uint32_t length = packet ? packet->length : 0;
    const uint64_t old_now = now_;
    now_ += span(length, inverse_sum_);
    const bool other_group = update_queue(group, queue, turn.start + span(length, turn.inverse));
    update_eligible(old_now);
    if (queue->empty()) {
      rest(queue);
    } else if (other_group) {
      turn.max_length = std::max(turn.max_length, static_cast<uint16_t>(queue->head_length()));
      choose_group(queue);
      turn.finish = turn.start;
      choose_start(queue, false);
      turn.finish = turn.start + span(queue->head_length(), turn.inverse);
      insert(queue);
    }
    if (!packet) continue;
    fetch_next();
    return packet;
  }
  return nullptr;
}

// Those whose turn is near are likely not in a cache: first a queue is fetched, then its packet, and then the one
// behind that, as a queue may send several until its slot is over.
void Qfq::fetch_next() const {
  constexpr uint32_t kQueue = 8, kPacket = 4, kNext = 2;  // queues between a fetch and its use
  if (!groups_in_[kReady]) return;
  const Group& group = groups_[first_of(groups_in_[kReady])];
  const QueueStack& bucket = group.buckets[group.front];
  if (const Queue* queue = bucket.below(kQueue)) queue->fetch();
  if (const Queue* queue = bucket.below(kPacket)) queue->fetch_head();
  if (const Queue* queue = bucket.below(kNext)) prefetch(queue->packets.head()->next);
}

void Qfq::drain(PacketList* out) {
  for (Group& group : groups_) {
    for (QueueStack& bucket : group.buckets) {
      for (; !bucket.empty(); bucket.pop(&blocks_)) out->take_all(&bucket.top()->packets);
    }
    group.full = 0;
  }
  for (uint32_t& in : groups_in_) in = 0;
  sum_ = 1;  // so that restart() forgets the idle ones
  restart();
}

}  // namespace nm::emulator
