// From a sender's batch into the ring of a port whose frames begin with another virtio-net header than the sender's, or
// with none. A receiver without headers gets what a wire would carry: checksums complete, large frames in segments.
#include <algorithm>
#include <cstring>

#include "../packet/checksum.h"
#include "../packet/large_frame.h"
#include "rx_slots.h"
#include "vale_inlet.h"

namespace nm {

namespace {

constexpr uint32_t kSegment = 1514;  // longest frame that a large one becomes, as in the kernel
constexpr uint32_t kMostSlots = 255;

enum class Outcome { kDelivered, kBad, kFull };

// Completes a checksum while the frame is written piece by piece.
class Completion {
 public:
  Completion() = default;
  // One that does not lie within the frame is left as it is, as in the kernel.
  Completion(const VnetHeader& header, uint32_t length) {
    const uint32_t field = uint32_t{header.checksum_start} + header.checksum_offset;
    wanted_ = (header.flags & VnetHeader::kNeedsChecksum) && field + 2 <= length;
    start_ = header.checksum_start;
    field_ = field;
  }
  // The next bytes of the frame, where they are now.
  void add(uint8_t* at, uint32_t length) {
    if (!wanted_) return;
    const uint32_t skip = done_ < start_ ? std::min(start_ - done_, length) : 0;
    sum_.add(at + skip, length - skip);
    for (uint32_t k = 0; k < 2; ++k) {
      const uint32_t byte = field_ + k;
      if (byte >= done_ && byte - done_ < length) place_[k] = at + (byte - done_);
    }
    done_ += length;
  }
  void finish() const {
    if (!wanted_ || !place_[0] || !place_[1]) return;
    const uint16_t sum = sum_.checksum();
    *place_[0] = static_cast<uint8_t>(sum >> 8);
    *place_[1] = static_cast<uint8_t>(sum);
  }

 private:
  bool wanted_ = false;
  uint32_t start_ = 0, field_ = 0, done_ = 0;
  uint8_t* place_[2] = {nullptr, nullptr};
  RunningSum sum_;
};

// A frame that stays one. Its slots stay as they are but for the first one, whose header changes; what does not fit
// there any more gets a slot of its own.
Outcome rewrite(RxSlots& slots, const Piece* pieces, uint32_t count, const uint8_t* header, uint32_t header_size,
                Completion completion, uint64_t* bytes) {
  uint32_t used = 0;
  uint64_t written = 0;
  for (uint32_t p = 0; p < count; ++p) {
    const uint8_t* from = pieces[p].data;
    uint32_t left = pieces[p].len, ahead = p == 0 ? header_size : 0;
    if (left + ahead == 0 && count > 1 && p == 0) continue;  // it was the header alone
    do {
      if (slots.space() == 0 || used == kMostSlots) {
        slots.undo(used);
        return used == kMostSlots ? Outcome::kBad : Outcome::kFull;
      }
      const RxSlots::Place place = slots.place();
      if (place.room < ahead + 1) {  // no buffer: the receiver gets an empty slot instead
        slots.put(0, 0);
        ++used;
        break;
      }
      const uint32_t part = std::min(left, place.room - ahead);
      std::memcpy(place.at, header, ahead);
      std::memcpy(place.at + ahead, from, part);
      completion.add(place.at + ahead, part);
      slots.put(ahead + part, 0);
      ++used;
      written += ahead + part;
      from += part;
      left -= part;
      ahead = 0;
    } while (left > 0);
  }
  completion.finish();
  slots.chain(used);
  *bytes += written;
  return Outcome::kDelivered;
}

// A frame that becomes several. They carry no number of fragments, as in the kernel.
Outcome segment(RxSlots& slots, LargeFrame& frame, uint32_t most, uint64_t* bytes) {
  if (frame.segments() > slots.space()) return Outcome::kFull;
  for (uint32_t k = frame.segments(); k > 0; --k) {
    const RxSlots::Place place = slots.place();
    uint8_t nowhere[kSegment];
    const uint32_t len = frame.write(place.room >= most ? place.at : nowhere);
    slots.put(place.room >= most ? len : 0, 0);
    *bytes += place.room >= most ? len : 0;
  }
  return Outcome::kDelivered;
}

}  // namespace

ValeInlet::Delivered ValeInlet::convert(const PeerRing& to, const Offsets& there, uint32_t header_size, Queue own,
                                        Queue flood) const {
  Delivered done{};
  const ValeBatch& batch = sending_.batch;
  const uint32_t most = std::min(kSegment, to.buf_size - there.most * there.on());
  RxSlots slots(to, there);
  done.first = slots.tail();
  Piece pieces[ValeBatch::kMostFrags];
  bool full = false;
  while (!full && (own.first != kEnd || flood.first != kEnd)) {
    const Run run = take(own, flood);
    for (uint32_t f = run.begin; f < run.end && !full;) {
      const uint32_t end = batch.end_of(f);
      // As between ports with like headers: who finds too little room loses all that come after it, too.
      full = end - f > slots.space();
      if (full) break;
      uint32_t count = 0, length = 0;
      uint8_t header[VnetHeader::kLong] = {};  // read once
      VnetHeader offload{};
      if (batch.header) {
        std::memcpy(header, batch.data(f), VnetHeader::kShort);
        offload = VnetHeader::read(header);
      }
      for (uint32_t k = f; k < end; ++k) {
        const uint32_t ahead = k == f ? batch.header : 0;  // no longer than the slot: see ValeBatch::has_addresses()
        pieces[count++] = {batch.data(k) + ahead, batch.len(k) - ahead};
        length += batch.len(k) - ahead;
      }
      f = end;
      const bool passes = batch.header == 0 || header_size != 0;  // the receiver sees to it itself
      const bool large = !passes && offload.large_type != VnetHeader::kNotLarge;
      LargeFrame frame;
      Outcome outcome = Outcome::kBad;
      uint64_t packets = 1;
      if (passes) {
        outcome = rewrite(slots, pieces, count, header, header_size, {}, &done.bytes);
      } else if (offload.sane() && !large) {
        outcome = rewrite(slots, pieces, count, header, 0, {offload, length}, &done.bytes);
      } else if (offload.sane() && frame.begin(offload, pieces, count, length, most)) {
        packets = frame.segments();
        outcome = segment(slots, frame, most, &done.bytes);
      }
      switch (outcome) {
        case Outcome::kDelivered:
          ++done.frames;
          done.packets += packets;
          break;
        case Outcome::kBad:
          ++done.bad;
          break;
        case Outcome::kFull:
          done.full = true;
          full = !large;  // segments that find no room are lost alone
      }
    }
    done.full |= full;
  }
  done.tail = slots.tail();
  return done;
}

}  // namespace nm
