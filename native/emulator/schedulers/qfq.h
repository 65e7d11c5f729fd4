// QFQ (Checconi, Rizzo, Valente): fair queueing in constant time. Flows are sorted into groups by lmax / weight, and
// within a group into buckets by their rounded start; which group goes next follows from four bitmaps.
#pragma once

#include "../scheduler.h"
#include "queue_stack.h"

namespace nm::emulator {

// While it is backlogged, a flow with the share phi of all weights is never behind its share by more than about 6 of
// its own packets and two of the longest ones times phi. Virtual time runs by the true sum of the weights; with a sum
// that is too large (dummynet takes 2^17 whatever there is) heavy flows fall far behind that.
class Qfq final : public Scheduler {
 public:
  Qfq();
  Packet* dequeue(Time now) override;
  bool backlogged() const override { return (groups_in_[kReady] | groups_in_[kEarly] | groups_in_[kBlocked]) != 0; }
  void restart() override;
  void adopt(Queue* queue) override;
  void forget(Queue* queue) override;
  void drain(PacketList* out) override;

 private:
  static constexpr uint32_t kGroups = 32;
  static constexpr uint32_t kSlots = 64;
  static constexpr int kLeastShift = 17;  // group 0: 64 bytes at a weight of 2^16 fit
  // Where a group is: eligible or early (its start lies ahead), and blocked if one behind it that is ready ends
  // earlier.
  enum Where { kReady = 0, kEarly = 1, kBlocked = 2, kEarlyBlocked = 3 };
  enum State : uint8_t { kUnknown, kBacklogged, kIdle };

  struct Group {
    uint64_t start = 0;   // of its first bucket
    uint64_t finish = 0;  // start + 2 slots
    int shift = 0;        // a slot is 2^shift wide
    uint32_t index = 0;
    uint32_t front = 0;  // the first bucket's place
    uint64_t full = 0;   // bit n: the nth bucket from the front has flows
    QueueStack buckets[kSlots];
    Queue* idle[4] = {};  // flows without packets whose finish is not over, by its slot
    uint64_t round_down(uint64_t t) const { return t >> shift << shift; }
    uint64_t slot() const { return uint64_t{1} << shift; }
  };

  void activate(Queue* queue) override;
  bool known(const Queue& queue) const { return queue.turn.state != kUnknown && queue.turn.round == round_; }
  void change_sum(int64_t difference);
  void choose_group(Queue* queue);
  void choose_start(Queue* queue, bool fresh);
  void insert(Queue* queue);
  void put_in_slot(Group* group, Queue* queue, uint64_t rounded);
  void remove_front(Group* group);
  static bool find_front(Group* group);
  void place(Group* group);
  void move(uint32_t mask, Where from, Where to);
  void unblock(uint32_t index, uint64_t old_finish);
  void update_eligible(uint64_t old_now);
  bool update_queue(Group* group, Queue* queue, uint64_t finish);
  void update_group(Group* group);
  [[gnu::always_inline]] inline void fetch_next() const;  // see prefetch()
  void rest(Queue* queue);
  void wake(Queue* queue);
  void settle(uint64_t old_now);
  void settle_list(Group* group, uint32_t list);

  Group groups_[kGroups];
  QueueBlocks blocks_;
  uint32_t groups_in_[4] = {};
  uint32_t resting_ = 0;  // groups with idle flows
  uint64_t now_ = 0;      // virtual time
  uint64_t sum_ = 0;
  uint64_t inverse_sum_ = 0;
  uint32_t round_ = 1;
};

}  // namespace nm::emulator
