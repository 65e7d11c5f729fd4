#include "pinger.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "clock.h"

namespace nm::traffic {

Pinger::Pinger(PingSpec spec, Filler filler, TxRing tx, std::vector<RxRing> rx)
    : spec_(spec), filler_(std::move(filler)), tx_(std::move(tx)), rx_(std::move(rx)) {}

int Pinger::ask(Device& device, int64_t now) {
  const uint64_t most = std::min<uint64_t>(spec_.burst, spec_.count - counters_.sent);
  const Filled filled = filler_.fill(tx_, static_cast<uint32_t>(most), now);
  if (filled.frames == 0) return device.txsync();  // no room: what is there has to go first
  if (counters_.sent == 0) counters_.first = now;
  number_ = static_cast<uint32_t>(counters_.sent);
  counters_.sent += filled.frames;
  answered_.assign(filled.frames, false);
  open_ = filled.frames;
  counters_.bytes += filled.bytes;
  counters_.last = asked_at_ = now;
  due_ = spec_.interval ? std::max(due_ + spec_.interval, now - 1000000000) : now;
  tx_.ring.publish(tx_.head);
  return device.txsync();
}

// Whether it is a first answer to one of the questions that were asked last.
bool Pinger::answers(uint32_t number) {
  const uint32_t index = number - number_;
  if (index >= answered_.size() || answered_[index] || open_ == 0) return false;
  answered_[index] = true;
  --open_;
  return true;
}

// Looks at what has come; whether there are answers among it.
bool Pinger::listen(int64_t* now) {
  bool answered = false;
  for (RxRing& ring : rx_) {
    const uint32_t available = ring.ring.available(ring.head);
    if (available == 0) continue;
    *now = now_ns();
    uint32_t i = ring.head;
    for (uint32_t n = 0; n < available; ++n, i = ring.ring.next(i)) {
      const SlotRead slot = ring.ring.read(i);
      uint32_t room = 0;
      const uint8_t* bytes = ring.ring.payload(i, slot, &room);
      Headers headers;
      headers.parse(bytes, bytes ? std::min(slot.length(), room) : 0);
      Marker marker;
      if (!marker.read(headers) || marker.stream != spec_.stream) {
        ++counters_.others;
      } else if (answers(marker.number)) {
        round_trip_.add(*now - asked_at_);
        ++counters_.answered;
        counters_.last = *now;
        answered = true;
      } else {
        ++counters_.late;
      }
    }
    ring.head = i;
    ring.ring.publish(i);
  }
  return answered;
}

int Pinger::run(Device& device, int64_t until, Pause* pause) {
  for (;;) {
    int64_t now = now_ns();
    *pause = Pause::kTurn;
    if (open_ == 0) {
      *pause = Pause::kDone;
      if (counters_.sent >= spec_.count) return 0;
      *pause = Pause::kTurn;
      if (now >= until) return 0;
      if (due_ > now) {
        *pause = Pause::kRate;
        if (due_ - now > spec_.patience) return 0;
        if (spec_.waiting == Waiting::kSleep) sleep_until(std::min(due_, until));
        continue;
      }
      const int err = ask(device, now);
      if (err != 0) return err;
      continue;
    }
    int err = 0;
    if (spec_.waiting == Waiting::kSpin) {
      err = device.rxsync();
    } else {
      short ready;
      err = device.poll(POLLIN, 1, &ready);
      if (err == EINTR) err = 0;
    }
    if (err != 0) return err;
    if (listen(&now)) continue;
    now = now_ns();
    if (now - asked_at_ >= spec_.timeout) {
      counters_.lost += open_;
      open_ = 0;
    } else if (now >= until) {
      return 0;
    }
  }
}

int Pinger::measure_overhead(Device& device, uint32_t n) {
  if (tx_.room() == 0) return 0;
  // A filler of its own, so that the numbers of the real one stay as they are.
  Filler filler = filler_;
  for (uint32_t k = 0; k < n; ++k) {
    const uint32_t head = tx_.head;
    const int64_t start = now_ns();
    filler.fill(tx_, 1, start);
    tx_.head = head;
    int err = device.txsync();
    if (err == 0) err = device.rxsync();
    if (err != 0) return err;
    for (const RxRing& ring : rx_) (void)ring.ring.available(ring.head);
    overhead_.add(now_ns() - start);
  }
  return 0;
}

}  // namespace nm::traffic
