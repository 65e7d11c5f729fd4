// Loss, damage, order: what is random keeps to its distribution, and to its seed.
#include <algorithm>
#include <cmath>

#include "check.h"
#include "emulation.h"

using namespace nm::emulator;

namespace {

// Half the width of the interval that a binomial count lies in with 99.9 % probability.
double interval(double p, double n) {
  return 3.2905 * std::sqrt(p * (1 - p) * n) + 1;
}

bool in_order(const Bench& bench) {
  for (size_t i = 1; i < bench.outs.size(); ++i) {
    if (bench.outs[i].number < bench.outs[i - 1].number || bench.outs[i].at < bench.outs[i - 1].at) return false;
  }
  return true;
}

std::string digest(const Bench& bench) {
  std::string text;
  for (const Out& o : bench.outs) text += std::to_string(o.number) + "@" + std::to_string(o.at) + " ";
  return text;
}

}  // namespace

TEST(fixed, "a fixed loss lies within the 99.9 % interval, from 1e-6 to 0.999; 0 loses nothing and 1 everything") {
  for (const double p : {1e-6, 1e-4, 0.01, 0.3, 0.999}) {
    LossSettings settings;
    settings.good = p;
    Loss loss(settings, Dice(1, 1));
    constexpr int kPackets = 3000000;
    double lost = 0;
    for (int i = 0; i < kPackets; ++i) lost += loss.drops();
    CHECK(std::abs(lost - p * kPackets) <= interval(p, kPackets));
  }
  Bench none, all;
  LossSettings settings;
  CHECK(!Loss(settings, Dice(1, 1)).active());
  settings.good = 1;
  Loss everything(settings, Dice(1, 1));
  for (int i = 0; i < 1000000; ++i) CHECK(everything.drops());
}

TEST(bursts,
     "Gilbert-Elliott: the loss ratio, the length of the bursts and the share of the bad state are the formula's") {
  LossSettings settings{0.001, 0.01, 0.4, 0.2};
  Loss loss(settings, Dice(5, 1));
  constexpr int kPackets = 4000000;
  double lost = 0;
  for (int i = 0; i < kPackets; ++i) lost += loss.drops();
  const double expected = (0.001 * 0.2 + 0.4 * 0.01) / 0.21;
  CHECK(std::abs(lost / kPackets - expected) < 0.02 * expected);
  // K = 0, H = 1: bursts are 1/r long.
  Loss bursty(LossSettings{0, 0.01, 1, 0.25}, Dice(6, 1));
  double bursts = 0, length = 0;
  bool before = false;
  for (int i = 0; i < kPackets; ++i) {
    const bool now = bursty.drops();
    bursts += now && !before;
    length += now;
    before = now;
  }
  CHECK(std::abs(length / bursts - 4) < 0.05);
  CHECK(std::abs(length / kPackets - 0.01 / 0.26) < 0.001);
}

TEST(burst_statistics,
     "Gilbert-Elliott over many seeds: ratio, bursts and gaps within their 99.9 % intervals, no two seeds alike") {
  struct Case {
    double p, r;
  };
  for (const Case& c : {Case{0.01, 0.25}, Case{0.001, 0.05}, Case{0.2, 0.5}, Case{0.05, 0.95}}) {
    constexpr int kSeeds = 40, kPackets = 100000;
    double lost = 0, bursts = 0, gaps = 0;
    double most = 0, least = 1e9;
    for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
      Loss loss(LossSettings{0, c.p, 1, c.r}, Dice(seed, 0x20, 1));
      double of_seed = 0;
      bool before = false;
      for (int i = 0; i < kPackets; ++i) {
        const bool now = loss.drops();
        of_seed += now;
        bursts += now && !before;
        gaps += before && !now;
        before = now;
      }
      lost += of_seed;
      most = std::max(most, of_seed);
      least = std::min(least, of_seed);
    }
    constexpr double kAll = double{kSeeds} * kPackets, k = 3.2905;
    // The variance of the share of a chain of two states: pi (1 - pi) (1 + rho) / (1 - rho) with rho = 1 - p - r.
    const double pi = c.p / (c.p + c.r), rho = 1 - c.p - c.r;
    CHECK(std::abs(lost - pi * kAll) <= k * std::sqrt(pi * (1 - pi) * (1 + rho) / (1 - rho) * kAll) + kSeeds);
    // Bursts and gaps are geometric: means 1/r and 1/p, variances (1 - r)/r^2 and (1 - p)/p^2.
    CHECK(std::abs(lost / bursts - 1 / c.r) <= k * std::sqrt((1 - c.r) / bursts) / c.r + kSeeds / bursts);
    CHECK(std::abs((kAll - lost) / gaps - 1 / c.p) <= k * std::sqrt((1 - c.p) / gaps) / c.p + kSeeds / gaps / c.p);
    CHECK(most > least);
  }
}

