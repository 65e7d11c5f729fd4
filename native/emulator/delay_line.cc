#include "delay_line.h"

#include <algorithm>

namespace nm::emulator {

void DelayLine::push_stray(Packet* packet) {
  strays_.push_back({packet->time, strays_ever_++, packet});
  std::push_heap(strays_.begin(), strays_.end());
  stray_bytes_ += packet->length;
}

Packet* DelayLine::pop() {
  if (strays_.empty() || (!list_.empty() && list_.head_time() <= strays_.front().time)) return list_.pop();
  Packet* packet = strays_.front().packet;
  std::pop_heap(strays_.begin(), strays_.end());
  strays_.pop_back();
  stray_bytes_ -= packet->length;
  return packet;
}

void DelayLine::move_last(Time difference) {
  if (list_.empty() || list_.tail_time() != last_) return;
  last_ = std::max(last_ + difference, last_but_one_);
  list_.set_tail_time(last_);
}

}  // namespace nm::emulator
