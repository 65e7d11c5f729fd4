// What is in the frames that the generator makes: fields, checksums, several slots.
#include <algorithm>
#include <map>

#include "../traffic/clock.h"
#include "../traffic/verify.h"
#include "random.h"
#include "traffic_lab.h"

using namespace nm;

static TestFolder folder;

namespace {

std::vector<uint64_t> values_of(tr::FieldSpec spec, uint32_t n, std::vector<uint64_t> flows = {}) {
  tr::Field field(std::move(spec));
  flows.resize(n);
  std::vector<uint64_t> values(n);
  std::vector<uint8_t> wraps(n, 1);
  // In pieces, as blocks are.
  for (uint32_t k = 0; k < n; k += 5) {
    field.next(&values[k], std::min(5u, n - k), &flows[k], &wraps[k], 42);
  }
  return values;
}

}  // namespace

TEST(ranges, "fields: ranges, steps, lists, wraps at 2^64") {
  CHECK((values_of(range(10, 3), 8) == std::vector<uint64_t>{10, 11, 12, 10, 11, 12, 10, 11}));
  tr::FieldSpec down = range(5, 4);
  down.step = ~uint64_t{0};
  CHECK((values_of(down, 6) == std::vector<uint64_t>{5, 4, 3, 2, 5, 4}));
  tr::FieldSpec list = range(0, 3);
  list.kind = tr::FieldKind::kList;
  list.list = {7, 9, 8};
  CHECK((values_of(list, 7) == std::vector<uint64_t>{7, 9, 8, 7, 9, 8, 7}));
  CHECK((values_of(range(~uint64_t{0}, 0), 3) == std::vector<uint64_t>{~uint64_t{0}, 0, 1}));
  tr::FieldSpec random = range(100, 50);
  random.kind = tr::FieldKind::kRandom;
  const std::vector<uint64_t> picked = values_of(random, 2000);
  CHECK(picked == values_of(random, 2000));
  CHECK(*std::min_element(picked.begin(), picked.end()) == 100 &&
        *std::max_element(picked.begin(), picked.end()) == 149);
  random.seed = 2;
  CHECK(picked != values_of(random, 2000));
}

TEST(per_flow, "fields: one value for all packets of a flow, whatever the order") {
  for (const tr::FieldKind kind : {tr::FieldKind::kRange, tr::FieldKind::kRandom}) {
    tr::FieldSpec spec = range(1000, 64);
    spec.kind = kind;
    spec.per_flow = true;
    const std::vector<uint64_t> flows = {3, 1, 3, 2, 1, 1, 3, 900, 3}, values = values_of(spec, 9, flows);
    std::map<uint64_t, uint64_t> of;
    for (size_t k = 0; k < flows.size(); ++k) {
      CHECK(values[k] >= 1000 && values[k] < 1064);
      CHECK(of.emplace(flows[k], values[k]).first->second == values[k]);
    }
  }
}

TEST(nested, "fields: a nested one goes on when the one before begins anew") {
  TestPort p("vale0:a", 64);
  REQUIRE(p.ok());
  std::vector<uint8_t> frame = udp_frame(60);
  tr::FrameSet frames;
  REQUIRE(frames.add(frame.data(), 60, 24, 40, true, {spot(34, 2, false, true), spot(36, 2, false, true)}));
  tr::FieldSpec outer = range(80, 2);
  outer.carry = true;
  tr::Filler filler(std::move(frames), {range(5, 3), outer}, tr::FlowSpec(), 0);
  tr::TxRing ring = tx_ring(p, true);
  CHECK(filler.fill(ring, 8, 0).frames == 8);
  const uint16_t expected[8][2] = {{5, 80}, {6, 80}, {7, 80}, {5, 81}, {6, 81}, {7, 81}, {5, 80}, {6, 80}};
  for (uint32_t k = 0; k < 8; ++k) {
    const uint8_t* b = TestPort::buffer(p.tx(), k);
    CHECK(get16(b + 34) == expected[k][0] && get16(b + 36) == expected[k][1]);
  }
}

