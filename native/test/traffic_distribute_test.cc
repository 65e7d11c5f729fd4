// Dealing frames out: who gets what, nobody twice, flows together, full outlets, and slots full of nonsense.
#include "../traffic/distribute.h"
#include "../traffic/flow_hash.h"

#include <algorithm>
#include <map>

#include "check.h"
#include "packets.h"
#include "random.h"

using namespace nm;
namespace tr = nm::traffic;

namespace {

// Several rings share one region, as on a device.
struct Region {
  static constexpr uint32_t kSlots = 16, kSize = 128;
  std::vector<std::vector<netmap_slot>> rings;
  std::vector<uint8_t> bytes;

  explicit Region(uint32_t count) : rings(count), bytes(size_t{kSlots} * kSize * count + 2 * kSize) {
    uint32_t next = kFirstBuffer;
    for (auto& ring : rings) {
      ring.resize(kSlots);
      for (netmap_slot& slot : ring) slot = {next++, 0, 0, 0};
    }
  }
  RingSpan span(uint32_t ring, uint32_t head, uint32_t count) {
    RingSpan s;
    s.slots = rings[ring].data();
    s.buffers = bytes.data();
    s.num_slots = kSlots;
    s.buf_size = kSize;
    s.buf_total = static_cast<uint32_t>(bytes.size() / kSize);
    s.head = head;
    s.count = count;
    return s;
  }
  uint8_t* buffer(const netmap_slot& slot) { return bytes.data() + size_t{slot.buf_idx} * kSize; }
};

// A frame in `slots` slots from `at` on, with a number in the first byte of each.
void put(Region* region, uint32_t at, uint32_t slots, uint8_t number) {
  for (uint32_t k = 0; k < slots; ++k) {
    netmap_slot& slot = region->rings[0][(at + k) % Region::kSlots];
    slot.len = 60;
    slot.flags = k + 1 < slots ? NS_MOREFRAG : 0;
    std::memset(region->buffer(slot), number, 60);
  }
}

tr::Dealer dealer_of(Region* region, uint32_t count, bool swap, bool block, uint32_t room, uint32_t groups = 1) {
  std::vector<tr::Outlet> all(count);
  for (uint32_t k = 0; k < count; ++k) {
    all[k].ring = region->span(k + 1, (7 * k) % Region::kSlots, room);
    all[k].swap = swap;
    all[k].block = block;
    all[k].group = k / (count / groups);
  }
  return tr::Dealer(std::move(all));
}

// No buffer may be in two slots, and none may be gone.
void check_buffers(const Region& region) {
  std::vector<uint32_t> all;
  for (const auto& ring : region.rings) {
    for (const netmap_slot& slot : ring) all.push_back(slot.buf_idx);
  }
  std::sort(all.begin(), all.end());
  for (uint32_t k = 0; k < all.size(); ++k) CHECK(all[k] == kFirstBuffer + k);
}

}  // namespace

TEST(symmetric, "both directions of a flow have one hash, tagged or not; parts of packets too; others are spread") {
  nm::Random random(Random::seed());
  std::map<uint32_t, uint32_t> of_four;
  for (uint32_t k = 0; k < 4000; ++k) {
    const bool v6 = k % 2;
    std::vector<uint8_t> frame = v6 ? udp6_frame(80) : udp_frame(60);
    const uint32_t ip = v6 ? 22 : 26, width = v6 ? 16 : 4, udp = v6 ? 54 : 34;
    for (uint32_t n = 0; n < 2 * width; ++n) frame[ip + n] = static_cast<uint8_t>(random.next());
    for (uint32_t n = 0; n < 4; ++n) frame[udp + n] = static_cast<uint8_t>(random.next());
    std::vector<uint8_t> back(frame);
    std::swap_ranges(back.begin() + ip, back.begin() + ip + width, back.begin() + ip + width);
    std::swap_ranges(back.begin() + udp, back.begin() + udp + 2, back.begin() + udp + 2);
    const uint32_t hash = tr::flow_hash(frame.data(), static_cast<uint32_t>(frame.size()));
    CHECK(hash == tr::flow_hash(back.data(), static_cast<uint32_t>(back.size())));
    ++of_four[static_cast<uint32_t>(uint64_t{hash} * 4 >> 32)];
    if (v6) continue;
    std::vector<uint8_t> first(frame), later(frame);
    first[20] = 0x20;  // more fragments
    later[21] = 5;
    later[34] ^= 0xff;  // no ports any more
    CHECK(tr::flow_hash(first.data(), 60) == tr::flow_hash(later.data(), 60));
    // What lies in front of the addresses, or between them and the ports, does not matter.
    const uint8_t tag[] = {0x81, 0x00, 0x00, 0x07}, option[] = {1, 1, 1, 0};
    std::vector<uint8_t> tagged(frame), longer(frame);
    tagged.insert(tagged.begin() + 12, tag, tag + 4);
    longer.insert(longer.begin() + 34, option, option + 4);
    longer[14] = 0x46;
    longer[17] = static_cast<uint8_t>(longer[17] + 4);
    CHECK(tr::flow_hash(tagged.data(), 64) == hash && tr::flow_hash(longer.data(), 64) == hash);
  }
  for (const auto& [place, count] : of_four) CHECK(count > 800 && count < 1200);
  for (uint32_t length = 0; length < 80; ++length) {
    std::vector<uint8_t> exact = udp6_frame(80);
    exact.resize(length);
    exact.shrink_to_fit();
    (void)tr::flow_hash(exact.data(), length);
  }
  std::vector<uint8_t> macs(60, 0);
  macs[5] = 1;
  macs[11] = 2;
  std::vector<uint8_t> back(macs);
  std::swap_ranges(back.begin(), back.begin() + 6, back.begin() + 6);
  CHECK(tr::flow_hash(macs.data(), 60) == tr::flow_hash(back.data(), 60));
}

