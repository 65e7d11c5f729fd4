// Replay natively: records in, frames out; when; and what a piece full of nonsense does.
#include "../traffic/replay.h"

#include "../traffic/clock.h"
#include "random.h"
#include "traffic_lab.h"

using namespace nm;

static TestFolder folder;

namespace {

constexpr int64_t kSoon = 50 * tr::kMillisecond;

// Adds a broadcast whose bytes tell its number.
void add(std::vector<uint8_t>* piece, double due, uint32_t length, uint32_t flags = 0) {
  const tr::ReplayRecord record = {due, length, flags};
  const size_t at = piece->size();
  piece->resize(at + sizeof record + ((length + 7) & ~7u), 0xee);
  std::memcpy(piece->data() + at, &record, sizeof record);
  for (uint32_t k = 0; k < length; ++k) {
    (*piece)[at + sizeof record + k] = k < 6 ? 0xff : static_cast<uint8_t>(length + k);
  }
}

tr::ReplayPiece view(const std::vector<uint8_t>& piece) {
  return {piece.data(), piece.size()};
}

// Lengths of the frames that have arrived, whole and in order.
std::vector<uint32_t> arrived(TestPort* port) {
  CHECK(port->device->rxsync() == 0);
  std::vector<uint32_t> lengths;
  netmap_ring* ring = port->rx();
  uint32_t at = ring->head, length = 0;
  std::vector<uint8_t> bytes;
  for (uint32_t left = TestPort::owned(ring); left > 0; --left, at = TestPort::next(ring, at)) {
    const netmap_slot& slot = ring->slots()[at];
    bytes.insert(bytes.end(), TestPort::buffer(ring, at), TestPort::buffer(ring, at) + slot.len);
    length += slot.len;
    if (slot.flags & NS_MOREFRAG) continue;
    for (uint32_t k = 6; k < length; ++k) CHECK(bytes[k] == static_cast<uint8_t>(length + k));
    lengths.push_back(length);
    bytes.clear();
    length = 0;
  }
  ring->head = ring->cur = at;
  return lengths;
}

}  // namespace

TEST(whole, "frames of all lengths, over one slot and several, piece by piece") {
  TestPort a("vale0:a", 256), b("vale0:b", 256);
  REQUIRE(a.ok() && b.ok());
  tr::Replay replay(tr::ReplaySpec(), tx_ring(a, false));
  replay.begin(tr::now_ns());
  tr::ReplayPause pause;
  const std::vector<std::vector<uint32_t>> pieces = {{60, 14, 61, 1514, 2112}, {}, {2113, 9000, 65535, 60}};
  for (const std::vector<uint32_t>& lengths : pieces) {
    std::vector<uint8_t> piece;
    for (const uint32_t length : lengths) add(&piece, 0, length);
    replay.next_piece();
    REQUIRE(replay.run(*a.device, view(piece), tr::now_ns() + kSoon, &pause) == 0);
    CHECK(pause == tr::ReplayPause::kEnd);
    CHECK(arrived(&b) == lengths);
  }
  CHECK(replay.counters().packets == 9);
}

TEST(room, "a frame that finds no room waits, and says how many slots it needs") {
  TestPort a("netmap:x{1", 16), b("netmap:x}1", 16);
  REQUIRE(a.ok() && b.ok());
  std::vector<uint8_t> piece;
  for (uint32_t k = 0; k < 14; ++k) add(&piece, 0, 60 + k);
  add(&piece, 0, 5000);
  tr::Replay replay(tr::ReplaySpec(), tx_ring(a, false));
  replay.begin(tr::now_ns());
  tr::ReplayPause pause;
  REQUIRE(replay.run(*a.device, view(piece), tr::now_ns() + kSoon, &pause) == 0);
  CHECK(pause == tr::ReplayPause::kRoom && replay.counters().packets == 14 && replay.slots_needed() == 2);
  CHECK(arrived(&b).size() == 14);
  REQUIRE(b.device->rxsync() == 0);
  REQUIRE(a.device->txsync() == 0);
  REQUIRE(replay.run(*a.device, view(piece), tr::now_ns() + kSoon, &pause) == 0);
  CHECK(pause == tr::ReplayPause::kEnd && replay.counters().packets == 15 && replay.slots_needed() == 1);
  CHECK(arrived(&b) == std::vector<uint32_t>{5000});
}

