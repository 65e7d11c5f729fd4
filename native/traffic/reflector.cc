#include "reflector.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "../packet/checksum.h"
#include "clock.h"

namespace nm::traffic {
namespace {

void exchange(uint8_t* p, uint32_t width) {
  std::swap_ranges(p, p + width, p + width);
}

}  // namespace

void Reflector::turn_round(uint8_t* frame, uint32_t length) {
  Headers h;
  h.parse(frame, length);
  if (h.ether_type == 0) return;
  exchange(frame, 6);
  if (h.is_ipv4()) exchange(frame + h.network + 12, 4);
  if (h.is_ipv6()) exchange(frame + h.network + 8, 16);
  if (h.has_ports()) exchange(frame + h.transport, 2);
  if (h.transport != 0 && h.protocol == 1 && h.end - h.transport >= 8 && frame[h.transport] == 8) {
    // The word of type and code goes from 0x0800 down to 0.
    uint8_t* icmp = frame + h.transport;
    icmp[0] = 0;
    store16(icmp + 2, updated_checksum(load16(icmp + 2), 0x0800, 0));
  }
}

// Slots of the frame that begins in a slot; 0 when its end is not among the `most` slots.
uint32_t Reflector::frame_slots(const RxRing& from, uint32_t i, uint32_t most) {
  for (uint32_t n = 1; n <= most; ++n, i = from.ring.next(i)) {
    if (!(from.ring.read(i).flags() & NS_MOREFRAG)) return n;
  }
  return 0;
}

void Reflector::copy_slot(const RxRing& from, uint32_t i, bool first, bool more) {
  uint32_t room = 0, space = 0;
  const SlotRead source = from.ring.read(i);
  const uint8_t* bytes = from.ring.payload(i, source, &room);
  uint8_t* target = tx_.ring.payload(tx_.head, tx_.ring.read(tx_.head), &space);
  const uint32_t length = bytes && target ? std::min({source.length(), room, space}) : 0;
  if (length > 0) {
    memcpy(target, bytes, length);
    if (first) turn_round(target, length);
  }
  tx_.ring.write(tx_.head, length, more ? static_cast<uint32_t>(NS_MOREFRAG) : 0);
  tx_.head = tx_.ring.next(tx_.head);
  counters_.bytes += length;
}

// Answers what is in a ring as far as there is room, whole frames only. Returns how many.
uint32_t Reflector::answer(RxRing& from) {
  const uint32_t available = from.ring.available(from.head);
  uint32_t i = from.head, taken = 0, answered = 0;
  while (taken < available && counters_.packets < count_) {
    const uint32_t slots = frame_slots(from, i, available - taken);
    if (slots == 0 || slots > tx_.room()) break;
    for (uint32_t n = 0; n < slots; ++n, i = from.ring.next(i)) copy_slot(from, i, n == 0, n + 1 < slots);
    taken += slots;
    ++answered;
    ++counters_.packets;
  }
  from.head = i;
  from.ring.publish(i);
  return answered;
}

int Reflector::run(Device& device, int64_t until, int64_t quiet) {
  int64_t since = now_ns();
  while (!done()) {
    int err = device.rxsync();
    if (err != 0) return err;
    uint32_t answered = 0;
    for (RxRing& ring : rx_) answered += answer(ring);
    const int64_t now = now_ns();
    if (answered > 0) {
      tx_.ring.publish(tx_.head);
      err = device.txsync();
      if (err != 0) return err;
      if (counters_.first == 0) counters_.first = now;
      counters_.last = since = now;
    }
    if (now >= until || now - since >= quiet) break;
    if (tx_.room() == 0) {
      err = device.txsync();
      if (err != 0) return err;
    }
  }
  return 0;
}

}  // namespace nm::traffic
