// Queue management against what its definitions promise.
#include <algorithm>
#include <cmath>

#include "../emulator/ecn.h"
#include "../emulator/red.h"
#include "check.h"
#include "emulation.h"

using namespace nm::emulator;

namespace {

constexpr uint64_t kBandwidth = 10000000;  // a packet of 1000 bytes every 0.8 ms
constexpr Time kPacket = 800 * kMicrosecond;

// A constant load of rho times the bandwidth; calls `look` after each packet that comes.
template <typename Look>
void overload(Bench* bench, double rho, Time length, Look look, uint8_t ecn = 0) {
  for (uint64_t i = 0;; ++i) {
    const auto at = static_cast<Time>(static_cast<double>(i) * static_cast<double>(kPacket) / rho);
    if (at >= length) break;
    bench->put(at, 1000, 0, Target::kPipe, 1, ecn);
    look(at);
  }
}

double gaps(int drops) {  // seconds from the first one to the n-th one after it
  double sum = 0;
  for (int k = 1; k <= drops; ++k) sum += 0.1 / std::sqrt(k);
  return sum;
}

}  // namespace

TEST(codel_first, "CoDel: the first drop comes an interval after the delay has reached the target") {
  for (const double rho : {1.05, 1.2, 2.0}) {
    Bench bench;
    QueueSettings queue = slots(100000);
    queue.aqm = Aqm::kCodel;
    bench.pipe(plain_link(kBandwidth), queue);
    Time first = 0;
    overload(&bench, rho, kSecond, [&](Time at) {
      if (!first && bench.drops(Cause::kCodel)) first = at;
    });
    const double expected = 0.005 / (rho - 1) * 1.0 + 0.1;
    CHECK(std::abs(static_cast<double>(first) * 1e-9 - expected) < 0.012);
  }
}

TEST(codel_law, "CoDel: the n-th drop comes interval * (1 + 1/sqrt(2) + ... + 1/sqrt(n)) after the first") {
  Bench bench;
  QueueSettings queue = slots(100000);
  queue.aqm = Aqm::kCodel;
  bench.pipe(plain_link(kBandwidth), queue);
  uint64_t seen = 0;
  std::vector<Time> times;
  overload(&bench, 2.0, 12 * kSecond, [&](Time at) {
    for (const uint64_t n = bench.drops(Cause::kCodel); seen < n; ++seen) times.push_back(at);
  });
  REQUIRE(times.size() > 2500);
  for (const int n : {1, 10, 25, 100, 1000, 2500}) {
    const double after = static_cast<double>(times[n] - times[0]) * 1e-9;
    CHECK(std::abs(after - gaps(n)) < 0.0025 + 0.001 * gaps(n));
  }
  CHECK(bench.outs.size() >= 12 * kSecond / kPacket - 2);  // the link was never idle
}

TEST(codel_quiet, "CoDel: nothing is dropped while packets wait less than the target, nor of a queue of one packet") {
  for (const double rho : {0.5, 0.99}) {
    Bench bench;
    QueueSettings queue = slots(1000);
    queue.aqm = Aqm::kCodel;
    bench.pipe(plain_link(kBandwidth), queue);
    overload(&bench, rho, 10 * kSecond, [](Time) {});
    CHECK(bench.drops(Cause::kCodel) == 0);
  }
  Bench slow;  // a packet takes 80 ms, far beyond the target, but only one ever waits
  QueueSettings queue = slots(1000);
  queue.aqm = Aqm::kCodel;
  slow.pipe(plain_link(100000), queue);
  for (int i = 0; i < 200; ++i) slow.put(i * 80 * kMillisecond + (i ? -1 : 0), 1000);
  CHECK(slow.drops(Cause::kCodel) == 0);
}

TEST(codel_again,
     "CoDel: an episode soon after the last one starts at its rate, one long after it from the beginning") {
  for (const Time pause : {Time{0}, 60 * kSecond}) {
    Bench bench;
    QueueSettings queue = slots(100000);
    queue.aqm = Aqm::kCodel;
    bench.pipe(plain_link(kBandwidth), queue);
    overload(&bench, 2.0, 5 * kSecond, [](Time) {});
    while (bench.emulator.next() != kNever) bench.emulator.advance(bench.emulator.next());
    const uint64_t before = bench.drops(Cause::kCodel);
    CHECK(before > 300);
    // Twice the bandwidth for 0.4 s: from the beginning that is a drop after 0.1 s and 4 more.
    const Time start = bench.emulator.now() + pause;
    for (int i = 0; i < 1000; ++i) bench.put(start + i * kPacket / 2, 1000);
    const uint64_t drops = bench.drops(Cause::kCodel) - before;
    CHECK(pause ? drops == 5 : drops > 15);
  }
}