TEST(times, "nobody is early: as captured, faster, at a rate of packets or bits, pass after pass") {
  for (const tr::Timing timing : {tr::Timing::kCaptured, tr::Timing::kPackets, tr::Timing::kBits}) {
    TestPort a("vale0:a");
    REQUIRE(a.ok());
    std::vector<uint8_t> piece;
    for (uint32_t k = 0; k < 10; ++k) add(&piece, 1e6 * k, 101);
    tr::ReplaySpec spec;
    spec.timing = timing;
    spec.speed = 2;
    spec.gap = timing == tr::Timing::kBits ? 500 : 500000;  // ns: 125 bytes of 8 bits with framing, or a packet
    spec.patience = INT64_MAX;
    spec.waiting = timing == tr::Timing::kPackets ? tr::Waiting::kSleep : tr::Waiting::kSpin;
    tr::Replay replay(spec, tx_ring(a, false));
    const int64_t begin = tr::now_ns();
    replay.begin(begin);
    tr::ReplayPause pause;
    for (uint32_t pass = 0; pass < 2; ++pass) {
      replay.next_piece();
      do {
        REQUIRE(replay.run(*a.device, view(piece), tr::now_ns() + kSoon, &pause) == 0);
      } while (pause == tr::ReplayPause::kTurn);
      CHECK(pause == tr::ReplayPause::kEnd);
      replay.next_pass(1e7);
    }
    CHECK(replay.counters().packets == 20);
    CHECK(replay.counters().last - begin >= 9500000);
    CHECK(replay.late().count() == 20);
  }
}

TEST(waits, "a longer wait is left to the caller, who learns how long") {
  TestPort a("vale0:a");
  REQUIRE(a.ok());
  std::vector<uint8_t> piece;
  add(&piece, 0, 60);
  add(&piece, 1e18, 60);
  tr::ReplaySpec spec;
  spec.timing = tr::Timing::kCaptured;
  tr::Replay replay(spec, tx_ring(a, false));
  replay.begin(tr::now_ns());
  tr::ReplayPause pause;
  REQUIRE(replay.run(*a.device, view(piece), tr::now_ns() + kSoon, &pause) == 0);
  CHECK(pause == tr::ReplayPause::kRate && replay.counters().packets == 1);
  CHECK(replay.wait(tr::now_ns()) > 900000000000000000);
}

TEST(count_and_point, "it ends with the count, and stops in front of frames that somebody asked about") {
  TestPort a("vale0:a");
  REQUIRE(a.ok());
  std::vector<uint8_t> piece;
  for (uint32_t k = 0; k < 6; ++k) add(&piece, 0, 60, k == 2 ? tr::ReplayRecord::kPoint : 0);
  tr::ReplaySpec spec;
  spec.count = 5;
  tr::Replay replay(spec, tx_ring(a, false));
  replay.begin(tr::now_ns());
  tr::ReplayPause pause;
  for (uint32_t tries = 0; tries < 2; ++tries) {
    REQUIRE(replay.run(*a.device, view(piece), tr::now_ns() + kSoon, &pause) == 0);
    CHECK(pause == tr::ReplayPause::kPoint && replay.counters().packets == 2);
    CHECK(replay.position() == 2 * (sizeof(tr::ReplayRecord) + 64));
  }
  replay.pointed();
  REQUIRE(replay.run(*a.device, view(piece), tr::now_ns() + kSoon, &pause) == 0);
  CHECK(pause == tr::ReplayPause::kDone && replay.counters().packets == 5);
}

// Pieces are made by our own code; should anything write into them, others are lost at most.
TEST(nonsense, "a piece of any bytes is read within its bounds") {
  TestPort a("vale0:a", 64);
  REQUIRE(a.ok());
  nm::Random random(Random::seed());
  for (uint32_t round = 0; round < rounds(2000); ++round) {
    std::vector<uint8_t> piece;
    for (uint32_t k = random.below(6); k > 0; --k) add(&piece, random.next(), random.below(300), random.below(4) == 0);
    for (uint32_t k = random.below(20); k > 0 && !piece.empty(); --k) {
      piece[random.below(static_cast<uint32_t>(piece.size()))] = static_cast<uint8_t>(random.next());
    }
    piece.resize(piece.size() - std::min<size_t>(piece.size(), random.below(9)));
    const std::vector<uint8_t> exact(piece);  // no byte behind it
    tr::ReplaySpec spec;
    spec.timing = static_cast<tr::Timing>(random.below(4));
    spec.speed = random.below(2) ? 1 : 1e-300;
    spec.gap = random.below(2) ? 1 : 1e300;
    spec.batch = 1 + random.below(8);
    tr::Replay replay(spec, tx_ring(a, false));
    replay.begin(tr::now_ns());
    replay.next_pass(random.below(2) ? 1e300 : 5);
    replay.begin(tr::now_ns());
    tr::ReplayPause pause = tr::ReplayPause::kTurn;
    for (uint32_t k = 0; k < 8 && pause != tr::ReplayPause::kEnd; ++k) {
      CHECK(replay.run(*a.device, view(exact), tr::now_ns() + tr::kMillisecond / 10, &pause) == 0);
      if (pause == tr::ReplayPause::kPoint) replay.pointed();
    }
    CHECK(replay.position() <= exact.size());
  }
}
