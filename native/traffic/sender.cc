#include "sender.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "clock.h"

namespace nm::traffic {

Sender::Sender(SenderSpec spec, Filler filler, Schedule schedule, std::vector<TxRing> rings)
    : spec_(spec), filler_(std::move(filler)), schedule_(std::move(schedule)), rings_(std::move(rings)) {
  for (const TxRing& ring : rings_) slots_needed_ = std::max(slots_needed_, filler_.slots_of_longest(ring));
}

void Sender::begin(int64_t now, int64_t end) {
  schedule_.begin(now);
  end_ = end;
}

// Frames that the next ring with room takes; the rings take turns, batch by batch.
uint32_t Sender::find_room() {
  for (size_t n = 0; n < rings_.size(); ++n) {
    current_ = current_ + 1 < rings_.size() ? current_ + 1 : 0;
    const uint32_t frames = rings_[current_].room() / slots_needed_;
    if (frames > 0) return frames;
  }
  return 0;
}

bool Sender::prepare(int64_t until, Pause* pause) {
  for (;;) {
    const uint64_t left = spec_.count - counters_.packets;
    const int64_t now = now_ns();
    lookout_.look(now);
    if (std::exchange(time_of_last_open_, false)) counters_.last = now;
    *pause = Pause::kDone;
    if (left == 0 || now >= end_) return false;
    *pause = Pause::kTurn;
    if (now >= until) return false;
    counters_.given_up += schedule_.forgive(now, spec_.forgive);
    const int64_t due = schedule_.due();
    if (owed_ == 0 && !schedule_.flat_out() && due > now) {
      *pause = Pause::kRate;
      if (due - now > spec_.patience) return false;
      const int64_t next = std::min({due, until, end_});
      if (spec_.waiting == Waiting::kSleep) {
        sleep_until(next);
        continue;
      }
      lookout_.watch(now);
      if (next - now > 200) pause_cpu();  // close to the time, looking without a break is more exact
      continue;
    }
    *pause = Pause::kRoom;
    const uint32_t room = find_room();
    if (room == 0) return false;
    const uint32_t most = static_cast<uint32_t>(std::min<uint64_t>({spec_.batch, room, left}));
    if (owed_ == 0) batch_due_ = due;
    uint32_t wanted = owed_;
    if (wanted < most) wanted += schedule_.take(now, most - wanted, &batch_last_due_);
    TxRing& ring = rings_[current_];
    first_slot_ = ring.head;
    batch_ = filler_.fill(ring, std::min(wanted, most), now);
    owed_ = wanted - batch_.frames;
    if (batch_.frames == 0) return false;
    made_at_ = now;
    return true;
  }
}

int Sender::commit(Device& device) {
  TxRing& ring = rings_[current_];
  ring.ring.publish(ring.head);
  const int err = device.txsync();
  if (err != 0) return err;
  if (counters_.packets == 0) counters_.first = made_at_;
  counters_.packets += batch_.frames;
  counters_.bytes += batch_.bytes;
  ++counters_.batches;
  if (schedule_.flat_out()) {
    time_of_last_open_ = true;  // the clock is read once a batch, and prepare() does
  } else {
    counters_.last = now_ns();
    record(counters_.last);
  }
  return 0;
}

// Packets of one batch are handed over at one time.
void Sender::record(int64_t now) {
  const uint32_t n = batch_.frames;
  late_.add(now - batch_due_);
  late_running_.add(now - lookout_.possible(batch_due_));
  if (n > 1) {
    late_.add(now - batch_last_due_, n - 1);
    late_running_.add(now - lookout_.possible(batch_last_due_), n - 1);
  }
  if (sent_at_ != 0) {
    const int64_t gap = now - sent_at_, planned = batch_due_ - sent_due_;
    gap_.add(gap);
    gap_error_.add(gap > planned ? gap - planned : planned - gap);
  }
  if (n > 1) {
    gap_.add(0, n - 1);
    gap_error_.add((batch_last_due_ - batch_due_) / (n - 1), n - 1);
  }
  sent_at_ = now;
  sent_due_ = batch_last_due_;
}

int Sender::run(Device& device, int64_t until, Pause* pause) {
  while (prepare(until, pause)) {
    const int err = commit(device);
    if (err != 0) return err;
  }
  return 0;
}

}  // namespace nm::traffic
