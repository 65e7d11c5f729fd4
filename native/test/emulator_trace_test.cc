// Links that change over time.
#include <algorithm>
#include <cmath>

#include "check.h"
#include "emulation.h"
#include "random.h"

using namespace nm::emulator;
using nm::Random;
using nm::rounds;

namespace {

std::shared_ptr<const Trace> must(const std::string& text) {
  Problem problem;
  auto trace = Trace::parse(text, &problem);
  if (!trace) std::printf("# %u:%u %s\n", problem.line, problem.position, problem.message.c_str());
  return trace;
}

LinkSettings traced(const std::string& text, Time delay = 0) {
  LinkSettings link = plain_link(0, delay);
  link.trace = must(text);
  return link;
}

}  // namespace

TEST(table, "a table: bits pass at the bandwidth of their moment, exactly, across changes, outages and the end") {
  Random random(Random::seed());
  uint64_t wrong = 0;
  for (uint32_t round = 0; round < rounds(60); ++round) {
    std::string text;
    std::vector<std::pair<Time, uint64_t>> steps;  // whole microseconds, so that a bit per ns can be counted
    Time at = 0;
    for (uint32_t i = 0; i < 2 + random.below(8); ++i) {
      const uint64_t bandwidth = random.below(4) ? 1 + random.below(2000) : 0;  // Mbit/s
      steps.push_back({at, i == 0 ? 7 : bandwidth});
      text += std::to_string(at / 1000) + "us " + std::to_string(steps.back().second) + "Mbit/s\n";
      at += (1 + random.below(300)) * kMicrosecond;
    }
    text += std::to_string(at / 1000) + "us end\n";
    const Time period = at;
    Bench bench;
    bench.pipe(traced(text), slots(1000));
    std::vector<uint32_t> lengths;
    for (int i = 0; i < 40; ++i) {
      lengths.push_back(50 + random.below(1000));
      bench.put(0, lengths.back());
    }
    bench.finish();
    REQUIRE(bench.outs.size() == 40);
    // Counted in thousandths of a bit, nanosecond by nanosecond.
    uint64_t sent = 0, due = 0;
    Time now = 0;
    size_t step = 0;
    for (size_t i = 0; i < 40; ++i) {
      due += uint64_t{lengths[i]} * 8 * 1000;
      while (sent < due) {
        const Time in_round = now % period;
        if (in_round == 0) step = 0;
        while (step + 1 < steps.size() && steps[step + 1].first <= in_round) ++step;
        sent += steps[step].second;
        ++now;
      }
      wrong += bench.outs[i].at != now;
    }
  }
  CHECK(wrong == 0);
}

TEST(table_delay, "a table's delay is that of the moment when the last bit leaves; the order stays") {
  Bench bench;
  bench.pipe(traced("0 8Mbit/s 10ms\n0.1 - 2ms\n0.2 4Mbit/s\n", 50 * kMillisecond), slots(1000));
  bench.put(0, 1000);
  bench.put(98500 * kMicrosecond, 1000);  // leaves the wire at 99.5 ms
  bench.put(99600 * kMicrosecond, 1000);  // at 100.6 ms: its delay is shorter, but it does not overtake
  bench.put(150 * kMillisecond, 1000);
  bench.put(250 * kMillisecond, 1000);
  bench.finish();
  REQUIRE(bench.outs.size() == 5);
  CHECK(bench.outs[0].at == 11 * kMillisecond);
  CHECK(bench.outs[1].at == 109500 * kMicrosecond);
  CHECK(bench.outs[2].at == 109500 * kMicrosecond);
  CHECK(bench.outs[3].at == 153 * kMillisecond);
  CHECK(bench.outs[4].at == 254 * kMillisecond);
}

TEST(mahimahi, "mahimahi's traces: a packet leaves with the opportunity that carries its last byte, rests are shared") {
  Bench bench;
  bench.pipe(traced("1\n2\n2\n5\n"), slots(1000));
  // 1500 bytes at 1, 2, 2, 5 ms, then again from 5 ms on: 6, 7, 7, ...
  for (const uint32_t length : {1500u, 700u, 700u, 200u, 1600u, 100u, 5000u}) bench.put(0, length);
  bench.finish();
  const Time ms[] = {1, 2, 2, 2, 5, 5, 7};
  REQUIRE(bench.outs.size() == 7);
  for (int i = 0; i < 7; ++i) CHECK(bench.outs[i].at == ms[i] * kMillisecond);
}

TEST(mahimahi_idle, "opportunities that nobody waits for are lost; what is left of one goes to who waits already") {
  Bench bench;
  bench.pipe(traced("1\n2\n3\n4\n10\n"), slots(1000));
  bench.put(3500 * kMicrosecond, 100);
  bench.put(4 * kMillisecond, 100);       // just there: shares it
  bench.put(4 * kMillisecond + 1, 1500);  // waits until 10 ms
  bench.finish();
  REQUIRE(bench.outs.size() == 3);
  CHECK(bench.outs[0].at == 4 * kMillisecond);
  CHECK(bench.outs[1].at == 4 * kMillisecond);
  CHECK(bench.outs[2].at == 10 * kMillisecond);
}

TEST(mahimahi_rate, "a long trace carries as many bytes as its opportunities have") {
  std::string text;
  for (int i = 1; i <= 1000; ++i) text += std::to_string(i / 3 * 3 + 1) + "\n";
  Bench bench;
  bench.pipe(traced(text), slots(1000000));
  for (int i = 0; i < 20000; ++i) bench.put(0, 300);  // 5 packets an opportunity, 4000 opportunities
  bench.finish();
  REQUIRE(bench.outs.size() == 20000);
  const auto trace = must(text);
  Trace::Cursor c;
  for (int i = 0; i < 3999; ++i) trace->advance(&c);
  CHECK(bench.outs.back().at == trace->time(c));
}

TEST(trace_bad, "traces that are wrong are refused, with line and position") {
  struct Case {
    const char* text;
    uint32_t line, position;
  };
  const Case cases[] = {{"# nothing\n", 0, 0}, {"3\n2\n", 2, 0},       {"1\n 2 3\n", 2, 1},
                        {"0\n", 0, 0},         {"0 10\n0 20\n", 2, 0}, {"1 10Mbit/s\n", 1, 0},
                        {"0 -\n", 1, 2},       {"0 10 20 30\n", 1, 8}, {"0 10\n1 end\n2 10\n", 3, 0},
                        {"0 10 xs\n", 1, 5},   {"0 0\n1 0\n", 0, 0},   {"0 9Tbit/s\n", 1, 2},
                        {"0 end\n", 1, 2}};
  for (const Case& c : cases) {
    Problem problem;
    CHECK(Trace::parse(c.text, &problem) == nullptr);
    if (problem.line != c.line || problem.position != c.position) {
      std::printf("# %s -> %u:%u %s\n", c.text, problem.line, problem.position, problem.message.c_str());
    }
    CHECK(problem.any() && problem.line == c.line && problem.position == c.position);
  }
}