TEST(whole, "frames go where they are told to, whole, swapped or copied") {
  for (const bool swap : {true, false}) {
    Region region(3);
    put(&region, 3, 1, 1);
    put(&region, 4, 3, 2);
    put(&region, 7, 1, 3);
    tr::Dealer dealer = dealer_of(&region, 2, swap, false, 15);
    std::vector<tr::Outlet>& to = dealer.outlets();
    std::vector<uint32_t> choices = {1, 0, 99, 99, tr::kForNobody};
    const tr::Dealt dealt = dealer.deal(region.span(0, 3, 5), UINT64_MAX, choices.data());
    CHECK(dealt.taken == 5 && dealt.packets == 3 && dealt.bytes == 300 && dealt.refused == 1 && dealt.blocked == -1);
    CHECK(to[1].used == 1 && to[1].packets == 1 && to[1].bytes == 60);
    CHECK(to[0].packets == 1 && to[0].bytes == 180);
    CHECK(region.buffer(region.rings[2][7])[0] == 1);
    uint32_t total = 0;
    for (uint32_t k = 0; k < to[0].used; ++k) {
      CHECK(region.buffer(region.rings[1][k])[0] == 2);
      CHECK(((region.rings[1][k].flags & NS_MOREFRAG) != 0) == (k + 1 < to[0].used));
      total += region.rings[1][k].len;
    }
    CHECK(total == 180);
    check_buffers(region);
  }
}

TEST(full, "a full outlet misses frames, or all wait for it; a frame that never fits is missed in any case") {
  for (const bool block : {false, true}) {
    Region region(3);
    for (uint32_t k = 0; k < 6; ++k) put(&region, k, 1, static_cast<uint8_t>(k));
    tr::Dealer dealer = dealer_of(&region, 2, true, block, 2);
    std::vector<tr::Outlet>& to = dealer.outlets();
    const std::vector<uint32_t> choices = {0, 0, 1, 0, 1, 1};
    const tr::Dealt dealt = dealer.deal(region.span(0, 0, 6), UINT64_MAX, choices.data());
    if (block) {
      CHECK(dealt.taken == 3 && dealt.blocked == 0 && to[0].dropped == 0 && to[0].packets == 2);
    } else {
      CHECK(dealt.taken == 6 && dealt.blocked == -1 && to[0].dropped == 1 && to[1].dropped == 1);
    }
    check_buffers(region);
  }
  Region region(2);
  put(&region, 0, 15, 1);
  tr::Dealer dealer = dealer_of(&region, 1, false, true, 15);
  std::vector<tr::Outlet>& to = dealer.outlets();
  to[0].ring.buf_size = 32;
  const tr::Dealt dealt = dealer.deal(region.span(0, 0, 15), UINT64_MAX, nullptr);
  CHECK(dealt.taken == 15 && to[0].dropped == 1);
}

TEST(groups, "one of each group gets a frame; the last one its buffer") {
  Region region(5);
  for (uint32_t k = 0; k < 8; ++k) put(&region, k, 1, static_cast<uint8_t>(10 + k));
  tr::Dealer dealer = dealer_of(&region, 4, true, false, 15, 2);
  std::vector<tr::Outlet>& to = dealer.outlets();
  const std::vector<uint32_t> choices = {0, 1, 0, 1, 0, 1, 0, 1};
  const tr::Dealt dealt = dealer.deal(region.span(0, 0, 8), 6, choices.data());
  CHECK(dealt.taken == 6 && dealt.packets == 6);
  for (uint32_t k = 0; k < 4; ++k) {
    CHECK(to[k].packets == 3);
    for (uint32_t n = 0; n < 3; ++n) {
      const netmap_slot& slot = region.rings[k + 1][(7 * k + n) % Region::kSlots];
      CHECK(region.buffer(slot)[0] == 10 + 2 * n + k % 2);
    }
  }
  check_buffers(region);
}

TEST(nonsense, "slots of any kind: nothing outside the region is touched, nothing hangs") {
  nm::Random random(Random::seed());
  for (uint32_t round = 0; round < rounds(3000); ++round) {
    Region region(4);
    for (auto& ring : region.rings) {
      for (netmap_slot& slot : ring) {
        if (random.below(3) == 0) slot.buf_idx = random.next();
        slot.len = static_cast<uint16_t>(random.below(4) ? random.below(130) : random.next());
        slot.flags = static_cast<uint16_t>(random.below(4) == 0 ? random.next() : 0);
        slot.ptr = random.next();
      }
    }
    tr::Dealer dealer = dealer_of(&region, 3, false, random.below(2), random.below(16), random.below(2) ? 3 : 1);
    std::vector<tr::Outlet>& to = dealer.outlets();
    for (tr::Outlet& outlet : to) outlet.swap = random.below(2);
    const uint32_t count = random.below(16);
    const tr::Dealt dealt = dealer.deal(region.span(0, random.below(16), count), UINT64_MAX, nullptr);
    CHECK(dealt.taken <= count);
    for (const tr::Outlet& outlet : to) CHECK(outlet.used <= outlet.ring.count);
  }
}