TEST(bit_errors, "a bit error rate destroys 1 - (1 - ber)^bits of the packets, after they have used the link") {
  for (const uint32_t length : {100u, 1500u}) {
    Bench bench;
    LinkSettings link = plain_link(1000000000);
    link.bit_errors = 1e-5;
    bench.pipe(link, slots(100));
    constexpr int kPackets = 200000;
    for (int i = 0; i < kPackets; ++i) bench.put(i * Time{20000}, length);
    bench.finish();
    const double p = 1 - std::pow(1 - 1e-5, length * 8);
    CHECK(std::abs(static_cast<double>(bench.drops(Cause::kBitErrors)) - p * kPackets) <= interval(p, kPackets));
    CHECK(bench.emulator.pipe(1)->counts().packets == kPackets);
  }
}

TEST(jitter, "jitter varies the delay within its distribution and keeps the order, unless it may reorder") {
  for (const Distribution d :
       {Distribution::kUniform, Distribution::kNormal, Distribution::kPareto, Distribution::kExponential}) {
    for (const bool reorder : {false, true}) {
      Bench bench;
      LinkSettings link = plain_link(0, 50 * kMillisecond);
      link.jitter = {2 * kMillisecond, d, reorder};
      bench.pipe(link, slots(100000));
      std::vector<Time> sent;
      // Every 10 ms: the jitter is no longer than that, mostly, so that the order changes little.
      const Time every = reorder ? 100 * kMicrosecond : 100 * kMillisecond;
      for (int i = 0; i < 20000; ++i) {
        sent.push_back(i * every);
        bench.put(i * every, 100);
      }
      bench.finish();
      REQUIRE(bench.outs.size() == sent.size());
      CHECK(in_order(bench) == !reorder);
      for (size_t i = 1; i < bench.outs.size(); ++i) CHECK(bench.outs[i].at >= bench.outs[i - 1].at);
      if (reorder) continue;
      double sum = 0, squares = 0, least = 1e9, most = -1e9;
      for (const Out& o : bench.outs) {
        const double extra = static_cast<double>(o.at - sent[o.number]) * 1e-6 - 50;
        sum += extra;
        squares += extra * extra;
        least = std::min(least, extra);
        most = std::max(most, extra);
      }
      const double mean = sum / 20000, deviation = std::sqrt(squares / 20000 - mean * mean);
      if (d == Distribution::kUniform) CHECK(std::abs(mean) < 0.05 && std::abs(deviation - 2 / std::sqrt(3)) < 0.05);
      if (d == Distribution::kUniform) CHECK(least >= -2 && most <= 2);
      if (d == Distribution::kNormal) CHECK(std::abs(mean) < 0.06 && std::abs(deviation - 2) < 0.06);
      if (d == Distribution::kExponential) CHECK(std::abs(mean - 2) < 0.06 && least >= 0);
      if (d == Distribution::kPareto) CHECK(std::abs(mean - 2) < 0.15 && least >= 0);
    }
  }
}

TEST(jitter_bursts,
     "with packets closer than the jitter the order is kept all the same, and no packet comes before it may") {
  Bench bench;
  LinkSettings link = plain_link(100000000, 10 * kMillisecond);
  link.jitter = {9 * kMillisecond, Distribution::kUniform, false};
  bench.pipe(link, slots(100000));
  for (int i = 0; i < 20000; ++i) bench.put(i * 200 * kMicrosecond, 1000);
  bench.finish();
  CHECK(bench.outs.size() == 20000);
  CHECK(in_order(bench));
  for (const Out& o : bench.outs) CHECK(o.at >= Time{o.number} * 200 * kMicrosecond + kMillisecond);
}

