#include "outlet.h"

#include <cstring>

namespace nm {

void Outlet::out(Box::Direction direction, emulator::Packet* packet, Time at) {
  add(direction, packet->data(), packet->length, packet->id, at);
  box_->release(packet);
}

void Outlet::add(Box::Direction direction, const uint8_t* data, uint32_t length, uint32_t id, Time at) {
  records_.push_back({at, bytes_.size(), length, id, direction == Box::Direction::kOut});
  bytes_.insert(bytes_.end(), data, data + length);
}

int64_t Outlet::fetch(uint8_t* bytes, size_t room, double* times, uint32_t* places, size_t most) {
  size_t count = 0, used = 0;
  for (; fetched_ < records_.size() && count < most; ++fetched_, ++count) {
    const Record& record = records_[fetched_];
    if (record.length > room - used) break;
    std::memcpy(bytes + used, bytes_.data() + record.offset, record.length);
    times[count] = static_cast<double>(record.time);
    uint32_t* place = places + 4 * count;
    place[0] = static_cast<uint32_t>(used);
    place[1] = record.length;
    place[2] = record.id;
    place[3] = record.out;
    used += record.length;
  }
  if (count == 0 && fetched_ < records_.size()) return -static_cast<int64_t>(records_[fetched_].length);
  if (fetched_ == records_.size()) {
    bytes_.clear();
    records_.clear();
    fetched_ = 0;
  }
  return static_cast<int64_t>(count);
}

}  // namespace nm
