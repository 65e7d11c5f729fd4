// When packets come out of a link, to the nanosecond, against exact rational arithmetic.
#include <algorithm>
#include <cmath>

#include "check.h"
#include "emulation.h"
#include "random.h"

using namespace nm::emulator;
using nm::Random;
using nm::rounds;

namespace {

using Wide = unsigned __int128;

// The formula: start = max(arrival, end of the one before), end = start + 8L/B, out = end + D. In units of 1/B ns.
struct Exact {
  uint64_t bandwidth;
  Time delay;
  Wide end = 0;
  Time out(Time arrival, uint64_t bytes) {
    const Wide start = std::max(static_cast<Wide>(arrival) * bandwidth, end);
    end = start + static_cast<Wide>(bytes) * 8 * kSecond;
    return static_cast<Time>((end + bandwidth - 1) / bandwidth) + delay;
  }
};

uint64_t any_bandwidth(Random* random) {
  uint64_t bandwidth = 1;
  for (uint32_t digits = random->below(12); digits > 0; --digits) bandwidth = bandwidth * 10 + random->below(10);
  return std::min<uint64_t>(std::max<uint64_t>(bandwidth, 8), 100000000000);
}

}  // namespace

TEST(exact, "FIFO: every packet leaves at the exact time, rounded up, for any bandwidth, size and arrivals") {
  Random random(Random::seed());
  uint64_t wrong = 0, packets = 0;
  for (uint32_t round = 0; round < rounds(300); ++round) {
    Bench bench;
    const uint64_t bandwidth = any_bandwidth(&random);
    const Time delay = random.below(2) ? random.below(100) * kMillisecond + random.below(1000) : 0;
    bench.pipe(plain_link(bandwidth, delay), slots(100000));
    Exact exact{bandwidth, delay};
    std::vector<Time> expected;
    // The load changes from far below to far above the bandwidth.
    const double mean = 8e9 * 700 / static_cast<double>(bandwidth) * (0.5 + random.below(3));
    Time now = 0;
    for (int i = 0; i < 300; ++i) {
      const uint32_t length = 46 + random.below(random.below(4) ? 1469 : 9000);
      now += static_cast<Time>(-std::log((random.next() + 1.0) / 4294967297.0) * mean);
      CHECK(bench.put(now, length) == Outcome::kTaken);
      expected.push_back(exact.out(now, length));
    }
    bench.finish();
    REQUIRE(bench.outs.size() == expected.size());
    for (size_t i = 0; i < expected.size(); ++i) {
      ++packets;
      wrong += bench.outs[i].at != expected[i] || bench.outs[i].number != i;
    }
  }
  CHECK(wrong == 0);
  CHECK(packets >= 300);
}

TEST(rate, "a backlogged link of any bandwidth up to 100 Gbit/s loses no bit in a second, or in two million packets") {
  for (const uint64_t bandwidth : {56000u, 333333333u, 1000000007u}) {
    for (const uint64_t factor : {1, 99}) {
      for (const uint32_t length : {60u, 64u, 1514u}) {
        const uint64_t b = std::min<uint64_t>(bandwidth * factor, 100000000000);
        auto wire = Wire::make(plain_link(b), 0);
        Wide bits = 0;
        Sent sent{0, 0};
        for (int i = 0; sent.last <= kSecond && i < 2000000; ++i) {
          sent = wire->send(uint64_t{length} * 8, 0, wire->free_at(0) == 0 && bits == 0 ? 0 : sent.last, bits != 0);
          bits += length * 8;
        }
        CHECK(sent.last == static_cast<Time>((bits * kSecond + b - 1) / b));
      }
    }
  }
}

TEST(lengths, "what a frame costs: frame, with CRC, on the wire, and a number of bytes") {
  struct Case {
    Overhead overhead;
    uint32_t length, bytes;
  };
  const Case cases[] = {{{Overhead::Kind::kFrame, 0, 0}, 50, 50},     {{Overhead::Kind::kFrameCrc, 4, 60}, 1514, 1518},
                        {{Overhead::Kind::kFrameCrc, 4, 60}, 50, 64}, {{Overhead::Kind::kWire, 24, 60}, 1514, 1538},
                        {{Overhead::Kind::kWire, 24, 60}, 50, 84},    {{Overhead::Kind::kBytes, -14, 0}, 1514, 1500},
                        {{Overhead::Kind::kBytes, -140, 0}, 100, 1}};
  for (const Case& c : cases) {
    Bench bench;
    LinkSettings link = plain_link(8000000);  // a byte a microsecond
    link.overhead = c.overhead;
    bench.pipe(link);
    bench.put(1000, c.length);
    bench.finish();
    REQUIRE(bench.outs.size() == 1);
    CHECK(bench.outs[0].at == 1000 + c.bytes * kMicrosecond);
  }
}

TEST(release, "release start: a packet leaves with its first bit, for an output that serialises again") {
  Bench bench;
  LinkSettings link = plain_link(8000000, 5 * kMillisecond);
  link.release = Release::kStart;
  bench.pipe(link);
  for (int i = 0; i < 3; ++i) bench.put(0, 1000);
  bench.finish();
  REQUIRE(bench.outs.size() == 3);
  for (int i = 0; i < 3; ++i) CHECK(bench.outs[i].at == 5 * kMillisecond + i * kMillisecond);
}