TEST(codel_ecn, "CoDel with ECN marks instead of dropping, those that can carry a mark") {
  for (const uint8_t bits : {1, 2, 0}) {
    Bench bench;
    bench.keep = true;
    QueueSettings queue = slots(100000);
    queue.aqm = Aqm::kCodel;
    queue.codel.ecn = true;
    bench.pipe(plain_link(kBandwidth), queue);
    overload(&bench, 1.5, 2 * kSecond, [](Time) {}, bits);
    uint64_t marked = 0;
    for (const auto& frame : bench.kept) marked += (frame[15] & 3) == 3;
    const DropSink& sink = bench.emulator.pipe(1)->own().sink;
    CHECK(bits == 0 ? marked == 0 && sink.drops[Cause::kCodel] > 10 : marked > 10 && sink.drops[Cause::kCodel] == 0);
    CHECK(sink.marked == marked);
  }
}

TEST(pie_steady, "PIE under constant overload drops 1 - 1/rho and keeps the delay at its target") {
  for (const bool timestamps : {false, true}) {
    for (const double rho : {1.05, 1.2, 2.0, 3.0}) {
      if (timestamps && rho > 2) continue;  // the delay of a packet that has left tells too late
      Bench bench;
      QueueSettings queue = slots(100000);
      queue.aqm = Aqm::kPie;
      queue.pie.timestamps = timestamps;
      bench.pipe(plain_link(kBandwidth), queue);
      uint64_t early = 0;
      Time warm = 20 * kSecond, end = 120 * kSecond;
      uint64_t at_warm = 0, drops_at_warm = 0;
      std::vector<double> delays;
      overload(&bench, rho, end, [&](Time at) {
        if (at < 150 * kMillisecond) early = bench.drops(Cause::kPie);
        if (at < warm) {
          at_warm = bench.count;
          drops_at_warm = bench.drops(Cause::kPie);
          return;
        }
        // A packet that comes now waits for those before it.
        if (bench.count % 7 == 0)
          delays.push_back(static_cast<double>(bench.emulator.pipe(1)->backlog().bytes) * 0.8e-3);
      });
      const auto offered = static_cast<double>(bench.count - at_warm);
      const auto dropped = static_cast<double>(bench.drops(Cause::kPie) - drops_at_warm);
      CHECK(early == 0);
      CHECK(std::abs(dropped / offered - (1 - 1 / rho)) < 0.002);
      double mean = 0;
      for (const double d : delays) mean += d / static_cast<double>(delays.size());
      std::sort(delays.begin(), delays.end());
      const double p95 = delays[delays.size() * 95 / 100];
      if (mean < 13.5 || mean > 17 || p95 > 30)
        std::printf("# ts %d rho %g mean %g p95 %g\n", timestamps, rho, mean, p95);
      CHECK(mean > 13.5 && mean < 17);
      CHECK(p95 < 30);
    }
  }
}

TEST(pie_outage, "PIE: a link that stands still for a month does not take a step for each microsecond of it") {
  for (const double alpha : {0.125, 0.0, 1e-12}) {
    Bench bench;
    QueueSettings queue = slots(1000);
    queue.aqm = Aqm::kPie;
    queue.pie.update = kMicrosecond;
    queue.pie.alpha = alpha;
    LinkSettings link = plain_link(0);
    Problem problem;
    link.trace = Trace::parse("0 8Mbit/s\n1 0\n2592000 8Mbit/s\n", &problem);
    REQUIRE(link.trace != nullptr);
    bench.pipe(link, queue);
    for (int i = 0; i < 300; ++i) bench.put(kSecond - kMillisecond, 1000);
    bench.put(2591999 * kSecond, 1000);
    bench.put(2592001 * kSecond, 1000);
    bench.finish();
    CHECK(bench.outs.size() + bench.drops(Cause::kPie) == 302);
  }
}

TEST(pie_idle, "PIE below the bandwidth drops nothing") {
  Bench bench;
  QueueSettings queue = slots(1000);
  queue.aqm = Aqm::kPie;
  bench.pipe(plain_link(kBandwidth), queue);
  overload(&bench, 0.95, 60 * kSecond, [](Time) {});
  CHECK(bench.drops(Cause::kPie) == 0);
}

