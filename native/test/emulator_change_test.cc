// Changes while packets are inside: nothing is lost or reordered unless the change says so.
#include <algorithm>

#include "check.h"
#include "emulation.h"
#include "random.h"

using namespace nm::emulator;
using nm::Random;
using nm::rounds;

namespace {

FlowKey source_mask() {
  FlowKey mask;
  mask.source4 = 0xffffffff;
  mask.family = 0xff;
  return mask;
}

// Each flow's packets come out in the order they went in.
bool flows_in_order(const Bench& bench) {
  std::vector<int64_t> last(1000, -1);
  for (const Out& o : bench.outs) {
    if (int64_t{o.number} <= last[o.flow]) return false;
    last[o.flow] = o.number;
  }
  return true;
}

}  // namespace

TEST(bandwidth, "a new bandwidth holds from now on, for the packet on the wire too") {
  Bench bench;
  bench.pipe(plain_link(8000000, kMillisecond), slots(100));
  for (int i = 0; i < 3; ++i) bench.put(0, 1000);
  bench.emulator.advance(500 * kMicrosecond);  // half of the first one is out
  bench.pipe(plain_link(80000000, kMillisecond), slots(100));
  bench.finish();
  REQUIRE(bench.outs.size() == 3);
  CHECK(bench.outs[0].at == 500 * kMicrosecond + 50 * kMicrosecond + kMillisecond);
  CHECK(bench.outs[1].at == 650 * kMicrosecond + kMillisecond);
  CHECK(bench.outs[2].at == 750 * kMicrosecond + kMillisecond);
  Bench slower;
  slower.pipe(plain_link(80000000), slots(100));
  for (int i = 0; i < 2; ++i) slower.put(0, 1000);
  slower.emulator.advance(50 * kMicrosecond);
  slower.pipe(plain_link(8000000), slots(100));
  slower.finish();
  CHECK(slower.outs[0].at == 550 * kMicrosecond);
  CHECK(slower.outs[1].at == 1550 * kMicrosecond);
}

TEST(delay, "a shorter delay lets nothing overtake; a longer one holds from the next packet on") {
  Bench bench;
  bench.pipe(plain_link(0, 100 * kMillisecond), slots(100));
  bench.put(0, 100);
  bench.emulator.advance(kMillisecond);
  bench.pipe(plain_link(0, 10 * kMillisecond), slots(100));
  bench.put(2 * kMillisecond, 100);
  bench.put(99 * kMillisecond, 100);
  bench.finish();
  REQUIRE(bench.outs.size() == 3);
  CHECK(bench.outs[0].at == 100 * kMillisecond);
  CHECK(bench.outs[1].at == 100 * kMillisecond);
  CHECK(bench.outs[2].at == 109 * kMillisecond);
}

TEST(unlimited, "a pipe that stops doing anything lets no packet overtake those that are inside") {
  Bench bench;
  bench.pipe(plain_link(8000, 100 * kMillisecond), slots(100));
  for (int i = 0; i < 5; ++i) bench.put(0, 100);
  bench.emulator.advance(kMillisecond);
  bench.pipe(plain_link(0, 0), slots(100));
  CHECK(bench.put(2 * kMillisecond, 100) == Outcome::kTaken);
  bench.finish();
  CHECK(bench.outs.size() == 6);
  CHECK(flows_in_order(bench));
  CHECK(bench.put(kFarthest / 2, 100) == Outcome::kPass);
}

TEST(anything,
     "whatever is changed while packets wait: none is lost, each flow keeps its order, the memory is given back") {
  Random random(Random::seed());
  for (uint32_t round = 0; round < rounds(150); ++round) {
    EmulatorOptions options;
    options.seed = round + 1;
    Bench bench(options);
    auto settings = [&] {
      Settings s;
      const SchedulerType types[] = {SchedulerType::kFifo, SchedulerType::kRoundRobin, SchedulerType::kWf2q,
                                     SchedulerType::kQfq,  SchedulerType::kPriority,   SchedulerType::kFqCodel,
                                     SchedulerType::kFqPie};
      for (uint16_t n = 1; n <= 2; ++n) {
        PipeSettings& p = s.pipes[n];
        p.link = plain_link(random.below(8) ? 1000000 + random.below(90000000) : 0, random.below(20) * kMillisecond);
        p.queue = slots(100000);
        if (random.below(2)) p.type = types[random.below(7)];
        p.fair.limit = 1000000;
        p.fair.codel.target = p.fair.pie.target = 5 * kSecond;  // so that they drop nothing
        p.fair.pie.max_burst = 10000 * kSecond;
        if (random.below(4) == 0) p.mask = source_mask();
        if (random.below(4) == 0) p.link.burst = random.below(100000);
      }
      for (uint16_t n = 1; n <= 3; ++n) {
        QueueSettings& q = s.queues[n];
        q = slots(100000);
        q.scheduler = 1;
        q.weight = 1 + random.below(50);
        if (random.below(2)) q.mask = source_mask();
        if (random.below(2)) q.priority = random.below(10);
      }
      return s;
    };
    bench.emulator.apply(settings(), 0);
    uint64_t taken = 0, passed = 0;
    Time now = 0;
    std::vector<int64_t> way(20);
    for (size_t f = 0; f < way.size(); ++f) way[f] = random.below(4);
    for (int step = 0; step < 600; ++step) {
      now += random.below(300) * kMicrosecond;
      // A flow always takes the same way: its order is its way's.
      const uint32_t flow = random.below(20);
      const auto target = way[flow] == 0 ? Target::kPipe : Target::kQueue;
      const auto number = static_cast<uint16_t>(way[flow] == 0 ? 1 : way[flow]);
      const Outcome o = bench.put(now, 60 + random.below(1400), flow, target, number);
      taken += o == Outcome::kTaken;
      passed += o == Outcome::kPass;
      CHECK(o != Outcome::kDropped);
      if (random.below(25) == 0) bench.emulator.apply(settings(), now);
    }
    bench.finish();
    CHECK(bench.outs.size() == taken);
    CHECK(taken + passed == 600);
    CHECK(flows_in_order(bench));
    CHECK(bench.emulator.pool().packets() == 0);
  }
}

