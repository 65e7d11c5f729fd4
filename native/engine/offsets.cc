#include "offsets.h"

#include <algorithm>
#include <cerrno>

#include "options.h"

namespace nm {

namespace {

constexpr uint32_t kMaxBits = 64;

Status invalid(const std::string& why) {
  return Status::failure(EINVAL, "register", "offsets: " + why);
}

Status check(const nmreq_opt_offsets& o, uint32_t buf_size, uint64_t* mask) {
  const auto text = [](uint64_t n) { return std::to_string(n); };
  if (o.nro_offset_bits > kMaxBits) return invalid(text(o.nro_offset_bits) + " bits asked for, ptr has 64");
  const bool whole = o.nro_offset_bits == 0 || o.nro_offset_bits == kMaxBits;
  *mask = whole ? ~uint64_t{0} : (uint64_t{1} << o.nro_offset_bits) - 1;
  if (o.nro_max_offset > buf_size) {
    return invalid("the largest, " + text(o.nro_max_offset) + ", lies beyond buffers of " + text(buf_size) + " bytes");
  }
  if (o.nro_max_offset & ~*mask) {
    return invalid("the largest, " + text(o.nro_max_offset) + ", does not fit into " + text(o.nro_offset_bits) +
                   " bits");
  }
  if (o.nro_initial_offset > o.nro_max_offset) {
    return invalid("the initial one, " + text(o.nro_initial_offset) + ", is larger than the largest, " +
                   text(o.nro_max_offset));
  }
  return {};
}

// Writes the offset into all slots but those from `from` to `to`, which hold frames.
void write_offsets(netmap_ring& ring, uint32_t slots, uint64_t mask, uint64_t offset, uint32_t from, uint32_t to) {
  for (uint32_t i = 0; i < slots; ++i) {
    const bool holds = from <= to ? from <= i && i < to : from <= i || i < to;
    if (holds) continue;
    uint64_t& ptr = ring.slots()[i].ptr;
    const uint64_t rest = __atomic_load_n(&ptr, __ATOMIC_RELAXED) & ~mask;
    __atomic_store_n(&ptr, rest | (offset & mask), __ATOMIC_RELAXED);
  }
}

}  // namespace

Status serve_offsets(Control& control, uint32_t descriptor, const nmreq_header* header) {
  auto* option = reinterpret_cast<nmreq_opt_offsets*>(find_option(header, NETMAP_REQ_OPT_OFFSETS));
  if (!option) return {};
  Descriptor& d = control.descriptor(descriptor);
  Adapter& adapter = control.adapter(d.adapter.load());
  std::shared_ptr<Region> region;
  Status s = control.map_region(adapter.region.load(), &region);
  uint64_t mask = 0;
  if (s.ok()) s = check(*option, region->plan().buf_size, &mask);
  uint64_t most = option->nro_max_offset;
  const auto bound = [&](const Adapter& a) {
    return std::count_if(std::begin(a.bound), std::end(a.bound), [](auto& b) { return b.load() != kNone; });
  };
  // A pipe that comes into being now: its other end begins with the same offsets.
  const uint32_t p = adapter.peer.load();
  Adapter* twin = adapter.kind.load() == static_cast<uint32_t>(Kind::kPipe) && p < control.adapters()
                      ? &control.adapter(p)
                      : nullptr;
  const bool fresh_pipe = twin && bound(adapter) == 1 && bound(*twin) == 0;
  for (uint32_t dir : {kDirRx, kDirTx}) {
    const uint32_t slots = std::min(adapter.slots[dir].load(), kMaxSlots);
    for (uint32_t r = d.first[dir].load(); s.ok() && r < std::min(d.last[dir].load(), kMaxRings); ++r) {
      Kring& kring = adapter.krings[dir][r];
      netmap_ring* ring = region->ring_at(kring.ring_ofs.load(), slots);
      if (!ring) return Status::failure(EIO, "register", "the engine's tables are damaged");
      if (kring.offset_own.load()) {
        if ((kring.offset_mask.load() & mask) != mask || kring.offset_max.load() < most) {
          s = Status::failure(EBUSY, "register",
                              "the port is open with offsets of at most " + std::to_string(kring.offset_max.load()) +
                                  " bytes, or in fewer bits of ptr: ask for no more, or close it first");
          break;
        }
        // What a ring has goes for the rings after it, too: netmap's way.
        mask = kring.offset_mask.load();
        most = kring.offset_max.load();
      } else {
        kring.offset_mask.store(mask);
        kring.offset_max.store(static_cast<uint32_t>(most));
        kring.offset_own.store(1);
        ring->offset_mask = mask;
      }
      // Somebody else has the ring: its slots are not ours to change.
      if (kring.users.load() == 0 && option->nro_initial_offset) {
        const bool rx = dir == kDirRx;
        write_offsets(*ring, slots, mask, option->nro_initial_offset, rx ? kring.hwcur.load() : 0,
                      rx ? kring.hwtail.load() : 0);
      }
      if (!fresh_pipe) continue;
      Kring& other = twin->krings[1 - dir][r];
      netmap_ring* copy = region->ring_at(other.ring_ofs.load(), slots);
      if (!copy) return Status::failure(EIO, "register", "the engine's tables are damaged");
      other.offset_mask.store(mask);
      other.offset_max.store(static_cast<uint32_t>(most));
      copy->offset_mask = mask;
      write_offsets(*copy, slots, mask, option->nro_initial_offset, 0, 0);
    }
  }
  option->nro_opt.nro_status = static_cast<uint32_t>(s.err);
  if (s.ok()) option->nro_max_offset = most;
  return s;
}

}  // namespace nm