TEST(burst,
     "burst: after an idle time min(burst, B * t) bytes leave at once, the next one when its bits are paid for") {
  Bench bench;
  LinkSettings link = plain_link(8000000);
  link.burst = 3500;
  bench.pipe(link, slots(100));
  auto train = [&](Time at) {
    bench.outs.clear();
    for (int i = 0; i < 6; ++i) bench.put(at, 1000);
    bench.emulator.advance(at + 100 * kMillisecond);
  };
  train(0);
  REQUIRE(bench.outs.size() == 6);
  for (int i = 0; i < 3; ++i) CHECK(bench.outs[i].at == 0);
  for (int i = 3; i < 6; ++i) CHECK(bench.outs[i].at == (i - 2) * kMillisecond - kMillisecond / 2);
  train(200 * kMillisecond);  // and again
  REQUIRE(bench.outs.size() == 6);
  for (int i = 0; i < 3; ++i) CHECK(bench.outs[i].at == 200 * kMillisecond);
  // Idle since 2.5 ms: 1200 bytes are earned by 3.7 ms.
  Bench other;
  other.pipe(link, slots(100));
  for (int i = 0; i < 6; ++i) other.put(0, 1000);
  other.put(3700 * kMicrosecond, 1000);
  other.put(3700 * kMicrosecond, 1000);
  other.finish();
  REQUIRE(other.outs.size() == 8);
  CHECK(other.outs[6].at == 3700 * kMicrosecond);
  CHECK(other.outs[7].at == 4500 * kMicrosecond);
}

TEST(occupancy,
     "a queue of 50 slots holds 50 packets beside the one on the wire; one of bytes never more than it says") {
  Bench bench;
  bench.pipe(plain_link(8000000));
  for (int i = 0; i < 60; ++i) bench.put(0, 1000);
  CHECK(bench.drops(Cause::kQueueFull) == 9);
  bench.finish();
  CHECK(bench.outs.size() == 51);
  Bench bytes;
  QueueSettings queue;
  queue.size = {2500, true};
  bytes.pipe(plain_link(8000000), queue);
  for (int i = 0; i < 5; ++i) bytes.put(0, 1000);
  CHECK(bytes.drops(Cause::kQueueFull) == 2);
}

TEST(pass, "a pipe that does nothing lets packets pass without a copy") {
  Bench bench;
  bench.pipe(LinkSettings());
  CHECK(bench.put(5, 100) == Outcome::kPass);
  CHECK(bench.emulator.pool().memory().held() == 0);
  CHECK(bench.emulator.pipe(1)->counts().out_packets == 1);
  CHECK(bench.put(5, 100, 0, Target::kPipe, 2) == Outcome::kDropped);
  CHECK(bench.emulator.drops()[Cause::kNoTarget] == 1);
}

TEST(tick, "with dummynet's clock the error against the formula is what dummynet's is: -2 to +1 ticks") {
  Random random(Random::seed());
  for (const Time tick : {kMillisecond, 200 * kMicrosecond}) {
    for (const uint64_t bandwidth : {1000000u, 10000000u, 1000000000u}) {
      for (const double load : {0.5, 0.95}) {
        Bench bench;
        LinkSettings link = plain_link(bandwidth, 20 * kMillisecond);
        link.tick = tick;
        bench.pipe(link, slots(100000));
        Exact exact{bandwidth, link.delay};
        std::vector<Time> expected;
        Time now = 0;
        const double mean = 8e9 * 713 / static_cast<double>(bandwidth) / load;
        for (int i = 0; i < 3000; ++i) {
          const uint32_t sizes[] = {64, 576, 1500};
          const uint32_t length = sizes[random.below(3)];
          now += static_cast<Time>(-std::log((random.next() + 1.0) / 4294967297.0) * mean);
          bench.put(now, length);
          expected.push_back(exact.out(now, length));
        }
        bench.finish();
        REQUIRE(bench.outs.size() == expected.size());
        double least = 1e9, most = -1e9;
        for (size_t i = 0; i < expected.size(); ++i) {
          const auto error = static_cast<double>(bench.outs[i].at - expected[i]) / static_cast<double>(tick);
          least = std::min(least, error);
          most = std::max(most, error);
        }
        CHECK(least >= -2 && most <= 1);
        CHECK(least < -0.3);
      }
    }
  }
}

TEST(memory,
     "the memory limit drops packets with a cause of its own, and full-size frames cost less than 1.1 times their "
     "size") {
  EmulatorOptions options;
  options.memory = 8 << 20;
  Bench bench(options);
  bench.pipe(plain_link(0, kSecond), slots(100000));
  for (int i = 0; i < 10000; ++i) bench.put(0, 1514);
  const uint64_t dropped = bench.drops(Cause::kMemory);
  CHECK(dropped > 0);
  CHECK(bench.emulator.pool().memory().held() <= options.memory);
  const auto inside = static_cast<double>((10000 - dropped) * 1514);
  CHECK(static_cast<double>(bench.emulator.pool().memory().held()) < 1.1 * inside);
  bench.finish();
  CHECK(bench.outs.size() == 10000 - dropped);
  CHECK(bench.emulator.pool().packets() == 0);
}
