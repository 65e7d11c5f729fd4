// The monitors of a ring, as those see them who move its frames: they put what they move into the monitors' rings.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "bells.h"
#include "data_path.h"
#include "indirect.h"
#include "peer_ring.h"
#include "staging.h"

namespace nm {

// Slots of a ring that monitors are to see.
struct ShownSlots {
  netmap_slot* slots;
  uint8_t* bufs;
  uint32_t n, buf_total, buf_size;
  Offsets offsets;
  // Whoever synced the ring before us died in the middle of it, so a frame may have been shown already: it is lost to
  // the monitors rather than shown twice.
  bool doubt = false;
};

// Whether `monitor` watches ring `ring` of `adapter` in this direction. A zero-copy monitor watches the ones of the
// same port that were there before it, too: its frames come from the last of them.
bool monitors_ring(const Control& control, uint32_t monitor, uint32_t adapter, uint32_t dir, uint32_t ring);

// Ends an exchange of buffers that its process did not live to end. The monitor's ring is locked.
void finish_swap(Kring& monitor, Region& region, uint32_t slots) noexcept;

// Of one ring. A ring without monitors never comes here: Kring::watched tells.
class Monitors {
 public:
  // `indirect`: where NS_INDIRECT slots of the ring may point; null where they mean nothing.
  Monitors(std::shared_ptr<Control> control, uint32_t adapter, uint32_t dir, uint32_t ring, Bells* bells,
           const IndirectRanges* indirect)
      : control_(std::move(control)), adapter_(adapter), dir_(dir), ring_(ring), bells_(bells), indirect_(indirect) {}

  // The syncs of the ring itself, with the monitors in between: copies of frames before they are sent, buffers after
  // the device or the user has given them back.
  uint32_t tx(RingView& ring, DataPath& path, uint32_t hwcur, uint32_t head, uint64_t watched) noexcept;
  uint32_t rx(RingView& ring, DataPath& path, uint32_t hwcur, uint32_t head, uint64_t watched) noexcept;

  // For those who put frames into an rx ring: copies the slots [from, to), before they are published. wake()
  // afterwards.
  void show(const ShownSlots& source, uint32_t from, uint32_t to, uint64_t watched) noexcept;
  void wake() noexcept;

 private:
  struct Monitor {
    uint32_t adapter, serial;
    PeerRing to;
    bool shown = false;  // something since the last wake()
  };

  void find(uint64_t watched);
  bool ready(Monitor& monitor) noexcept;
  void copy(Monitor& monitor, const ShownSlots& source, uint32_t from, uint32_t to) noexcept;
  void swap(Monitor& monitor, const RingView& source, uint32_t from, uint32_t to) noexcept;
  struct Bytes {
    const uint8_t* at;  // null when they cannot be had
    uint32_t len;
  };
  Bytes bytes(const ShownSlots& source, uint32_t slot, SlotWord word) noexcept;
  SlotWord shown_word(SlotWord word) const;

  const std::shared_ptr<Control> control_;
  const uint32_t adapter_, dir_, ring_;
  Bells* const bells_;
  const IndirectRanges* const indirect_;
  uint64_t seen_ = 0;     // Kring::watched when we looked last
  bool chained_ = false;  // the ring is a zero-copy monitor's own
  std::vector<Monitor> copying_;
  std::unique_ptr<Monitor> swapping_;  // the first zero-copy monitor; the others watch one another
  std::unique_ptr<Staging> staging_;   // where NS_INDIRECT may point anywhere: what it pointed at
};

// The monitors of other ports' rx rings, by adapter and ring.
class PeerMonitors {
 public:
  PeerMonitors(std::shared_ptr<Control> control, Bells* bells) : control_(std::move(control)), bells_(bells) {}
  Monitors& of(uint32_t adapter, uint32_t ring);

 private:
  const std::shared_ptr<Control> control_;
  Bells* const bells_;
  std::unordered_map<uint32_t, std::unique_ptr<Monitors>> rings_;
};

}  // namespace nm
