// Registration: from an adapter's nominal rings to ring objects, buffers and a netmap_if in its region.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "directory.h"
#include "fault.h"

namespace nm {

namespace {

// Rings [first, last) that the request asks for in each direction.
Status interpret_rings(const nmreq_register& request, const Adapter& adapter, const PortName& name, uint32_t first[2],
                       uint32_t last[2]) {
  const uint64_t excluded[2] = {NR_TX_RINGS_ONLY, NR_RX_RINGS_ONLY};  // by kDirRx, kDirTx
  for (uint32_t dir : {kDirRx, kDirTx}) {
    const uint32_t rings = std::min(adapter.rings[dir].load(), kMaxRings);
    first[dir] = last[dir] = 0;
    if (request.nr_flags & excluded[dir]) continue;
    switch (request.nr_mode) {
      case NR_REG_ALL_NIC:
      case NR_REG_NULL:
        last[dir] = rings;
        break;
      case NR_REG_ONE_NIC: {
        const uint32_t most = std::max(adapter.rings[0].load(), adapter.rings[1].load());
        if (request.nr_ringid >= most) {
          return Status::failure(EINVAL, "register",
                                 "ring " + std::to_string(request.nr_ringid) + " asked for, " + name.full +
                                     " has rings 0 to " + std::to_string(most - 1));
        }
        first[dir] = request.nr_ringid < rings ? request.nr_ringid : 0;  // the other direction may have fewer
        last[dir] = rings ? first[dir] + 1 : 0;
        break;
      }
      case NR_REG_SW:
      case NR_REG_NIC_SW:
      case NR_REG_ONE_SW:
        return Status::failure(EINVAL, "register", name.full + " has no host rings");
      default:
        return Status::failure(EINVAL, "register", "invalid mode " + std::to_string(request.nr_mode));
    }
  }
  return {};
}

void fill_slots(netmap_ring* ring, uint32_t slots, const uint32_t* bufs, uint32_t buf_size) {
  for (uint32_t i = 0; i < slots; ++i) {
    ring->slots()[i] = netmap_slot{bufs[i], static_cast<uint16_t>(buf_size), 0, 0};
  }
}

}  // namespace

Status Directory::check_exclusive(uint32_t adapter, const uint32_t first[2], const uint32_t last[2], uint64_t flags,
                                  const std::string& name) const {
  for (auto& bound : control_.adapter(adapter).bound) {
    const uint32_t i = bound.load();
    if (i >= control_.descriptors()) continue;
    Descriptor& d = control_.descriptor(i);
    if (!((d.flags.load() | flags) & NR_EXCLUSIVE)) continue;
    for (uint32_t dir : {kDirRx, kDirTx}) {
      if (first[dir] < d.last[dir].load() && d.first[dir].load() < last[dir]) {
        return Status::failure(
            EBUSY, "register",
            name + " is in use by process " + std::to_string(d.pid.load()) +
                (flags & NR_EXCLUSIVE ? "; exclusive use needs it closed first" : ", which asked for exclusive use"));
      }
    }
  }
  return {};
}

Status Directory::make_ring(Kring& kring, Region& region, uint32_t dir, uint32_t id, uint32_t slots,
                            const uint32_t* bufs) {
  uint64_t at;
  Status s = region.new_ring(slots, &at);
  if (!s.ok()) return s;
  netmap_ring* ring = region.ring_at(at, slots);
  const RegionPlan& plan = region.plan();
  const uint32_t tail = dir == kDirTx ? slots - 1 : 0;
  ring->buf_ofs = static_cast<int64_t>(plan.buf_ofs()) - static_cast<int64_t>(at);
  ring->num_slots = slots;
  ring->nr_buf_size = plan.buf_size;
  ring->ringid = static_cast<uint16_t>(id);
  ring->dir = static_cast<uint16_t>(dir);
  ring->tail = tail;
  fill_slots(ring, slots, bufs, plan.buf_size);
  kring.hwcur.store(0);
  kring.rhead.store(0);
  kring.rcur.store(0);
  kring.rtail.store(tail);
  kring.hwtail.store(tail);
  kring.offset_mask.store(0);
  kring.offset_max.store(0);
  kring.offset_own.store(0);
  NM_FAULT(kRingFilled);
  kring.ring_ofs.store(at);
  kring.generation.store(control_.next_serial());
  kring.on.store(1, std::memory_order_release);
  NM_FAULT(kRingOn);
  return s;
}

Status Directory::make_rings(uint32_t index, Region& region, const uint32_t first[2], const uint32_t last[2]) {
  Adapter& adapter = control_.adapter(index);
  std::vector<uint32_t> bufs;
  const uint32_t p = adapter.peer.load();
  const bool pipe = adapter.kind.load() == static_cast<uint32_t>(Kind::kPipe);
  if (pipe && !live(p)) return Status::failure(EIO, "register", "the pipe has lost its other end");
  struct Twin {  // ring of a pipe's other end, which begins with the same buffers: they travel with the slots
    uint32_t dir, id, slots;
    std::vector<uint32_t> bufs;
  };
  std::vector<Twin> twins;
  // After a failure sweep() gives the buffers of all rx rings back; those of rx rings that were not made are given
  // here.
  auto abandon = [&](size_t made) {
    for (size_t k = made; k < twins.size(); ++k) {
      for (uint32_t b : twins[k].bufs) {
        if (twins[k].dir == kDirRx) region.drop_buf(b);
      }
    }
  };
  for (uint32_t dir : {kDirRx, kDirTx}) {
    const uint32_t slots = std::min(adapter.slots[dir].load(), kMaxSlots);
    const uint32_t begin = pipe ? 0 : first[dir];
    const uint32_t end = pipe ? std::min(adapter.rings[dir].load(), kMaxRings) : last[dir];
    for (uint32_t r = begin; r < end; ++r) {
      Kring& kring = adapter.krings[dir][r];
      if (kring.on.load()) continue;
      bufs.resize(slots);
      Status s = region.new_bufs(slots, bufs.data());
      if (s.ok()) {
        s = make_ring(kring, region, dir, r, slots, bufs.data());
        for (uint32_t b : bufs) {
          if (!s.ok()) region.drop_buf(b);
        }
      }
      if (!s.ok()) {
        abandon(0);
        return s;
      }
      if (pipe) twins.push_back({1 - dir, r, slots, bufs});
    }
  }
  // The other end's rings come after all of ours, its rx rings first: as in the kernel.
  std::stable_sort(twins.begin(), twins.end(), [](const Twin& a, const Twin& b) { return a.dir < b.dir; });
  for (size_t k = 0; k < twins.size(); ++k) {
    const Twin& twin = twins[k];
    Kring& kring = control_.adapter(p).krings[twin.dir][twin.id];
    Status s = make_ring(kring, region, twin.dir, twin.id, twin.slots, twin.bufs.data());
    if (!s.ok()) {
      abandon(k);
      return s;
    }
  }
  return {};
}

Status Directory::bind(uint32_t descriptor, uint32_t index, const PortName& name, nmreq_register* request) {
  Adapter& adapter = control_.adapter(index);
  Descriptor& d = control_.descriptor(descriptor);
  if (const uint32_t header = adapter.vnet_header.load(); header && !(request->nr_flags & NR_ACCEPT_VNET_HDR)) {
    return Status::failure(EIO, "register",
                           "frames of " + name.full + " begin with a virtio-net header of " + std::to_string(header) +
                               " bytes: open it with NR_ACCEPT_VNET_HDR, or take the header away (PORT_HDR_SET)");
  }
  uint32_t first[2], last[2];
  Status s = interpret_rings(*request, adapter, name, first, last);
  if (s.ok()) s = check_exclusive(index, first, last, request->nr_flags, name.full);
  if (!s.ok()) return s;
  auto* place = std::find_if(std::begin(adapter.bound), std::end(adapter.bound),
                             [](const Shared<uint32_t>& b) { return b.load() == kNone; });
  if (place == std::end(adapter.bound)) {
    return Status::failure(
        ENOMEM, "register",
        name.full + " is open " + std::to_string(kMaxBound) + " times already, the most there can be");
  }
  std::shared_ptr<Region> region;
  s = control_.map_region(adapter.region.load(), &region);
  if (s.ok()) s = make_rings(index, *region, first, last);
  NM_FAULT(kRingsMade);
  uint64_t if_ofs = 0;
  const uint32_t tx = std::min(adapter.rings[kDirTx].load(), kMaxRings);
  const uint32_t rx = std::min(adapter.rings[kDirRx].load(), kMaxRings);
  if (s.ok()) s = region->new_if(tx + rx, &if_ofs);
  if (!s.ok()) return s;

  netmap_if* nifp = region->if_at(if_ofs);
  const std::string shown = adapter.persistent.load() ? name_of(index) : name.full;
  std::memcpy(nifp->ni_name, shown.data(), std::min<size_t>(shown.size(), kIfNameSize - 1));
  nifp->ni_flags = region->mem_id() == kGlobalRegion ? 0 : NI_PRIV_MEM;
  nifp->ni_tx_rings = tx;
  nifp->ni_rx_rings = rx;
  nifp->ni_host_tx_rings = nifp->ni_host_rx_rings = 1;  // their entries exist and are 0, as in the kernel
  for (uint32_t dir : {kDirRx, kDirTx}) {
    int64_t* entries = nifp->ring_ofs() + (dir == kDirTx ? 0 : tx + 1);
    for (uint32_t r = first[dir]; r < last[dir]; ++r) {
      entries[r] = static_cast<int64_t>(adapter.krings[dir][r].ring_ofs.load()) - static_cast<int64_t>(if_ofs);
    }
  }

  NM_FAULT(kInterfaceFilled);

  // Extra buffers: as many as there are, chained through their first word.
  const uint32_t extra = request->nr_extra_bufs ? std::min(request->nr_extra_bufs, region->free_bufs()) : 0;
  std::vector<uint32_t> bufs(extra);
  s = region->new_bufs(extra, bufs.data());
  if (!s.ok()) {
    region->drop_if(if_ofs);
    return s;
  }
  for (uint32_t k = 0; k < extra; ++k) {
    std::memcpy(region->buffers() + uint64_t{bufs[k]} * region->plan().buf_size, &nifp->ni_bufs_head, sizeof(uint32_t));
    nifp->ni_bufs_head = bufs[k];
  }

  for (uint32_t dir : {kDirRx, kDirTx}) {
    d.first[dir].store(first[dir]);
    d.last[dir].store(last[dir]);
  }
  NM_FAULT(kBindRanges);
  d.flags.store(request->nr_flags);
  d.if_ofs.store(if_ofs);
  d.extra_bufs.store(extra);
  d.adapter.store(index);
  NM_FAULT(kBindAdapter);
  place->store(descriptor);
  NM_FAULT(kBindListed);
  d.state.store(static_cast<uint32_t>(DescriptorState::kBound));
  NM_FAULT(kBindBound);

  request->nr_offset = if_ofs;
  request->nr_memsize = region->plan().memsize();
  request->nr_tx_slots = adapter.slots[kDirTx].load();
  request->nr_rx_slots = adapter.slots[kDirRx].load();
  request->nr_tx_rings = static_cast<uint16_t>(tx);
  request->nr_rx_rings = static_cast<uint16_t>(rx);
  request->nr_host_tx_rings = request->nr_host_rx_rings = 0;
  request->nr_mem_id = static_cast<uint16_t>(region->mem_id());
  request->nr_extra_bufs = extra;
  return {};
}

}  // namespace nm