TEST(deleted, "deleting a queue or a pipe drops what it holds, and says so; the others go on") {
  Bench bench;
  Settings s;
  s.pipes[1].link = plain_link(8000);
  s.queues[1].scheduler = s.queues[2].scheduler = 1;
  bench.emulator.apply(s, 0);
  for (int i = 0; i < 5; ++i) {
    bench.put(0, 100, 1, Target::kQueue, 1);
    bench.put(0, 100, 2, Target::kQueue, 2);
  }
  s.queues.erase(2);
  bench.emulator.apply(s, 0);
  CHECK(bench.emulator.drops()[Cause::kFlushed] == 5);
  CHECK(bench.put(0, 100, 2, Target::kQueue, 2) == Outcome::kDropped);
  bench.emulator.advance(kSecond / 5);
  CHECK(bench.outs.size() == 2);
  s.pipes.erase(1);
  bench.emulator.apply(s, kSecond / 5);
  CHECK(bench.emulator.drops()[Cause::kFlushed] == 8);
  CHECK(bench.put(kSecond, 100, 1, Target::kQueue, 1) == Outcome::kDropped);
  CHECK(bench.emulator.queue(1)->sink.drops[Cause::kNoTarget] == 1);
  CHECK(bench.emulator.empty());
  CHECK(bench.emulator.pool().packets() == 0);
}

TEST(masks, "a mask of a pipe gives each flow a link of its own, one of a queue a share of the same link") {
  Bench own;
  Settings s;
  s.pipes[1].link = plain_link(8000000);
  s.pipes[1].mask = source_mask();
  own.emulator.apply(s, 0);
  for (uint32_t flow = 1; flow <= 10; ++flow) own.put(0, 1000, flow);
  own.finish();
  REQUIRE(own.outs.size() == 10);
  for (const Out& o : own.outs) CHECK(o.at == kMillisecond);
  Bench shared;
  s.pipes[1].mask.reset();
  s.queues[1].scheduler = 1;
  s.queues[1].mask = source_mask();
  shared.emulator.apply(s, 0);
  for (int i = 0; i < 20; ++i) {
    for (uint32_t flow = 1; flow <= 4; ++flow) shared.put(0, 1000, flow, Target::kQueue, 1);
  }
  shared.emulator.advance(40 * kMillisecond);
  int counts[5] = {};
  for (const Out& o : shared.outs) ++counts[o.flow];
  for (int flow = 1; flow <= 4; ++flow) CHECK(counts[flow] >= 9 && counts[flow] <= 11);
}

TEST(budget, "what is sent to a pipe itself and what its queues send share one link") {
  Bench bench;
  Settings s;
  s.pipes[1].link = plain_link(8000000);
  s.queues[1].scheduler = 1;
  s.queues[1].weight = 3;
  bench.emulator.apply(s, 0);
  for (int i = 0; i < 40; ++i) {
    bench.put(0, 1000, 1, Target::kPipe, 1);
    bench.put(0, 1000, 2, Target::kQueue, 1);
  }
  bench.emulator.advance(40 * kMillisecond);
  CHECK(bench.outs.size() == 40);
  const auto direct = std::count_if(bench.outs.begin(), bench.outs.end(), [](const Out& o) { return o.flow == 1; });
  CHECK(direct >= 9 && direct <= 11);
}