TEST(checksums, "filler: packets of all shapes have right checksums") {
  TestPort p("vale0:a", 256);
  REQUIRE(p.ok());
  nm::Random random(Random::seed());
  for (uint32_t round = 0; round < rounds(300); ++round) {
    const uint32_t kinds = 1 + random.below(3);
    tr::FrameSet frames;
    std::vector<std::vector<uint8_t>> originals;
    const uint32_t fields = random.below(5);
    std::vector<tr::FieldSpec> specs;
    std::vector<uint32_t> order;
    std::vector<std::vector<tr::Spot>> spots(kinds);
    for (uint32_t f = 0; f < fields; ++f) {
      tr::FieldSpec spec = range(random.next(), random.below(3) ? 1 + random.next() : 0);
      spec.kind = static_cast<tr::FieldKind>(random.below(4) == 0 ? 2 : 0);
      spec.per_flow = random.below(4) == 0;
      spec.step = random.next();
      specs.push_back(spec);
    }
    for (uint32_t k = 0; k < kinds; ++k) {
      const bool v6 = random.below(2);
      std::vector<uint8_t> frame = v6 ? udp6_frame(80 + random.below(900)) : udp_frame(60 + random.below(900));
      const uint32_t ip = 14, udp = ip + (v6 ? 40 : 20);
      for (uint32_t f = 0; f < fields; ++f) {
        tr::Spot s;
        switch (random.below(4)) {
          case 0:  // an address
            s = v6 ? spot(ip + 16 + 16 * (f % 2), 8, false, true) : spot(ip + 12 + 4 * (f % 2), 4, true, true);
            break;
          case 1:
            s = spot(udp + 2 * (f % 2), 2, false, true);
            break;
          case 2:  // somewhere in the payload, at odd places too
            s = spot(udp + 8 + random.below(8), static_cast<uint8_t>(1 << random.below(2)), false, true);
            break;
          default:
            s = spot(6, 6, false, false);
        }
        // Those that overlap an earlier one are left out.
        for (const tr::Spot& other : spots[k]) {
          if (other.at != tr::Spot::kNowhere && s.at < other.at + other.width && other.at < s.at + s.width)
            s = tr::Spot();
        }
        if (s.at != tr::Spot::kNowhere && random.below(3) == 0 && s.width > 1) {
          s.shift = 3;
          s.mask = 0x1f8;
        }
        spots[k].push_back(s);
      }
      originals.push_back(frame);
      REQUIRE(frames.add(frame.data(), static_cast<uint32_t>(frame.size()), v6 ? 0 : ip + 10, udp + 6, true, spots[k]));
    }
    for (uint32_t k = 0; kinds > 1 && k < 7; ++k) order.push_back(random.below(kinds));
    REQUIRE(frames.set_order(order));
    tr::FlowSpec flows;
    flows.count = 1 + random.below(5);
    flows.random = random.below(2);
    tr::Filler filler(std::move(frames), specs, flows, 0);
    tr::TxRing ring = tx_ring(p, random.below(2));
    const uint32_t first = ring.head, n = 1 + random.below(200);
    CHECK(filler.fill(ring, n, 0).frames == n);
    for (uint32_t k = 0, i = first; k < n; ++k, i = TestPort::next(p.tx(), i)) {
      const uint32_t kind = order.empty() ? 0 : order[k % order.size()];
      const uint8_t* b = TestPort::buffer(p.tx(), i);
      const std::vector<uint8_t>& original = originals[kind];
      REQUIRE(p.tx()->slots()[i].len == original.size());
      tr::Headers headers;
      headers.parse(b, static_cast<uint32_t>(original.size()));
      CHECK(tr::verify(headers) == tr::Verdict::kGood);
      for (uint32_t at = 0; at < original.size(); ++at) {
        const uint32_t udp = headers.transport;
        bool may = (at >= udp + 6 && at < udp + 8) || (headers.is_ipv4() && (at == 24 || at == 25));
        for (const tr::Spot& s : spots[kind]) may |= s.at != tr::Spot::kNowhere && at >= s.at && at < s.at + s.width;
        CHECK(may || b[at] == original[at]);
      }
    }
    p.tx()->head = p.tx()->cur = ring.head;
    p.device->txsync();
  }
}

TEST(chains, "filler: long frames over several slots, whole or not at all") {
  TestPort p("vale0:a", 16), q("vale0:b", 64);
  REQUIRE(p.ok() && q.ok());
  tr::Filler filler(numbered_frames(5000, false), numbered_fields(), tr::FlowSpec(), 0);
  tr::TxRing ring = tx_ring(p, true);
  const uint32_t slots = filler.slots_of_longest(ring);
  CHECK(slots == (5000 + p.tx()->nr_buf_size - 1) / p.tx()->nr_buf_size);
  const tr::Filled filled = filler.fill(ring, 100, 0);
  CHECK(filled.frames == 15 / slots && filled.slots == filled.frames * slots);
  ring.ring.publish(ring.head);
  p.device->txsync();
  tr::ReceiverSpec spec;
  spec.check = true;
  tr::Receiver receiver(spec, rx_rings(q));
  CHECK(receiver.run(*q.device, tr::now_ns() + 10 * tr::kMillisecond, tr::kMillisecond) == 0);
  CHECK(receiver.counters().packets == filled.frames && receiver.counters().bytes == filled.bytes);
  CHECK(receiver.audit()->totals().corrupt == 0 && receiver.audit()->totals().received == filled.frames);
  // What did not fit is not lost: the next ones have the next numbers.
  const tr::Filled more = filler.fill(ring, 100, 0);
  ring.ring.publish(ring.head);
  p.device->txsync();
  CHECK(receiver.run(*q.device, tr::now_ns() + 10 * tr::kMillisecond, tr::kMillisecond) == 0);
  CHECK(more.frames > 0 && receiver.audit()->totals().lost == 0 && receiver.audit()->totals().reordered == 0);
}
