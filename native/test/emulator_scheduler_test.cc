// Schedulers against the bounds that theory gives them: how far a backlogged flow falls behind its share, at any time.
#include <algorithm>
#include <memory>

#include "check.h"
#include "emulation.h"
#include "random.h"

using namespace nm::emulator;
using nm::Random;
using nm::rounds;

namespace {

// Flows that are kept backlogged (or go on and off) before a scheduler.
class Fight {
 public:
  Fight(SchedulerType type, uint64_t seed) : random(seed), pool_(uint64_t{1} << 30) {
    own_ = std::make_unique<FlowSet>(uint16_t{0}, QueueSettings(), &pool_, &log_, Dice(1, 1));
    scheduler = Scheduler::make(type, FairSettings(), own_.get(), 1);
  }
  ~Fight() {
    PacketList all;
    scheduler->drain(&all);
  }
  void add(uint32_t weight, uint32_t least, uint32_t most, std::optional<uint32_t> priority = {}) {
    QueueSettings s;
    s.weight = weight;
    s.size = {1000000, false};
    s.priority = priority;
    s.max_length = most;
    sets_.push_back(std::make_unique<FlowSet>(static_cast<uint16_t>(sets_.size() + 1), s, &pool_, &log_, Dice(1, 1)));
    FlowKey key;
    key.set = static_cast<uint16_t>(sets_.size());
    queues.emplace_back(new (&room_) Queue(sets_.back().get(), key, 0));
    scheduler->adopt(queues.back().get());
    flows.push_back({weight, least, most, 0, 0, 0, 0});
    sum += weight;
    longest = std::max(longest, most);
  }
  void put(size_t flow) {
    const Flow& f = flows[flow];
    Packet* p = pool_.take(f.least + random.below(f.most - f.least + 1));
    p->flow_set = static_cast<uint16_t>(flow + 1);
    scheduler->enqueue(queues[flow].get(), p, 0);
  }
  // Sends one packet and accounts for it. -1 when there was none.
  int send() {
    Packet* p = scheduler->dequeue(0);
    if (!p) return -1;
    const int flow = p->flow_set - 1;
    flows[flow].sent += p->length;
    total += p->length;
    pool_.give(p);
    return flow;
  }
  // How far flow i is behind the best point so far, its share of all weights being due to it.
  void measure(size_t i) {
    Flow& f = flows[i];
    const double lag = static_cast<double>(f.weight) / static_cast<double>(sum) * static_cast<double>(total) -
                       static_cast<double>(f.sent);
    f.least_lag = std::min(f.least_lag, lag);
    f.worst = std::max(f.worst, lag - f.least_lag);
  }
  void run_backlogged(uint64_t bytes) {
    for (size_t i = 0; i < flows.size(); ++i) {
      put(i);
      put(i);
    }
    for (auto& f : flows) f.least_lag = 1e18;
    while (total < bytes) {
      const int flow = send();
      if (flow < 0) return;
      put(static_cast<size_t>(flow));
      for (size_t i = 0; i < flows.size(); ++i) measure(i);
    }
  }
  struct Flow {
    uint32_t weight, least, most;
    uint64_t sent;
    double least_lag, worst;
    int on;
  };
  std::vector<Flow> flows;

 private:
  Memory memory_{uint64_t{1} << 30};
  QueuePool room_{&memory_};

 public:
  std::vector<std::unique_ptr<Queue>> queues;
  std::unique_ptr<Scheduler> scheduler;
  Random random;
  uint64_t sum = 0, total = 0;
  uint32_t longest = 0;

 private:
  const Time clock_ = 0;
  DropLog log_{&clock_};
  PacketPool pool_;
  std::unique_ptr<FlowSet> own_;
  std::vector<std::unique_ptr<FlowSet>> sets_;
};

void random_flows(Fight* fight, Random* random, uint32_t most_weight) {
  const uint32_t n = 2 + random->below(40);
  for (uint32_t i = 0; i < n; ++i) {
    const uint32_t a = 60 + random->below(1441), b = 60 + random->below(1441);
    const uint32_t weight = random->below(3) ? 1 + random->below(8) : 1 + random->below(most_weight);
    fight->add(weight, std::min(a, b), std::max(a, b));
  }
}

double share(const Fight& f, size_t i) {
  return static_cast<double>(f.flows[i].weight) / static_cast<double>(f.sum);
}

double worst_ratio_wf2q(const Fight& f) {
  double worst = 0;
  for (size_t i = 0; i < f.flows.size(); ++i) {
    worst = std::max(worst, f.flows[i].worst / ((2 + share(f, i)) * f.longest));
  }
  return worst;
}

double worst_ratio_qfq(const Fight& f) {
  double worst = 0;
  for (size_t i = 0; i < f.flows.size(); ++i) {
    worst = std::max(worst, f.flows[i].worst / (7.0 * f.flows[i].most + 2 * share(f, i) * f.longest));
  }
  return worst;
}

}  // namespace