TEST(reorder, "reorder holds the share of packets it says, so long as it says; the others keep their order and time") {
  Bench bench;
  LinkSettings link = plain_link(0, kMillisecond);
  link.reorder = 0.1;
  link.hold = 3 * kMillisecond;
  bench.pipe(link, slots(100000));
  constexpr int kPackets = 100000;
  for (int i = 0; i < kPackets; ++i) bench.put(i * kMillisecond, 100);
  bench.finish();
  double late = 0;
  for (const Out& o : bench.outs) {
    const Time delay = o.at - Time{o.number} * kMillisecond;
    CHECK(delay == kMillisecond || delay == 4 * kMillisecond);
    late += delay != kMillisecond;
  }
  CHECK(bench.outs.size() == kPackets);
  CHECK(std::abs(late - 0.1 * kPackets) <= interval(0.1, kPackets));
  CHECK(bench.emulator.pipe(1)->impairments().reordered == static_cast<uint64_t>(late));
}

TEST(duplicate, "duplicates come right behind the original, as many as are due") {
  Bench bench;
  LinkSettings link = plain_link(0, kMillisecond);
  link.duplicate = 0.05;
  bench.pipe(link, slots(100000));
  constexpr int kPackets = 100000;
  for (int i = 0; i < kPackets; ++i) bench.put(i * kMicrosecond, 100);
  bench.finish();
  const auto doubles = static_cast<double>(bench.outs.size() - kPackets);
  CHECK(std::abs(doubles - 0.05 * kPackets) <= interval(0.05, kPackets));
  CHECK(in_order(bench));
  CHECK(bench.emulator.pipe(1)->impairments().duplicated == static_cast<uint64_t>(doubles));
  CHECK(bench.emulator.pool().packets() == 0);
}

TEST(corrupt, "corrupt flips exactly one bit, never in the Ethernet header") {
  Bench bench;
  bench.keep = true;
  LinkSettings link = plain_link(0, kMillisecond);
  link.corrupt = 0.2;
  bench.pipe(link, slots(100000));
  for (int i = 0; i < 20000; ++i) bench.put(i, 100);
  bench.finish();
  uint64_t flipped = 0, wrong = 0;
  for (uint32_t i = 0; i < bench.kept.size(); ++i) {
    const std::vector<uint8_t> sent = make_frame(100, 0, i);
    int bits = 0;
    for (size_t k = 0; k < sent.size(); ++k) {
      const int n = __builtin_popcount(static_cast<unsigned>(sent[k] ^ bench.kept[i][k]));
      bits += n;
      wrong += n > 0 && k < 14;
    }
    wrong += bits > 1;
    flipped += bits == 1;
  }
  CHECK(wrong == 0);
  CHECK(std::abs(static_cast<double>(flipped) - 4000) <= interval(0.2, 20000));
}

TEST(seed,
     "one seed, one result; other seeds and other pipes decide otherwise; one impairment does not disturb another") {
  auto run = [](uint64_t seed, double duplicate, uint16_t pipe) {
    EmulatorOptions options;
    options.seed = seed;
    Bench bench(options);
    Settings s;
    s.pipes[pipe].link = plain_link(10000000, 5 * kMillisecond);
    s.pipes[pipe].link.jitter.amount = 2 * kMillisecond;
    s.pipes[pipe].link.duplicate = duplicate;
    s.pipes[pipe].queue = slots(1000);
    s.pipes[pipe].queue.loss.good = 0.05;
    bench.emulator.apply(s, 0);
    for (int i = 0; i < 2000; ++i) bench.put(i * kMillisecond, 500, 0, Target::kPipe, pipe);
    bench.finish();
    std::string numbers;
    uint32_t last = UINT32_MAX;
    for (const Out& o : bench.outs) {
      if (o.number != last) numbers += std::to_string(o.number) + " ";
      last = o.number;
    }
    return std::make_pair(digest(bench), numbers);
  };
  const auto first = run(1, 0, 1);
  CHECK(first == run(1, 0, 1));
  CHECK(first.second != run(2, 0, 1).second);
  CHECK(first.second != run(1, 0, 2).second);
  CHECK(first.second == run(1, 0.3, 1).second);  // the same packets are lost
}

