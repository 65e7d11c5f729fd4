// When packets are due.
#include "../traffic/schedule.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "check.h"

using namespace nm;
namespace tr = nm::traffic;

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