TEST(wf2q_bound, "WF2Q+: no backlogged flow is ever behind its share by more than (2 + phi) * Lmax") {
  Random random(Random::seed());
  double worst = 0;
  for (uint32_t i = 0; i < rounds(60); ++i) {
    Fight fight(SchedulerType::kWf2q, random.next());
    random_flows(&fight, &random, 100);
    fight.run_backlogged(3000000);
    worst = std::max(worst, worst_ratio_wf2q(fight));
  }
  std::printf("# worst lag: %.2f of the bound\n", worst);
  CHECK(worst <= 1);
}

TEST(qfq_bound, "QFQ: no backlogged flow is ever behind its share by more than its bound, by the true sum of weights") {
  Random random(Random::seed());
  double worst = 0;
  for (uint32_t i = 0; i < rounds(60); ++i) {
    Fight fight(SchedulerType::kQfq, random.next());
    random_flows(&fight, &random, 1000);
    fight.run_backlogged(3000000);
    worst = std::max(worst, worst_ratio_qfq(fight));
  }
  std::printf("# worst lag: %.2f of the bound\n", worst);
  CHECK(worst <= 1);
}

TEST(heavy, "a heavy flow among 32 light ones: QFQ and WF2Q+ keep it near its share, round robin only within a round") {
  double lag[3];
  int i = 0;
  for (const SchedulerType type : {SchedulerType::kQfq, SchedulerType::kWf2q, SchedulerType::kRoundRobin}) {
    Fight fight(type, 7);
    for (int n = 0; n < 32; ++n) fight.add(1, 64, 1500);
    fight.add(50, 64, 1500);
    fight.run_backlogged(8000000);
    lag[i++] = fight.flows[32].worst;
  }
  std::printf("# worst lag of the heavy flow: QFQ %.0f, WF2Q+ %.0f, RR %.0f bytes\n", lag[0], lag[1], lag[2]);
  CHECK(lag[0] < 9300);
  CHECK(lag[1] < 3000 * 1.5);
  CHECK(lag[2] > 20000);
}

TEST(on_off, "flows that come and go do not push a backlogged one behind by more than a few packets") {
  for (const SchedulerType type : {SchedulerType::kQfq, SchedulerType::kWf2q}) {
    double worst = 0;
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      Fight fight(type, seed);
      for (int n = 0; n < 32; ++n) fight.add(1, 64, 1500);
      fight.add(50, 64, 1500);
      fight.put(32);
      fight.put(32);
      fight.flows[32].least_lag = 1e18;
      for (int step = 0; step < 20000; ++step) {
        for (int k = 0; k < 2; ++k) {
          const uint32_t n = fight.random.below(32);
          if (fight.queues[n]->packets.count() < 3 && fight.random.below(3) == 0) fight.put(n);
        }
        if (fight.send() == 32) fight.put(32);
        fight.measure(32);
      }
      worst = std::max(worst, fight.flows[32].worst);
    }
    std::printf("# worst lag of the heavy flow among flows that come and go: %.0f bytes\n", worst);
    CHECK(worst < (type == SchedulerType::kQfq ? 10600 : 15000));
  }
}

TEST(wrap, "virtual time wraps around, also while flows come and go, and nobody falls behind by it") {
  for (const SchedulerType type : {SchedulerType::kWf2q, SchedulerType::kQfq}) {
    Fight fight(type, 11);
    for (const uint32_t weight : {1u, 1u, 2u})
      fight.add(weight, 40000, 60000);  // 2^63 are over in some 200,000 packets
    fight.add(1, 60, 60000);
    for (size_t i = 0; i < 3; ++i) {
      fight.put(i);
      fight.put(i);
    }
    for (auto& f : fight.flows) f.least_lag = 1e18;
    for (int step = 0; step < 700000; ++step) {
      const int flow = fight.send();
      REQUIRE(flow >= 0);
      if (flow < 3) fight.put(static_cast<size_t>(flow));
      if (fight.random.below(50) == 0 && fight.queues[3]->empty()) fight.put(3);
      for (size_t i = 0; i < 3; ++i) fight.measure(i);
    }
    for (size_t i = 0; i < 3; ++i) {
      const double bound = type == SchedulerType::kWf2q ? 3.0 * 60000 : 7.0 * 60000 + 2 * 60000;
      if (fight.flows[i].worst > bound) std::printf("# flow %zu: %.0f\n", i, fight.flows[i].worst);
      CHECK(fight.flows[i].worst <= bound);
    }
  }
}

