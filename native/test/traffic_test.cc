// Generator, sink and ping on a switch.
#include <algorithm>
#include <cmath>

#include "../traffic/clock.h"
#include "../traffic/pinger.h"
#include "../traffic/reflector.h"
#include "../traffic/sender.h"
#include "../traffic/verify.h"
#include "traffic_lab.h"

using namespace nm;

static TestFolder folder;

namespace {

tr::Schedule flat_out() {
  return tr::Schedule(tr::ScheduleSpec());
}

}  // namespace

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

TEST(damaged, "a packet whose checksum is wrong has no latency: it may be the time that is damaged") {
  TestPort p("vale0:a", 64), q("vale0:b", 64);
  REQUIRE(p.ok() && q.ok());
  tr::Filler filler(numbered_frames(60, true), numbered_fields(), tr::FlowSpec(), 0);
  tr::TxRing ring = tx_ring(p, true);
  tr::ReceiverSpec spec;
  spec.check = spec.latency = true;
  tr::Receiver receiver(spec, rx_rings(q));
  CHECK(filler.fill(ring, 10, tr::now_ns()).frames == 10);
  for (const uint32_t slot : {0U, 4U, 9U}) TestPort::buffer(p.tx(), slot)[54] ^= 0x01;
  ring.ring.publish(ring.head);
  p.device->txsync();
  CHECK(receiver.run(*q.device, tr::now_ns() + tr::kMillisecond, 1000) == 0);
  const tr::Audit::Totals totals = receiver.audit()->totals();
  CHECK(totals.received == 7 && totals.corrupt == 3 && totals.lost == 1);
  CHECK(receiver.latency()->count() == 7 && receiver.latency()->max() < 1000000000 && receiver.skewed() == 0);
}

// The Kolmogorov-Smirnov distance of a plan's gaps from an exponential distribution, times the root of their number.
static double distance_of_plan(uint64_t seed, uint32_t burst) {
  constexpr int kGaps = 20000;
  constexpr double kGap = 1e5;
  tr::ScheduleSpec spec;
  spec.pattern = tr::Pattern::kPoisson;
  spec.gaps = {kGap};
  spec.burst = burst;
  spec.seed = seed;
  tr::Schedule schedule(spec);
  schedule.begin(0);
  std::vector<double> gaps;
  for (int k = 0; k < kGaps; ++k) {
    const int64_t due = schedule.due();
    int64_t last;
    CHECK(schedule.take(due, burst, &last) == burst);
    CHECK(last == due);
    gaps.push_back(static_cast<double>(schedule.due() - due));
  }
  CHECK(schedule.gaps().count() == static_cast<uint64_t>(kGaps));
  std::sort(gaps.begin(), gaps.end());
  double distance = 0;
  for (int k = 0; k < kGaps; ++k) {
    const double model = 1 - std::exp(-gaps[static_cast<size_t>(k)] / (kGap * burst));
    distance = std::max({distance, std::abs(model - 1.0 * k / kGaps), std::abs(model - (k + 1.0) / kGaps)});
  }
  return distance * std::sqrt(kGaps);
}

TEST(poisson_plan, "what a schedule plans is a Poisson process, alone and in bursts, whatever the seed") {
  int beyond = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    const double distance = distance_of_plan(seed, seed % 2 ? 1 : 4);
    CHECK(distance < 2.3);  // one of 20,000 good ones is beyond
    beyond += distance > 1.36;
  }
  CHECK(beyond <= 6);  // 2 are to be expected
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
