#include "replay.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "clock.h"

namespace nm::traffic {
namespace {

constexpr size_t padded(uint32_t length) {
  return (static_cast<size_t>(length) + 7) & ~size_t{7};
}

// A time of whatever size, as far as a clock goes (a century); a record that makes no sense is due at once.
int64_t limited(double ns) {
  return ns > 0 ? static_cast<int64_t>(std::min(ns, 3e18)) : 0;
}

}  // namespace

void Replay::next_pass(double span) {
  if (spec_.timing == Timing::kCaptured) base_ = std::min(base_ + limited(span / spec_.speed), int64_t{3} << 60);
}

int64_t Replay::due(const ReplayRecord& record) const {
  switch (spec_.timing) {
    case Timing::kFlatOut:
      return INT64_MIN;
    case Timing::kCaptured:
      return base_ + limited(record.due / spec_.speed);
    default:
      return base_ + static_cast<int64_t>(offset_);
  }
}

// The packet is part of the batch: when is the next one due?
void Replay::take(const ReplayRecord& record, int64_t due) {
  last_due_ = record.due;
  ++batch_.frames;
  batch_.bytes += record.length;
  if (spec_.timing == Timing::kFlatOut) return;
  dues_.push_back(due);
  if (spec_.timing == Timing::kPackets) offset_ += spec_.gap;
  if (spec_.timing == Timing::kBits) offset_ += spec_.gap * 8 * (static_cast<double>(record.length) + spec_.overhead);
  // A double is exact to a fraction of a nanosecond only while it is small: nothing may add up over days.
  if (offset_ >= 1e9) {
    const double whole = std::min(std::floor(offset_ / 1e9) * 1e9, 1e18);
    base_ = std::min(base_ + static_cast<int64_t>(whole), int64_t{3} << 60);
    offset_ = std::min(offset_ - whole, 1e9);
  }
}

// Copies a frame into the slots from the head on, `room` of them at most. Returns how many it took; 0: there was no
// room.
uint32_t Replay::fill(const uint8_t* frame, uint32_t length, uint32_t room) {
  Ring& ring = ring_.ring;
  uint32_t slot = ring_.head, used = 0, done = 0;
  do {
    if (used == room) {
      needed_ = used + 1;
      return 0;
    }
    uint32_t space = 0;
    uint8_t* to = ring.payload(slot, ring.read(slot), &space);
    const uint32_t part = to ? std::min(std::min(space, 65535u), length - done) : 0;  // no buffer: it gets nothing
    if (part > 0) std::memcpy(to, frame + done, part);
    done += part;
    ring.write(slot, part, done < length ? NS_MOREFRAG : 0);
    slot = ring.next(slot);
    ++used;
  } while (done < length);
  ring.prefetch(slot);
  ring_.head = slot;
  needed_ = 1;
  return used;
}

// Takes what is due from the piece, as far as there is room. Returns why there is no more.
ReplayPause Replay::fill_batch(ReplayPiece piece, int64_t now) {
  const uint64_t left = spec_.count - counters_.packets;
  const auto most = static_cast<uint32_t>(std::min<uint64_t>(spec_.batch, left));
  uint32_t room = ring_.room();
  for (;;) {
    if (batch_.frames == most) return most == 0 ? ReplayPause::kDone : ReplayPause::kTurn;
    if (at_ > piece.size || piece.size - at_ < sizeof(ReplayRecord)) return ReplayPause::kEnd;
    ReplayRecord record;
    std::memcpy(&record, piece.bytes + at_, sizeof record);
    const size_t size = sizeof record + padded(record.length);
    if (size > piece.size - at_) return ReplayPause::kEnd;  // not one of ours: nothing behind it is
    int64_t due = this->due(record);
    if (spec_.timing != Timing::kFlatOut && now - due > spec_.forgive) {
      const int64_t shift = now - due - spec_.forgive;
      base_ += shift;
      due += shift;
      counters_.given_up += shift;
    }
    if (due > now) {
      next_due_ = due;
      return ReplayPause::kRate;
    }
    if ((record.flags & ReplayRecord::kPoint) && !pointed_) return ReplayPause::kPoint;
    const uint32_t used = fill(piece.bytes + at_ + sizeof record, record.length, room);
    if (used == 0) return ReplayPause::kRoom;
    room -= used;
    batch_.slots += used;
    pointed_ = false;
    take(record, due);
    at_ += size;
  }
}

bool Replay::prepare(ReplayPiece piece, int64_t until, ReplayPause* pause) {
  for (;;) {
    const int64_t now = now_ns();
    lookout_.look(now);
    if (std::exchange(time_of_last_open_, false)) counters_.last = now;
    *pause = ReplayPause::kTurn;
    if (now >= until) return false;
    if (batch_.frames > 0) return true;  // it was not handed over last time
    first_slot_ = ring_.head;
    made_at_ = now;
    *pause = fill_batch(piece, now);
    if (batch_.frames > 0) return true;
    if (*pause != ReplayPause::kRate) return false;
    const int64_t left = next_due_ - now;
    if (left > spec_.patience) return false;
    if (spec_.waiting == Waiting::kSleep) {
      sleep_until(std::min(next_due_, until));
      continue;
    }
    lookout_.watch(now);
    if (left > 200) pause_cpu();  // close to the time, looking without a break is more exact
  }
}

int Replay::commit(Device& device) {
  if (batch_.frames == 0) return 0;
  ring_.ring.publish(ring_.head);
  const int err = device.txsync();
  if (err != 0) return err;
  if (counters_.packets == 0) counters_.first = made_at_;
  counters_.packets += batch_.frames;
  counters_.bytes += batch_.bytes;
  if (spec_.timing == Timing::kFlatOut) {
    time_of_last_open_ = true;  // the clock is read once a batch, and prepare() does
  } else {
    counters_.last = now_ns();
    for (const int64_t due : dues_) {
      late_.add(counters_.last - due);
      late_running_.add(counters_.last - lookout_.possible(due));
    }
    dues_.clear();
  }
  batch_ = {};
  return 0;
}

int Replay::run(Device& device, ReplayPiece piece, int64_t until, ReplayPause* pause) {
  while (prepare(piece, until, pause)) {
    const int err = commit(device);
    if (err != 0) return err;
  }
  return 0;
}

}  // namespace nm::traffic