namespace {

// RED with the average held at `length`.
double red_ratio(double length, const QueueSettings& settings) {
  PacketPool pool(1 << 22);
  const Time clock = 0;
  DropLog log(&clock);
  DropSink sink;
  sink.pool = &pool;
  sink.log = &log;
  Dice dice(1, 1);
  Red red;
  PacketList queue;
  for (int i = 0; i < static_cast<int>(length); ++i) queue.push(pool.take(100));
  const Red::Setting setting{settings, 1500, 0};
  constexpr int kPackets = 400000;
  for (int i = 0; i < kPackets; ++i) {
    Packet* p = pool.take(100);
    if (red.admit(p, queue, setting, i, &dice, &sink)) pool.give(p);
  }
  while (!queue.empty()) pool.give(queue.pop());
  return static_cast<double>(sink.drops[Cause::kRed]) / kPackets;
}

QueueSettings red_settings(double max_p, Aqm aqm = Aqm::kRed) {
  QueueSettings s = slots(1000);
  s.aqm = aqm;
  s.red.weight = 1;  // the average is the length
  s.red.min = 10;
  s.red.max = 110;
  s.red.max_p = max_p;
  return s;
}

}  // namespace

TEST(red_ratio, "RED: with uniform gaps the ratio of drops is 2p/(1+p); nothing below min_th, all above max_th") {
  for (const double p : {0.05, 0.1, 0.5}) {
    CHECK(std::abs(red_ratio(60, red_settings(2 * p)) - 2 * p / (1 + p)) < 0.005);
  }
  CHECK(red_ratio(9, red_settings(1)) == 0);
  CHECK(red_ratio(10, red_settings(1)) == 0);
  CHECK(red_ratio(110, red_settings(0.1)) == 1);
}

TEST(gred_ratio, "GRED: from max_p at max_th the probability grows to 1 at twice max_th, without a step") {
  const double below = red_ratio(109, red_settings(0.1, Aqm::kGred));
  const double above = red_ratio(111, red_settings(0.1, Aqm::kGred));
  CHECK(std::abs(above - below) < 0.02);
  const double p = 0.1 + 0.9 * 0.5;  // gaps are 1 with this probability, else 2
  CHECK(std::abs(red_ratio(165, red_settings(0.1, Aqm::kGred)) - 1 / (2 - p)) < 0.005);
  CHECK(red_ratio(220, red_settings(0.1, Aqm::kGred)) == 1);
}

TEST(red_average, "RED: the average follows as 1 - (1 - w)^n and decays over idle time") {
  PacketPool pool(1 << 22);
  const Time clock = 0;
  DropLog log(&clock);
  DropSink sink;
  sink.pool = &pool;
  sink.log = &log;
  Dice dice(1, 1);
  Red red;
  QueueSettings settings = red_settings(0);
  settings.red.weight = 0.01;
  const Red::Setting setting{settings, 1500, kMillisecond};
  PacketList queue, none;
  for (int i = 0; i < 5; ++i) queue.push(pool.take(100));
  Packet* p = pool.take(100);
  for (int i = 0; i < 200; ++i) CHECK(red.admit(p, queue, setting, 0, &dice, &sink));
  CHECK(std::abs(red.average() - 5 * (1 - std::pow(0.99, 200))) < 1e-9);
  const double before = red.average();
  red.idle(0);
  CHECK(red.admit(p, none, setting, 50 * kMillisecond, &dice, &sink));
  CHECK(std::abs(red.average() - before * std::pow(0.99, 50)) < 1e-9);
  pool.give(p);
  while (!queue.empty()) pool.give(queue.pop());
}

