// Generator, sink and ping natively: what is made, when, and what is seen of it.
#include "../traffic/clock.h"
#include "../traffic/pinger.h"
#include "../traffic/reflector.h"
#include "../traffic/sender.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "check.h"
#include "packets.h"
#include "port.h"
#include "random.h"

using namespace nm;
namespace tr = nm::traffic;

static TestFolder folder;

namespace {

uint64_t offset_of(const TestPort& port, netmap_ring* ring) {
  return static_cast<uint64_t>(reinterpret_cast<uint8_t*>(ring) - port.mapping->base());
}

tr::TxRing tx_ring(const TestPort& port, bool keeps, uint32_t index = 0) {
  tr::TxRing ring;
  CHECK(ring.bind(*port.mapping, offset_of(port, port.tx(index)), keeps));
  ring.head = port.tx(index)->head;
  return ring;
}

std::vector<tr::RxRing> rx_rings(const TestPort& port) {
  std::vector<tr::RxRing> rings(1);
  CHECK(rings[0].ring.bind(*port.mapping, offset_of(port, port.rx())));
  rings[0].head = port.rx()->head;
  return rings;
}

tr::Spot spot(uint32_t at, uint8_t width, bool header, bool packet) {
  tr::Spot s;
  s.at = at;
  s.width = width;
  s.in_header = header;
  s.in_packet = packet;
  s.mask = width == 8 ? ~uint64_t{0} : (uint64_t{1} << (8 * width)) - 1;
  return s;
}

tr::FieldSpec range(uint64_t from, uint64_t count) {
  tr::FieldSpec f;
  f.from = from;
  f.count = count;
  return f;
}

// UDP in IPv4 with number (and time) at the places where the sink looks for them.
tr::FrameSet numbered_frames(uint32_t length, bool time) {
  std::vector<uint8_t> frame = udp_frame(length);
  put16(&frame[42], time ? tr::Marker::kTime : tr::Marker::kStream);
  put32(&frame[44], 0);
  put32(&frame[48], 7);
  fix_checksums(&frame);
  tr::FrameSet frames;
  CHECK(frames.add(frame.data(), length, 24, 40, true,
                   {spot(44, 4, false, true), time ? spot(52, 8, false, true) : tr::Spot()}));
  return frames;
}

std::vector<tr::FieldSpec> numbered_fields() {
  tr::FieldSpec time;
  time.kind = tr::FieldKind::kTime;
  return {range(0, uint64_t{1} << 32), time};
}

tr::Schedule flat_out() {
  return tr::Schedule(tr::ScheduleSpec());
}

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

TEST(buckets, "histogram: every value is in the bucket that says so, to 0.8 %") {
  nm::Random random(Random::seed());
  for (uint32_t k = 0; k < rounds(20000); ++k) {
    const uint64_t v = (static_cast<uint64_t>(random.next()) << 32 | random.next()) >> (22 + random.below(42));
    const uint32_t b = tr::Histogram::bucket(v);
    REQUIRE(b < tr::Histogram::kBuckets);
    CHECK(tr::Histogram::upper(b) >= v && (b == 0 || tr::Histogram::upper(b - 1) < v));
    CHECK(static_cast<double>(tr::Histogram::upper(b) - v) <= 0.008 * static_cast<double>(v) + 0.5);
  }
  tr::Histogram h;
  h.add(-5);
  h.add(int64_t{1} << 60, 3);
  h.add(1000, 0);
  CHECK(h.count() == 4 && h.min() == 0 && h.counts()[tr::Histogram::kBuckets - 1] == 3);
}

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

// Any fields anywhere: bytes outside them stay, values are right, and checksums as computed from scratch.
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

TEST(constant, "schedule: a constant rate is exact for days") {
  tr::ScheduleSpec spec;
  spec.pattern = tr::Pattern::kConstant;
  spec.gaps = {1e9 / 14880952};
  tr::Schedule schedule(spec);
  const int64_t start = 1000, hour = 3600ll * 1000000000;
  schedule.begin(start);
  int64_t last;
  CHECK(schedule.take(start, 10, &last) == 1 && last == start);
  // Whole hours at once would take long: a tenth of a second, again and again.
  spec.gaps = {1e6};
  tr::Schedule slow(spec);
  slow.begin(0);
  uint64_t n = 0;
  for (int64_t now = 0; now <= 72 * hour; now += hour) n += slow.take(now, UINT32_MAX, &last);
  CHECK(n == 72ull * 3600 * 1000 + 1 && last == 72 * hour);
}

TEST(bursts, "schedule: bursts come at once, and the mean rate stays") {
  tr::ScheduleSpec spec;
  spec.pattern = tr::Pattern::kConstant;
  spec.gaps = {1000};
  spec.burst = 32;
  tr::Schedule schedule(spec);
  schedule.begin(0);
  int64_t last;
  CHECK(schedule.take(0, 20, &last) == 20 && schedule.take(0, 100, &last) == 12 && last == 0);
  CHECK(schedule.take(31999, 100, &last) == 0 && schedule.take(32000, 100, &last) == 32);
  uint64_t n = 64;
  for (int64_t now = 0; now < 1000000000; now += 999) n += schedule.take(now, 1000, &last);
  CHECK(n == (1000000000 / 32000) * 32 || n == (1000000000 / 32000 + 1) * 32);
}

TEST(poisson, "schedule: Poisson gaps pass a Kolmogorov-Smirnov test") {
  for (const uint64_t seed : {1, 2, 3}) {
    tr::ScheduleSpec spec;
    spec.pattern = tr::Pattern::kPoisson;
    spec.gaps = {10000};
    spec.seed = seed;
    tr::Schedule schedule(spec);
    schedule.begin(0);
    constexpr int kCount = 20000;
    std::vector<double> gaps;
    int64_t before = 0, last = 0;
    for (int k = 0; k < kCount; ++k) {
      const int64_t due = schedule.due();
      CHECK(schedule.take(due, 1, &last) == 1);
      if (k > 0) gaps.push_back(static_cast<double>(due - before));
      before = due;
    }
    std::sort(gaps.begin(), gaps.end());
    double d = 0;
    for (size_t k = 0; k < gaps.size(); ++k) {
      const double expected = 1 - std::exp(-gaps[k] / 10000), n = static_cast<double>(gaps.size());
      d = std::max(
          {d, std::fabs(expected - static_cast<double>(k) / n), std::fabs(expected - static_cast<double>(k + 1) / n)});
    }
    CHECK(d < 1.628 / std::sqrt(static_cast<double>(kCount)));  // 1 % of samples of that distribution are further off
  }
}

TEST(forgiving, "schedule: what is too late is given up, and counted") {
  tr::ScheduleSpec spec;
  spec.pattern = tr::Pattern::kConstant;
  spec.gaps = {1e6};
  tr::Schedule schedule(spec);
  schedule.begin(0);
  CHECK(schedule.forgive(900000000, 1000000000) == 0);
  CHECK(schedule.forgive(60000000000, 1000000000) == 59000000000);
  int64_t last;
  CHECK(schedule.take(60000000000, UINT32_MAX, &last) == 1001);
}

TEST(mixed_lengths, "schedule: each packet takes the time that its length takes") {
  tr::ScheduleSpec spec;
  spec.pattern = tr::Pattern::kConstant;
  spec.gaps = {100, 1000};
  tr::Schedule schedule(spec);
  schedule.begin(0);
  int64_t last;
  const int64_t expected[] = {0, 100, 1100, 1200, 2200};
  for (const int64_t due : expected) {
    CHECK(schedule.due() == due);
    CHECK(schedule.take(due, 1, &last) == 1);
  }
}

// The tracker against one that remembers everything.
TEST(sequences, "sequence: lost, reordered, duplicated as a plain count has them") {
  nm::Random random(Random::seed());
  for (uint32_t round = 0; round < rounds(100); ++round) {
    const uint32_t start = random.below(3) ? random.next() : 0xfffffff0;
    std::vector<uint32_t> sent;
    for (uint32_t k = 0; k < 500; ++k) {
      if (random.below(20)) sent.push_back(start + k);
      if (random.below(30) == 0) sent.push_back(start + k);
    }
    for (uint32_t k = 0; k + 9 < sent.size(); ++k) {
      if (random.below(10) == 0) std::swap(sent[k], sent[k + random.below(9)]);
    }
    tr::Sequence sequence;
    std::set<uint32_t> seen;
    uint32_t highest = 0, lowest = UINT32_MAX;
    uint64_t duplicated = 0, reordered = 0;
    for (const uint32_t number : sent) {
      sequence.add(number);
      const uint32_t n = number - start;
      if (!seen.insert(n).second)
        ++duplicated;
      else if (seen.size() > 1 && n < highest)
        ++reordered;
      highest = std::max(highest, n);
      lowest = std::min(lowest, n);
    }
    const tr::SequenceCounts& c = sequence.counts();
    CHECK(c.received == sent.size() && c.duplicated == duplicated);
    CHECK(c.reordered == static_cast<int64_t>(reordered));
    CHECK(c.lost == static_cast<int64_t>(highest - lowest + 1 - seen.size()));
  }
}

TEST(switch_run, "sender to receiver over a switch: counted, checked, timed") {
  TestPort p("vale0:a", 256), q("vale0:b", 1024);
  REQUIRE(p.ok() && q.ok());
  tr::SenderSpec spec;
  spec.count = 5000;
  spec.batch = 100;
  std::vector<tr::TxRing> rings;
  rings.push_back(tx_ring(p, true));
  tr::Sender sender(spec, tr::Filler(numbered_frames(60, true), numbered_fields(), tr::FlowSpec(), 0), flat_out(),
                    std::move(rings));
  tr::ReceiverSpec what;
  what.check = what.latency = what.gaps = what.protocols = true;
  what.flows = 10;
  tr::Receiver receiver(what, rx_rings(q));
  sender.begin(tr::now_ns(), INT64_MAX);
  tr::Pause pause = tr::Pause::kTurn;
  while (sender.prepare(tr::now_ns() + tr::kMillisecond, &pause)) {
    CHECK(sender.commit(*p.device) == 0);
    CHECK(receiver.run(*q.device, tr::now_ns() + tr::kMillisecond, 1000) == 0);
  }
  CHECK(pause == tr::Pause::kDone && sender.counters().packets == 5000 && sender.counters().bytes == 300000);
  CHECK(receiver.counters().packets == 5000 && receiver.counters().bytes == 300000);
  const tr::Audit::Totals totals = receiver.audit()->totals();
  CHECK(totals.received == 5000 && totals.lost == 0 && totals.corrupt == 0 && totals.unnumbered == 0 &&
        totals.streams == 1);
  CHECK(receiver.latency()->count() == 5000 && receiver.latency()->max() < 1000000000 && receiver.skewed() == 0);
  CHECK(receiver.gap()->count() == 4999);
  CHECK(receiver.protocols()->count(17).packets == 5000 && receiver.protocols()->size(0).packets == 5000);
  CHECK(receiver.flows()->size() == 1 && receiver.flows()->top(5)[0].packets == 5000);
}

TEST(watched, "a zero-copy monitor that scribbles over what it is handed does no harm to what is sent") {
  TestPort p("vale0:a", 16), q("vale0:b", 64);
  TestPort z("vale0:a", 8, 0, 0, NR_REG_ALL_NIC, NR_ZCOPY_MON | NR_MONITOR_TX | NR_MONITOR_RX);
  REQUIRE(p.ok() && q.ok() && z.ok());
  tr::Filler filler(numbered_frames(60, false), numbered_fields(), tr::FlowSpec(), 0);
  tr::TxRing ring = tx_ring(p, true);
  tr::ReceiverSpec spec;
  spec.check = true;
  tr::Receiver receiver(spec, rx_rings(q));
  uint64_t seen = 0, sent = 0;
  for (uint32_t round = 0; round < 200; ++round) {
    sent += filler.fill(ring, 1 + round % 5, 0).frames;
    ring.ring.publish(ring.head);
    p.device->txsync();
    CHECK(receiver.run(*q.device, tr::now_ns() + tr::kMillisecond, 1000) == 0);
    z.device->rxsync();
    for (uint32_t n; TestPort::owned(z.rx()) > 0; ++seen) {
      uint8_t* bytes = TestPort::buffer(z.rx(), z.rx()->head);
      z.take(&n);
      memset(bytes, 0x5a, 60);
    }
  }
  CHECK(seen > 300 && receiver.counters().packets == sent);
  CHECK(receiver.audit()->totals().received == sent && receiver.audit()->totals().corrupt == 0);
}

TEST(losses, "a receiver that is too slow: what the switch drops is what is missing") {
  TestPort p("vale0:a", 256), q("vale0:b", 64);
  REQUIRE(p.ok() && q.ok());
  tr::SenderSpec spec;
  spec.count = 1000;
  spec.batch = 100;
  std::vector<tr::TxRing> rings;
  rings.push_back(tx_ring(p, true));
  tr::Sender sender(spec, tr::Filler(numbered_frames(60, false), numbered_fields(), tr::FlowSpec(), 0), flat_out(),
                    std::move(rings));
  tr::ReceiverSpec what;
  what.check = true;
  tr::Receiver receiver(what, rx_rings(q));
  sender.begin(tr::now_ns(), INT64_MAX);
  tr::Pause pause;
  while (sender.prepare(tr::now_ns() + tr::kMillisecond, &pause)) {
    sender.commit(*p.device);
    receiver.run(*q.device, tr::now_ns() + tr::kMillisecond, 1000);
  }
  const uint64_t dropped = q.counters().drop_full;
  CHECK(dropped > 0 && receiver.counters().packets + dropped == 1000);
  // Those behind the last one that arrived nobody can miss.
  CHECK(static_cast<uint64_t>(receiver.audit()->totals().lost) <= dropped && receiver.audit()->totals().lost > 0);
}

TEST(matching, "match: fields of all kinds, ranges, negation, packets without the field") {
  const std::vector<uint8_t> v4 = udp_frame(60), v6 = udp6_frame(90);
  tr::Headers a, b, none;
  a.parse(v4.data(), static_cast<uint32_t>(v4.size()));
  b.parse(v6.data(), static_cast<uint32_t>(v6.size()));
  none.parse(v4.data(), 20);
  const auto test = [](tr::Base base, uint32_t offset, uint8_t width, uint64_t first, uint64_t last,
                       bool negated = false) {
    tr::Test t;
    t.base = base;
    t.offset = offset;
    t.width = width;
    t.mask = ~uint64_t{0};
    t.negated = negated;
    t.ranges = {{first, last}};
    return tr::Match({t});
  };
  CHECK(test(tr::Base::kPorts, 2, 2, 1234, 1234).holds(a) && test(tr::Base::kPorts, 2, 2, 1234, 1234).holds(b));
  CHECK(!test(tr::Base::kPorts, 2, 2, 1235, 2000).holds(a));
  CHECK(test(tr::Base::kPorts, 2, 2, 1235, 2000, true).holds(a));
  CHECK(!test(tr::Base::kPorts, 2, 2, 1235, 2000, true).holds(none));
  CHECK(test(tr::Base::kIpv4, 12, 4, 0x0a000000, 0x0affffff).holds(a) &&
        !test(tr::Base::kIpv4, 12, 4, 0, ~0u).holds(b));
  CHECK(test(tr::Base::kIpv6, 8, 8, 0xfd00000000000000, 0xfd00000000000000).holds(b));
  CHECK(test(tr::Base::kProtocol, 0, 1, 17, 17).holds(a) && !test(tr::Base::kProtocol, 0, 1, 17, 17).holds(none));
  CHECK(test(tr::Base::kLength, 0, 4, 60, 60).holds(a) && test(tr::Base::kEtherType, 0, 2, 0x86dd, 0x86dd).holds(b));
  CHECK(!test(tr::Base::kVlan, 0, 2, 0, 0xffff).holds(a) && !test(tr::Base::kUdp, 7, 2, 0, 0xffff).holds(none));
  CHECK(!test(tr::Base::kFrame, 59, 2, 0, 0xffff).holds(a));
}

TEST(round_trips, "ping and its reflection: answered, timed, and lost when nobody answers") {
  TestPort p("vale0:a", 64), q("vale0:b", 64);
  REQUIRE(p.ok() && q.ok());
  tr::PingSpec spec;
  spec.count = 100;
  spec.stream = 7;
  spec.timeout = 100 * tr::kMillisecond;
  tr::Pinger pinger(spec, tr::Filler(numbered_frames(60, true), numbered_fields(), tr::FlowSpec(), 0),
                    tx_ring(p, false), rx_rings(p));
  tr::Reflector reflector(UINT64_MAX, tx_ring(q, false), rx_rings(q));
  CHECK(pinger.measure_overhead(*p.device, 50) == 0 && pinger.overhead().count() == 50);
  CHECK(p.counters().tx_packets == 0);
  pinger.begin(tr::now_ns());
  tr::Pause pause = tr::Pause::kTurn;
  while (pause != tr::Pause::kDone) {
    REQUIRE(pinger.run(*p.device, tr::now_ns() + 50000, &pause) == 0);
    REQUIRE(reflector.run(*q.device, tr::now_ns(), 0) == 0);
  }
  CHECK(pinger.counters().sent == 100 && pinger.counters().answered == 100 && pinger.counters().lost == 0);
  CHECK(pinger.round_trip().count() == 100 && pinger.round_trip().min() > 0);
  CHECK(reflector.counters().packets == 100);
  tr::PingSpec eight = spec;
  eight.burst = 8;
  tr::Pinger bursts(eight, tr::Filler(numbered_frames(60, true), numbered_fields(), tr::FlowSpec(), 0),
                    tx_ring(p, false), rx_rings(p));
  bursts.begin(tr::now_ns());
  pause = tr::Pause::kTurn;
  while (pause != tr::Pause::kDone) {
    REQUIRE(bursts.run(*p.device, tr::now_ns() + 50000, &pause) == 0);
    CHECK(bursts.counters().sent % 8 == 0 || bursts.counters().sent == 100);
    REQUIRE(reflector.run(*q.device, tr::now_ns(), 0) == 0);
  }
  CHECK(bursts.counters().sent == 100 && bursts.counters().answered == 100 && bursts.counters().lost == 0);
  CHECK(bursts.round_trip().count() == 100 && reflector.counters().packets == 200);
  tr::PingSpec alone = spec;
  alone.count = 3;
  alone.burst = 2;
  alone.timeout = tr::kMillisecond;
  tr::Pinger lonely(alone, tr::Filler(numbered_frames(60, true), numbered_fields(), tr::FlowSpec(), 0),
                    tx_ring(p, false), rx_rings(p));
  lonely.begin(tr::now_ns());
  pause = tr::Pause::kTurn;
  while (pause != tr::Pause::kDone) lonely.run(*p.device, tr::now_ns() + tr::kMillisecond, &pause);
  CHECK(lonely.counters().sent == 3 && lonely.counters().lost == 3 && lonely.counters().answered == 0);
}

TEST(turned_round, "reflector: addresses exchanged, checksums right, an echo request becomes a reply") {
  std::vector<uint8_t> frame = udp_frame(60);
  const std::vector<uint8_t> before = frame;
  tr::Reflector::turn_round(frame.data(), 60);
  CHECK(std::equal(before.begin(), before.begin() + 6, frame.begin() + 6));
  CHECK(std::equal(before.begin() + 26, before.begin() + 30, frame.begin() + 30));
  tr::Headers h;
  h.parse(frame.data(), 60);
  CHECK(tr::verify(h) == tr::Verdict::kGood);
  std::vector<uint8_t> echo = icmp_frame();
  tr::Reflector::turn_round(echo.data(), static_cast<uint32_t>(echo.size()));
  h.parse(echo.data(), static_cast<uint32_t>(echo.size()));
  CHECK(echo[34] == 0 && tr::verify(h) == tr::Verdict::kGood);
}
