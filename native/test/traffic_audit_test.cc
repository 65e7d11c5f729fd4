// What the sink counts and which packets it looks at.
#include <set>

#include "../traffic/histogram.h"
#include "../traffic/match.h"
#include "../traffic/sequence.h"
#include "check.h"
#include "packets.h"
#include "random.h"

using namespace nm;
namespace tr = nm::traffic;

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