TEST(ecn,
     "a mark sets CE and keeps the checksum right, IPv4 and IPv6, behind VLAN tags; what cannot carry it is refused") {
  auto sum_ok = [](const std::vector<uint8_t>& f, size_t at) {
    uint32_t sum = 0;
    for (size_t i = at; i < at + 20; i += 2) sum += static_cast<uint32_t>(f[i] << 8 | f[i + 1]);
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    return sum == 0xffff;
  };
  for (uint32_t number = 0; number < 256; ++number) {
    for (const uint8_t tos : {1, 2, 0xb9, 0xfe}) {
      std::vector<uint8_t> f = make_frame(60 + number, number * 77, 0, tos);
      CHECK(sum_ok(f, 14));
      CHECK(mark_congestion(f.data(), static_cast<uint32_t>(f.size())));
      CHECK((f[15] & 3) == 3 && f[15] >> 2 == tos >> 2);
      CHECK(sum_ok(f, 14));
      std::vector<uint8_t> tagged = make_frame(60, number, 0, tos);
      tagged.insert(tagged.begin() + 12, {0x81, 0, 0, 5});
      CHECK(mark_congestion(tagged.data(), static_cast<uint32_t>(tagged.size())));
      CHECK(sum_ok(tagged, 18));
    }
  }
  std::vector<uint8_t> plain = make_frame(60, 1);
  CHECK(!mark_congestion(plain.data(), 60));
  std::vector<uint8_t> six(70, 0);
  six[12] = 0x86;
  six[13] = 0xdd;
  six[14] = 0x60;
  CHECK(!mark_congestion(six.data(), 70));
  six[15] = 0x20;
  CHECK(mark_congestion(six.data(), 70) && six[15] == 0x30);
  for (uint32_t length = 0; length < 60; ++length) {
    std::vector<uint8_t> cut(make_frame(60, 1, 0, 1));
    cut.resize(length);
    CHECK(mark_congestion(cut.data(), length) == (length >= 34));
  }
}

namespace {

void fair_pipe(Bench* bench, SchedulerType type, const FairSettings& fair = {}) {
  Settings s;
  s.pipes[1].link = plain_link(kBandwidth);
  s.pipes[1].type = type;
  s.pipes[1].fair = fair;
  bench->emulator.apply(s, 0);
}

}  // namespace

TEST(fair_shares, "FQ-CoDel and FQ-PIE: flows of any rate and size get equal bytes; a sparse flow hardly waits") {
  for (const SchedulerType type : {SchedulerType::kFqCodel, SchedulerType::kFqPie}) {
    Bench bench;
    fair_pipe(&bench, type);
    // Five flows from 1 to 5 times the bandwidth, of different sizes, and one with a packet every 50 ms.
    struct Source {
      uint32_t flow, length;
      Time every, next;
    };
    std::vector<Source> sources;
    for (uint32_t i = 1; i <= 5; ++i) {
      const uint32_t length = 200 * i + 400;
      sources.push_back({i, length, static_cast<Time>(length * 800 / i), 0});
    }
    sources.push_back({77, 100, 50 * kMillisecond, 7777777});
    for (;;) {
      auto first = std::min_element(sources.begin(), sources.end(),
                                    [](const Source& a, const Source& b) { return a.next < b.next; });
      if (first->next > 20 * kSecond) break;
      bench.put(first->next, first->length, first->flow);
      first->next += first->every;
    }
    double bytes[6] = {}, sum = 0, squares = 0;
    for (const Out& o : bench.outs) {
      if (o.flow <= 5 && o.at > 5 * kSecond) bytes[o.flow] += o.length;
    }
    for (int i = 1; i <= 5; ++i) {
      sum += bytes[i];
      squares += bytes[i] * bytes[i];
    }
    CHECK(sum * sum / (5 * squares) > 0.99);
    uint64_t sparse = 0;
    for (const Out& o : bench.outs) {
      if (o.flow != 77) continue;
      const Time sent = 7777777 + static_cast<Time>(sparse++) * 50 * kMillisecond;
      CHECK(o.at - sent < 3 * 1400 * 800 + 80000);  // one packet on the wire, at most a new flow's quantum
    }
    CHECK(sparse >= 398);
  }
}

TEST(fair_limit, "FQ-CoDel: when the limit is exceeded the flow with most bytes pays, not the others") {
  Bench bench;
  FairSettings fair;
  fair.limit = 100;
  fair_pipe(&bench, SchedulerType::kFqCodel, fair);
  for (int i = 0; i < 10; ++i) bench.put(0, 1000, 1);
  for (int i = 0; i < 500; ++i) bench.put(0, 1000, 2);
  bench.finish();
  int first = 0;
  for (const Out& o : bench.outs) first += o.flow == 1;
  CHECK(first == 10);
  CHECK(bench.drops(Cause::kQueueFull) >= 409);
}

TEST(fair_flows, "FQ-CoDel with 65536 flows works, and with one") {
  for (const uint32_t flows : {65536u, 1u}) {
    Bench bench;
    FairSettings fair;
    fair.flows = flows;
    fair_pipe(&bench, SchedulerType::kFqCodel, fair);
    for (uint32_t i = 0; i < 300; ++i) bench.put(0, 100, i);
    bench.finish();
    CHECK(bench.outs.size() + bench.drops(Cause::kCodel) == 300);
  }
}