TEST(profile,
     "a delay profile: exact inverse of the distribution, below a millisecond too; lost packets use the link") {
  Problem problem;
  const auto profile = Profile::parse(
      "name lab # a comment\nsamples 100\nloss-level 0.9\nbw 8Mbit/s\n\ndelay prob\n0 0\n0.5 0.5\n0.5 0.6\n2.5 1.0\n",
      &problem);
  REQUIRE(profile != nullptr);
  CHECK(profile->name() == "lab");
  CHECK(profile->bandwidth() == 8000000);
  CHECK(profile->extra(0) == 0);
  CHECK(profile->extra(0.25) == 250 * kMicrosecond);
  CHECK(profile->extra(0.55) == 500 * kMicrosecond);
  CHECK(profile->extra(0.8) == 1500 * kMicrosecond);
  Bench bench;
  LinkSettings link = plain_link(0);
  link.profile = profile;
  bench.pipe(link, slots(100000));
  constexpr int kPackets = 20000;
  for (int i = 0; i < kPackets; ++i) bench.put(0, 1000);  // one behind the other
  bench.finish();
  CHECK(std::abs(static_cast<double>(bench.drops(Cause::kProfile)) - 0.1 * kPackets) <= interval(0.1, kPackets));
  // 1 ms for the bits, and the mean of the profile: .5 * .25 + .1 * .5 + .4 * 1.5 = 0.775 ms.
  CHECK(std::abs(static_cast<double>(bench.outs.back().at) / kPackets - 1.775e6) < 0.02e6);
  CHECK(in_order(bench));
  // A vertical jump: the larger delay wins from there on.
  const auto jump = Profile::parse("prob delay\n0 1\n0.5 1\n0.5 9\n1 9\n", &problem);
  REQUIRE(jump != nullptr);
  CHECK(jump->extra(0.49) == kMillisecond);
  CHECK(jump->extra(0.5) == 9 * kMillisecond);
  // Where the points do not reach 0 and 1 the outer ones hold.
  const auto inner = Profile::parse("prob delay\n0.2 3\n0.8 5\n", &problem);
  REQUIRE(inner != nullptr);
  CHECK(inner->extra(0) == 3 * kMillisecond && inner->extra(0.99) == 5 * kMillisecond);
}

TEST(profile_bad, "profiles that are wrong are refused, with line and position") {
  struct Case {
    const char* text;
    uint32_t line, position;
  };
  const Case cases[] = {{"", 0, 0},
                        {"delay prob\n0 0\n", 2, 0},
                        {"name x\ndelay prob\n0 0\n1 2\n", 4, 2},
                        {"delay prob\n-1 0\n1 1\n", 2, 0},
                        {"  frob 1\n", 1, 2},
                        {"samples 1\n", 1, 8},
                        {"loss-level 1.5\n", 1, 11},
                        {"delay prob\n0 0 0\n", 2, 4},
                        {"bw 10parsec\n", 1, 3}};
  for (const Case& c : cases) {
    Problem problem;
    CHECK(Profile::parse(c.text, &problem) == nullptr);
    CHECK(problem.any() && problem.line == c.line && problem.position == c.position);
  }
}

TEST(delay_line, "a delay line with a limit drops what does not fit, with a cause of its own") {
  Bench bench;
  LinkSettings link = plain_link(0, kSecond);
  link.delay_limit = 10000;
  bench.pipe(link, slots(100));
  for (int i = 0; i < 50; ++i) bench.put(i, 1000);
  CHECK(bench.drops(Cause::kDelayLine) == 40);
  CHECK(bench.drops(Cause::kQueueFull) == 0);
  bench.finish();
  CHECK(bench.outs.size() == 10);
}
