// Cleaning up after descriptors that closed or died.
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "directory.h"
#include "door.h"
#include "extmem.h"
#include "fault.h"

namespace nm {

namespace {

std::string door_name(uint32_t i) {
  return "door." + std::to_string(i);
}

uint32_t ring_count(const Adapter& adapter, uint32_t dir) {
  return std::min(adapter.rings[dir].load(), kMaxRings);
}

// Whether a port says that it is port `p` of switch `s`.
bool is_on(const Adapter& adapter, uint32_t s, uint32_t p) {
  return (adapter.switch_index.load() == s && adapter.port_index.load() == p) ||
         (adapter.link_switch.load() == s && adapter.link_port.load() == p);
}

}  // namespace

void Directory::sweep(bool give_up) {
  uint32_t alive = 0;
  for (uint32_t i = 0; i < control_.descriptors(); ++i) {
    if (control_.descriptor(i).state.load() == static_cast<uint32_t>(DescriptorState::kFree)) continue;
    if (door_alive(control_.path(door_name(i)))) {
      ++alive;
    } else {
      drop_descriptor(i);
      NM_FAULT(kSweepDescriptor);
    }
  }
  count_users();
  end_monitors();
  finish_swaps();
  sweep_adapters();
  sweep_switches();
  sweep_attachments();
  sweep_regions();
  mark_watched();
  keep_memory_in_reach(control_);
  if (give_up && alive == 0 && !any_persistent()) {
    empty_folder();
    NM_FAULT(kGiveUpEmpty);
    control_.give_up();
  }
}

void Directory::unbind(uint32_t index) {
  Descriptor& d = control_.descriptor(index);
  const uint32_t a = d.adapter.load();
  d.sleeping.store(0);
  d.csb.store(0);
  d.loop_stop.store(0);
  if (d.state.load() == static_cast<uint32_t>(DescriptorState::kBound) && a < control_.adapters()) {
    Adapter& adapter = control_.adapter(a);
    for (auto& bound : adapter.bound) {
      if (bound.load() == index) bound.store(kNone);
    }
    NM_FAULT(kUnbindListed);
    std::shared_ptr<Region> region;
    const uint32_t r = adapter.region.load();
    const uint64_t at = d.if_ofs.load();
    if (live(a) && control_.map_region(r, &region).ok()) {
      if (netmap_if* nifp = region->if_at(at)) {
        uint32_t buf = nifp->ni_bufs_head;
        // A buffer that is free already ends the walk, and so does a loop in the list.
        for (uint32_t n = 0; n < region->plan().buf_total && region->owns_buf(buf); ++n) {
          uint32_t next;
          std::memcpy(&next, region->buffers() + uint64_t{buf} * region->plan().buf_size, sizeof next);
          region->drop_buf(buf);
          buf = next;
        }
      }
      region->drop_if(at);
      NM_FAULT(kUnbindFreed);
    }
  }
  d.adapter.store(kNone);
  d.state.store(static_cast<uint32_t>(DescriptorState::kOpen));
}

// Notes a port that was not closed, for those who ask what has become of it.
void Directory::remember(uint32_t index) {
  const Descriptor& d = control_.descriptor(index);
  const uint32_t pid = d.pid.load(), a = d.adapter.load();
  if (pid == 0 || d.state.load() != static_cast<uint32_t>(DescriptorState::kBound) || !live(a)) return;
  ControlHeader& header = control_.header();
  const uint32_t k = header.reclaimed.load();
  Obituary& o = header.obituaries[k % kObituaries];
  std::memcpy(o.name, control_.adapter(a).name, sizeof o.name);
  o.at.store(static_cast<uint64_t>(time(nullptr)));
  o.pid.store(pid);
  header.reclaimed.store(k + 1);
}

void Directory::drop_descriptor(uint32_t index) {
  remember(index);
  unbind(index);
  Descriptor& d = control_.descriptor(index);
  d.generation.store(control_.next_serial());
  d.state.store(static_cast<uint32_t>(DescriptorState::kFree));
  NM_FAULT(kDropFreed);
  unlink(control_.path(door_name(index)).c_str());
}

// Works out from the living descriptors which rings are in use, and by whom. Entries of `bound` that are right are left
// alone: senders look there for whom to wake.
void Directory::count_users() {
  const uint32_t adapters = control_.adapters();
  auto bound_to = [this](uint32_t i, uint32_t a) {
    return i < control_.descriptors() && control_.descriptor(i).adapter.load() == a &&
           control_.descriptor(i).state.load() == static_cast<uint32_t>(DescriptorState::kBound);
  };
  for (uint32_t a = 0; a < adapters; ++a) {
    if (!live(a)) continue;
    Adapter& adapter = control_.adapter(a);
    for (uint32_t dir : {kDirRx, kDirTx}) {
      for (uint32_t r = 0; r < ring_count(adapter, dir); ++r) adapter.krings[dir][r].users.store(0);
    }
    for (auto& bound : adapter.bound) {
      const uint32_t i = bound.load();
      if (i != kNone && !bound_to(i, a)) bound.store(kNone);
    }
  }
  for (uint32_t i = 0; i < control_.descriptors(); ++i) {
    Descriptor& d = control_.descriptor(i);
    const uint32_t a = d.adapter.load();
    if (!live(a) || !bound_to(i, a)) continue;
    Adapter& adapter = control_.adapter(a);
    auto known =
        std::find_if(std::begin(adapter.bound), std::end(adapter.bound), [i](auto& b) { return b.load() == i; });
    if (known == std::end(adapter.bound)) {
      known =
          std::find_if(std::begin(adapter.bound), std::end(adapter.bound), [](auto& b) { return b.load() == kNone; });
      if (known != std::end(adapter.bound)) known->store(i);
    }
    for (uint32_t dir : {kDirRx, kDirTx}) {
      for (uint32_t r = d.first[dir].load(); r < d.last[dir].load() && r < kMaxRings; ++r) {
        adapter.krings[dir][r].users.fetch_add(1);
      }
    }
  }
}

std::vector<uint32_t> Directory::region_users() const {
  std::vector<uint32_t> users(control_.regions());
  for (uint32_t a = 0; a < control_.adapters(); ++a) {
    if (!live(a)) continue;
    const Adapter& adapter = control_.adapter(a);
    const uint32_t r = adapter.region.load(), home = adapter.home_region.load();
    if (r < users.size()) ++users[r];
    if (adapter.persistent.load() && home != r && home < users.size()) ++users[home];
  }
  return users;
}

// From the next batch on nobody delivers into the ring. False when a stopped process is in the middle of it.
bool Directory::stop_ring(Kring& kring) {
  RobustLock::Hold hold(kring.lock, kStopTimeoutMs);
  if (!hold.held()) return false;
  kring.on.store(0, std::memory_order_relaxed);
  kring.generation.store(control_.next_serial(), std::memory_order_release);
  NM_FAULT(kSweepRingStopped);
  return true;
}

// Both rings of a pipe have a slot for each buffer, and either side may have put another buffer into its own. The
// reader's slots count for what has been sent and not yet been released, the sender's for all others. From here on the
// reader's ring has them all.
void Directory::settle_pipe(const Adapter& sender, const Adapter& reader, Region& region) {
  const uint32_t slots = sender.slots[kDirTx].load();
  for (uint32_t i = 0; i < ring_count(sender, kDirTx); ++i) {
    const Kring &tx = sender.krings[kDirTx][i], &rx = reader.krings[kDirRx][i];
    netmap_ring *from = region.ring_at(tx.ring_ofs.load(), slots), *to = region.ring_at(rx.ring_ofs.load(), slots);
    const uint32_t sent = tx.hwcur.load(), released = rx.hwcur.load();
    if (!from || !to || sent >= slots || released >= slots) continue;
    uint32_t s = sent;
    do {
      to->slots()[s].buf_idx = from->slots()[s].buf_idx;
      s = s + 1 == slots ? 0 : s + 1;
    } while (s != released);
  }
}

void Directory::free_ring(Kring& kring, Region* region, uint32_t slots, bool with_bufs) {
  const uint64_t at = kring.ring_ofs.exchange(0);
  NM_FAULT(kSweepRingFreed);
  if (!region) return;
  netmap_ring* ring = region->ring_at(at, slots);
  if (!ring) return;
  // Whatever buffers the slots hold now: they may have been swapped with those of another port of this region.
  for (uint32_t i = 0; with_bufs && i < slots; ++i) region->drop_buf(ring->slots()[i].buf_idx);
  region->drop_ring(at);
}

void Directory::sweep_adapters() {
  const std::vector<uint32_t> users = region_users();
  for (uint32_t a = 0; a < control_.adapters(); ++a) {
    if (!live(a)) continue;
    Adapter& adapter = control_.adapter(a);
    const bool pipe = adapter.kind.load() == static_cast<uint32_t>(Kind::kPipe);
    const uint32_t p = adapter.peer.load();
    Adapter* peer = pipe && live(p) ? &control_.adapter(p) : nullptr;
    const bool open = is_open(adapter) || (peer && is_open(*peer));
    if (pipe && open) continue;  // rings and what is in them stay as long as either end is open
    const bool used = open || adapter.persistent.load();

    // The region is worth cleaning only where others go on using it.
    std::shared_ptr<Region> region;
    const uint32_t r = adapter.region.load();
    if (used || (r < users.size() && users[r] > (peer ? 2u : 1u))) control_.map_region(r, &region);

    if (peer && region) {
      settle_pipe(adapter, *peer, *region);
      settle_pipe(*peer, adapter, *region);
    }
    bool idle = true;
    for (uint32_t dir : {kDirRx, kDirTx}) {
      uint32_t slots = adapter.slots[dir].load();
      for (uint32_t i = 0; i < ring_count(adapter, dir); ++i) {
        Kring& kring = adapter.krings[dir][i];
        if (kring.users.load() != 0) {
          idle = false;
        } else if (kring.on.load() || kring.ring_ofs.load()) {
          if (!stop_ring(kring)) {
            idle = false;
          } else if (slots <= kMaxSlots) {
            // The peer's slots hold the same buffers: they are given back once, with the rx rings.
            free_ring(kring, region.get(), slots, !pipe || dir == kDirRx);
          }
        }
      }
    }
    if (!open && idle && used) go_home(adapter);
    if (used || !idle) continue;
    if (adapter.kind.load() == static_cast<uint32_t>(Kind::kVale)) {
      const uint32_t s = adapter.switch_index.load(), port = adapter.port_index.load();
      if (s < control_.switches() && port < control_.limits().ports) {
        control_.vale(s).ports[port].store(0);
        NM_FAULT(kSweepSwitchLeft);
        control_.vale(s).epoch.fetch_add(1);
      }
    }
    adapter.kind.store(static_cast<uint32_t>(Kind::kFree));
    NM_FAULT(kSweepAdapterFree);
  }
}

// A switch lives as long as it has ports. Entries that lead nowhere were left by a death in the middle of a change.
void Directory::sweep_switches() {
  for (uint32_t s = 0; s < control_.switches(); ++s) {
    Switch& vale = control_.vale(s);
    if (!vale.used.load()) continue;
    bool any = false;
    for (uint32_t p = 0; p < control_.limits().ports; ++p) {
      const uint32_t a = vale.ports[p].load();
      if (a == 0) continue;
      if (live(a - 1) && is_on(control_.adapter(a - 1), s, p)) {
        any = true;
      } else {
        vale.ports[p].store(0);
        vale.epoch.fetch_add(1);
      }
    }
    if (!any) vale.used.store(0);
  }
}

void Directory::sweep_regions() {
  const std::vector<uint32_t> users = region_users();
  for (uint32_t r = 0; r < users.size(); ++r) {
    RegionRecord& record = control_.region(r);
    if (!record.used.load() || users[r] > 0) continue;
    record.used.store(0);
    NM_FAULT(kSweepRegionUnused);
    const uint32_t generation = record.generation.load();
    unlink(control_.region_path(r, generation).c_str());
    unlink(control_.memory_path(r, generation).c_str());
  }
}

// Files that no record names were left by processes that died between making and recording them.
void Directory::empty_folder() {
  DIR* dir = opendir(control_.folder().c_str());
  if (!dir) return;
  const int at = dirfd(dir);
  while (dirent* entry = readdir(dir)) {
    for (const char* kind : {"door.", "region.", "memory.", "staging."}) {
      if (std::strncmp(entry->d_name, kind, std::strlen(kind)) == 0) unlinkat(at, entry->d_name, 0);
    }
    // A control file that was never put in place. Somebody may be making it: then it is locked.
    if (std::strncmp(entry->d_name, "control.", 8) != 0) continue;
    const int fd = openat(at, entry->d_name, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) continue;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) unlinkat(at, entry->d_name, 0);
    close(fd);
  }
  closedir(dir);
}

}  // namespace nm