TEST(expire, "flows that have been idle for long are forgotten, busy ones are not") {
  Bench bench;
  Settings s;
  s.expire = kSecond;
  s.pipes[1].link = plain_link(1000000000);
  s.queues[1].scheduler = 1;
  s.queues[1].mask = source_mask();
  s.pipes[2].link = plain_link(1000000000);
  s.pipes[2].mask = source_mask();
  bench.emulator.apply(s, 0);
  auto flows = [&](uint16_t pipe) {
    size_t queues = 0, instances = 0;
    bench.emulator.pipe(pipe)->each_instance([&](const Instance* i) {
      queues += i->queues.size();
      ++instances;
    });
    return pipe == 1 ? queues : instances;
  };
  for (uint32_t i = 0; i < 900; ++i) {
    bench.put(i * kMillisecond, 100, i, Target::kQueue, 1);
    bench.put(i * kMillisecond, 100, i, Target::kPipe, 2);
  }
  CHECK(flows(1) == 900 && flows(2) == 900);
  for (int i = 900; i < 5000; ++i) bench.put(i * kMillisecond, 100, 5, Target::kQueue, 1);
  CHECK(flows(1) == 1 && flows(2) == 0);
}

TEST(many_flows, "200,000 flows by a mask have queues of their own, and are forgotten; their memory is used again") {
  Bench bench;
  Settings s;
  s.expire = kSecond;
  s.pipes[1].link = plain_link(10000000000);
  s.queues[1].scheduler = 1;
  s.queues[1].mask = source_mask();
  bench.emulator.apply(s, 0);
  auto flows = [&] {
    size_t queues = 0;
    bench.emulator.pipe(1)->each_instance([&](const Instance* i) { queues += i->queues.size(); });
    return queues;
  };
  constexpr uint32_t kFlows = 200000;
  const Time every = 5 * kMicrosecond;
  Time now = 0;
  uint64_t held = 0;
  for (int round = 0; round < 3; ++round) {
    for (uint32_t i = 0; i < kFlows; ++i, now += every) bench.put(now, 60, i, Target::kQueue, 1);
    CHECK(flows() == kFlows);
    CHECK(held == 0 || bench.emulator.pool().memory().held() == held);
    held = bench.emulator.pool().memory().held();
    now += 100 * kSecond;
    for (uint32_t i = 0; flows() > 0 && i < 100000; ++i) bench.emulator.advance(now += 10 * kMillisecond);
    CHECK(flows() == 0);
  }
  CHECK(bench.outs.size() == 3 * kFlows);
  CHECK(held >= kFlows * 256 && held < kFlows * 256 * 1.1 + (4 << 20));
}

TEST(flow_memory, "flows count for the memory: whose flow finds none is dropped as `memory`, the others go on") {
  for (const bool links : {false, true}) {
    EmulatorOptions options;
    options.memory = 8 << 20;
    Bench bench(options);
    Settings s;
    s.expire = kSecond;
    s.pipes[1].link = plain_link(1000000000);
    s.queues[1].scheduler = 1;
    (links ? *(s.pipes[1].mask = FlowKey()) : s.queues[1].mask) = source_mask();
    bench.emulator.apply(s, 0);
    uint64_t dropped = 0;
    for (uint32_t i = 0; i < 40000; ++i) bench.put(i * kMicrosecond, 60, i, Target::kQueue, 1);
    dropped = bench.emulator.queue(1)->sink.drops[Cause::kMemory];
    CHECK(dropped > 10000 && dropped < 40000);
    CHECK(bench.emulator.pool().memory().held() <= options.memory);
    // A flow that is known goes on, and so do others once old ones are forgotten.
    CHECK(bench.put(50 * kMillisecond, 60, 0, Target::kQueue, 1) == Outcome::kTaken);
    for (int i = 0; i < 1000; ++i) bench.emulator.advance(10 * kSecond + i * 10 * kMillisecond);
    bench.put(20 * kSecond, 60, 39999, Target::kQueue, 1);
    bench.finish();
    CHECK(bench.emulator.queue(1)->sink.drops[Cause::kMemory] == dropped);
    CHECK(bench.outs.size() == 40002 - dropped);
    CHECK(bench.emulator.pool().packets() == 0);
  }
}

TEST(chain, "a packet that comes out of one pipe may go into another, at the time it came out") {
  struct Chain : Output {
    Emulator emulator{EmulatorOptions(), this};
    std::vector<Time> out;
    void leave(Packet* packet, Time at) override {
      if (packet->cookie++ == 0) {
        CHECK(emulator.submit(Target::kPipe, 2, packet, at) == Outcome::kTaken);
        return;
      }
      out.push_back(at);
      emulator.release(packet);
    }
  } chain;
  Settings s;
  s.pipes[1].link = plain_link(8000000, 3 * kMillisecond);
  s.pipes[2].link = plain_link(800000, 5 * kMillisecond);
  chain.emulator.apply(s, 0);
  const std::vector<uint8_t> frame = make_frame(100);
  for (int i = 0; i < 10; ++i) {
    chain.emulator.submit(Target::kPipe, 1, frame.data(), 100, {}, 0);
  }
  chain.emulator.advance(kSecond);  // in one step: the times are those of the events
  REQUIRE(chain.out.size() == 10);
  for (int i = 0; i < 10; ++i) CHECK(chain.out[i] == 8100 * kMicrosecond + (i + 1) * kMillisecond);
}
