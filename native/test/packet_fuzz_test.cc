// Everything that reads packets, on bytes of any kind: no read beyond their end, no answer that contradicts another.
#include "../traffic/receiver.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "../traffic/reflector.h"
#include "check.h"
#include "packets.h"
#include "random.h"

using namespace nm;
namespace tr = nm::traffic;

namespace {

std::vector<uint8_t> spoil(nm::Random& random) {
  std::vector<uint8_t> frame;
  switch (random.below(5)) {
    case 0:
      frame.resize(random.below(120));
      for (uint8_t& byte : frame) byte = static_cast<uint8_t>(random.next());
      return frame;
    case 1:
      frame = udp6_frame(70 + random.below(60));
      break;
    case 2:
      frame = icmp_frame();
      break;
    default:
      frame = udp_frame(60 + random.below(60));
  }
  if (random.below(3) == 0) {  // tags
    const uint8_t tag[4] = {0x81, 0, 0, static_cast<uint8_t>(random.next())};
    frame.insert(frame.begin() + 12, tag, tag + 4);
  }
  for (uint32_t n = random.below(6); n > 0; --n) {
    static const uint8_t kValues[] = {0, 255, 6, 17, 43, 44, 51, 60, 0x45, 0x60, 0x81, 0x88};
    const uint32_t at = random.below(random.below(2) ? 60 : static_cast<uint32_t>(frame.size()));
    if (at < frame.size())
      frame[at] = random.below(2) ? kValues[random.below(12)] : static_cast<uint8_t>(random.next());
  }
  if (random.below(3) == 0) frame.resize(random.below(static_cast<uint32_t>(frame.size()) + 1));
  return frame;
}

}  // namespace

TEST(any_bytes, "headers, checksums, marks, flows, protocols, filters and reflection on any bytes") {
  nm::Random random(Random::seed());
  tr::Audit audit;
  tr::Flows flows(100);
  tr::Protocols protocols;
  const uint32_t total = rounds(30000);
  uint32_t good = 0;
  for (uint32_t round = 0; round < total; ++round) {
    const std::vector<uint8_t> made = spoil(random);
    const auto size = static_cast<uint32_t>(made.size());
    // A block of just this size: the sanitizer sees the first byte behind it.
    const std::unique_ptr<uint8_t[]> bytes(new uint8_t[size]);
    if (size) std::memcpy(bytes.get(), made.data(), size);
    tr::Headers h;
    h.parse(bytes.get(), size);
    CHECK(h.end <= size && h.network <= h.end && h.transport <= h.end);
    const tr::Verdict verdict = tr::verify(h);
    good += verdict == tr::Verdict::kGood;
    audit.add(h);
    flows.add(h);
    protocols.add(h);
    tr::Test test;
    test.base = static_cast<tr::Base>(random.below(static_cast<uint32_t>(tr::Base::kCount)));
    test.offset = random.below(70);
    test.width = static_cast<uint8_t>(1 << random.below(4));
    test.mask = ~uint64_t{0};
    test.ranges = {{0, ~uint64_t{0}}};
    (void)tr::Match({test}).holds(h);
    tr::Reflector::turn_round(bytes.get(), size);
    h.parse(bytes.get(), size);
    if (verdict == tr::Verdict::kGood) CHECK(tr::verify(h) == verdict);
  }
  CHECK(good > total / 50);
  CHECK(flows.size() == 100 && flows.others().packets > 0);
  uint64_t counted = 0;
  for (uint32_t k = 0; k < tr::Protocols::kCount; ++k) counted += protocols.count(k).packets;
  CHECK(counted == total);
}

TEST(changing, "a frame that changes while it is looked at") {
  nm::Random random(Random::seed() + 1);
  std::vector<uint8_t> frame = udp_frame(100);
  for (uint32_t round = 0; round < rounds(3000); ++round) {
    const std::unique_ptr<uint8_t[]> bytes(new uint8_t[frame.size()]);
    std::memcpy(bytes.get(), frame.data(), frame.size());
    tr::Headers h;
    h.parse(bytes.get(), static_cast<uint32_t>(frame.size()));
    for (uint32_t n = 1 + random.below(8); n > 0; --n) bytes[random.below(100)] = static_cast<uint8_t>(random.next());
    (void)tr::verify(h);
    tr::Marker marker;
    (void)marker.read(h);
    tr::FlowKey key;
    (void)key.read(h);
  }
}