TEST(shares, "in the long run bytes are shared by weight, with all three, within the bound of each") {
  for (const SchedulerType type : {SchedulerType::kRoundRobin, SchedulerType::kWf2q, SchedulerType::kQfq}) {
    Fight fight(type, 3);
    for (const uint32_t weight : {1u, 2u, 4u, 8u, 50u}) fight.add(weight, 60, 1500);
    fight.run_backlogged(20000000);
    for (size_t i = 0; i < fight.flows.size(); ++i) {
      const double due = share(fight, i) * static_cast<double>(fight.total);
      const double slack = type == SchedulerType::kRoundRobin ? 1500.0 * 65 * share(fight, i) + 3000 : 12000;
      CHECK(std::abs(static_cast<double>(fight.flows[i].sent) - due) <= slack);
    }
  }
}

TEST(round_bound, "round robin: two backlogged flows differ by one round and a packet each, at any time") {
  Fight fight(SchedulerType::kRoundRobin, 5);
  fight.add(1, 60, 1500);
  fight.add(3, 60, 1500);
  fight.add(7, 1500, 1500);
  for (size_t i = 0; i < 3; ++i) {
    fight.put(i);
    fight.put(i);
  }
  double least = 1e18, most = -1e18;
  const double q0 = 1 * 1500, q1 = 3 * 1500;
  while (fight.total < 5000000) {
    fight.put(static_cast<size_t>(fight.send()));
    const double d = static_cast<double>(fight.flows[0].sent) / q0 - static_cast<double>(fight.flows[1].sent) / q1;
    least = std::min(least, d);
    most = std::max(most, d);
  }
  CHECK(most - least <= 1 + 1500 / q0 + 1500 / q1);
}

TEST(priority, "strict priorities: as long as level 0 has packets the others get nothing; equal ones take turns") {
  Fight fight(SchedulerType::kPriority, 5);
  fight.add(1, 100, 100, 0);
  fight.add(1, 100, 100, 63);
  fight.add(1, 100, 100, 40);
  fight.add(1, 100, 100, 40);
  for (int i = 0; i < 10; ++i) {
    for (size_t flow = 0; flow < 4; ++flow) fight.put(flow);
  }
  std::string order;
  for (int flow = fight.send(); flow >= 0; flow = fight.send()) order += static_cast<char>('0' + flow);
  CHECK(order == "0000000000232323232323232323231111111111");
}

TEST(priority_weight, "a queue without `pri` has its weight as priority, as configurations for dummynet mean it") {
  Fight fight(SchedulerType::kPriority, 5);
  fight.add(9, 100, 100);
  fight.add(3, 100, 100);
  fight.put(0);
  fight.put(1);
  CHECK(fight.send() == 1);
  CHECK(fight.send() == 0);
}

TEST(random_walk,
     "whatever comes and goes, nothing is lost, nothing waits while the link is free, flows keep their order") {
  Random random(Random::seed());
  for (const SchedulerType type :
       {SchedulerType::kRoundRobin, SchedulerType::kWf2q, SchedulerType::kQfq, SchedulerType::kPriority}) {
    for (uint32_t round = 0; round < rounds(20); ++round) {
      Fight fight(type, random.next());
      for (uint32_t i = 0; i < 40; ++i) {
        fight.add(1 + random.below(random.below(2) ? 100 : 60000), 60, random.below(8) ? 1500 : 30000,
                  random.below(64));
      }
      uint64_t inside = 0;
      uint64_t wrong = 0;
      for (int step = 0; step < 5000; ++step) {
        if (random.below(100) == 0) {
          while (fight.send() >= 0) --inside;
          fight.scheduler->restart();
        }
        for (uint32_t n = random.below(4); n > 0; --n, ++inside) fight.put(random.below(40));
        for (uint32_t n = random.below(4); n > 0; --n) {
          const int flow = fight.send();
          wrong += (flow < 0) != (inside == 0);
          if (flow >= 0) --inside;
        }
        wrong += fight.scheduler->backlogged() != (inside > 0);
        if (random.below(50) == 0) {
          Queue* q = fight.queues[random.below(40)].get();
          q->set->settings.weight = 1 + random.below(100);
          fight.scheduler->adopt(q);
          if (q->empty() && random.below(2)) {
            fight.scheduler->forget(q);
            fight.scheduler->adopt(q);
          }
        }
      }
      while (fight.send() >= 0) --inside;
      CHECK(inside == 0);
      CHECK(wrong == 0);
    }
  }
}
