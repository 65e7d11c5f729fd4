// Boxes between ports, in threads: frames on both ways, changes meanwhile, the ends of it, memory that others write.
#include <chrono>
#include <thread>

#include "../runner/runner.h"
#include "check.h"
#include "emulation.h"
#include "port.h"
#include "random.h"

using namespace nm;
using namespace nm::runner;

namespace {

// How long something that has to happen may take at most; nothing is measured.
constexpr int kPatience = 10000;

template <typename Done>
bool wait_for(Done done) {
  for (int ms = 0; ms < kPatience; ++ms) {
    if (done()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

// inside <-> a [box] b <-> outside: two pipes, or ports of two switches.
struct Lab {
  TestFolder folder;
  TestPort inside, a, b, outside;
  std::shared_ptr<classifier::Ruleset> rules = classifier::Ruleset::create({});
  std::unique_ptr<Worker> worker;
  Box::Refusal refusal;
  std::string output;
  std::vector<std::string> notes;

  explicit Lab(bool one_region, uint32_t slots = 64)
      : inside(one_region ? "netmap:x{1" : "vale0:i", slots),
        a(one_region ? "netmap:x}1" : "vale0:a", slots),
        b(one_region ? "netmap:x{2" : "vale1:b", slots),
        outside(one_region ? "netmap:x}2" : "vale1:o", slots) {
    worker = std::make_unique<Worker>(rules, emulator::EmulatorOptions(), 1);
    worker->box().name_ports("a", "b");
    add(a, b, Box::Direction::kOut, one_region);
    add(b, a, Box::Direction::kIn, one_region);
  }
  void add(TestPort& from, TestPort& to, Box::Direction direction, bool swap) {
    LaneSpec lane;
    lane.direction = direction;
    lane.from = from.device.get();
    lane.to = to.device.get();
    lane.swap = swap;
    lane.rx.resize(1);
    lane.tx.resize(1);
    auto offset = [](const TestPort& port, const netmap_ring* ring) {
      return static_cast<double>(reinterpret_cast<const uint8_t*>(ring) - port.mapping->base());
    };
    REQUIRE(lane.rx[0].bind(*from.mapping, offset(from, from.rx()), from.rx()->head));
    REQUIRE(lane.tx[0].bind(*to.mapping, offset(to, to.tx()), to.tx()->head));
    worker->add(std::move(lane));
  }
  bool configure(const std::string& text) {
    const Gate::Visit visit(&worker->gate());
    const bool good = worker->box().configure(text, nullptr, worker->box().emulator().now(), &refusal, &output, &notes);
    worker->wake();
    return good;
  }
  // Sends frames with numbers from `first` on, as fast as there is room.
  static void send(TestPort& port, uint32_t first, uint32_t count, uint16_t length = 60) {
    for (uint32_t n = 0; n < count;) {
      if (port.queue(0xff, 1, first + n, length)) {
        ++n;
        continue;
      }
      (void)port.device->txsync();
      std::this_thread::yield();
    }
    CHECK(port.device->txsync() == 0);
  }
  // Receives so many, whose numbers must go up one by one.
  static bool receive(TestPort& port, uint32_t first, uint32_t count) {
    uint32_t got = 0, number = 0;
    const bool done = wait_for([&] {
      (void)port.device->rxsync();
      while (port.take(&number)) {
        if (number != first + got++) return true;
      }
      return got >= count;
    });
    (void)port.device->rxsync();  // a switch drops what finds a ring full
    if (!done) std::fprintf(stderr, "# only %u of %u frames, the last one %u\n", got, count, number);
    return done && got == count && number == first + count - 1;
  }
  LaneCounts counts(size_t lane) {
    const Gate::Visit visit(&worker->gate());
    return worker->lanes()[lane]->counts();
  }
};

}  // namespace

TEST(straight, "without rules frames pass both ways, in order, sleeping or spinning, swapped or copied") {
  for (const bool one_region : {true, false}) {
    for (const bool spin : {false, true}) {
      Lab lab(one_region);
      REQUIRE(lab.worker->start(spin, {}).ok());
      for (uint32_t round = 0; round < 20; ++round) {
        Lab::send(lab.inside, 50 * round, 50);
        Lab::send(lab.outside, 50 * round, 50);
        CHECK(Lab::receive(lab.outside, 50 * round, 50));
        CHECK(Lab::receive(lab.inside, 50 * round, 50));
      }
      CHECK(lab.counts(0).straight == 1000 && lab.counts(1).straight == 1000);
      CHECK(lab.counts(0).out_bytes == 60000);
      lab.worker->stop(Stop::kDrain);
      lab.worker->join();
      CHECK(lab.worker->ended() && lab.worker->error() == 0);
    }
  }
}

TEST(waits, "what goes through a pipe waits for its delay at least, and keeps its order when the delay changes") {
  Lab lab(true);
  REQUIRE(lab.configure("pipe 1 config delay 30ms queue 10000\nadd pipe 1 ip from any to any out\n"));
  REQUIRE(lab.worker->start(false, {}).ok());
  const auto begin = std::chrono::steady_clock::now();
  Lab::send(lab.inside, 0, 40);
  CHECK(wait_for([&] { return lab.counts(0).packets == 40; }));
  CHECK(lab.configure("pipe 1 config delay 1ms queue 10000\n"));
  Lab::send(lab.inside, 40, 20);
  CHECK(Lab::receive(lab.outside, 0, 60));
  CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(30));
  CHECK(lab.counts(0).straight == 0);
}

TEST(full, "frames wait in the rings while the output is full, and none is lost") {
  Lab lab(true);
  REQUIRE(lab.worker->start(false, {}).ok());
  std::thread sender([&] { Lab::send(lab.inside, 0, 3000); });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CHECK(Lab::receive(lab.outside, 0, 3000));
  sender.join();
  CHECK(lab.counts(0).no_room == 0);
}

TEST(drain, "stopping lets everything out, or drops it") {
  for (const bool drain : {true, false}) {
    Lab lab(true);
    REQUIRE(lab.configure("pipe 1 config delay 50ms queue 1000\nadd pipe 1 ip from any to any\n"));
    REQUIRE(lab.worker->start(false, {}).ok());
    Lab::send(lab.inside, 0, 30);
    CHECK(wait_for([&] { return lab.counts(0).packets == 30; }));
    lab.worker->stop(drain ? Stop::kDrain : Stop::kDrop);
    lab.worker->join();
    CHECK(lab.counts(0).out_packets == (drain ? 30 : 0));
    CHECK(lab.worker->box().inside() == 0);
  }
}

TEST(away, "whatever is inside when nobody receives waits in the box's memory, and none of it is lost") {
  constexpr uint32_t kFrames = 12000, kLength = 1900;  // 22 MB
  Lab lab(true);
  REQUIRE(lab.configure("pipe 1 config bw 1Kbit/s queue 12000\nadd pipe 1 ip from any to any out\n"));
  REQUIRE(lab.worker->start(false, {}).ok());
  Lab::send(lab.inside, 0, kFrames, kLength);
  CHECK(wait_for([&] { return lab.counts(0).packets == kFrames; }));
  REQUIRE(lab.configure("pipe 1 config bw 100Gbit/s queue 12000\n"));
  // All but what two rings can take.
  CHECK(wait_for([&] {
    const Gate::Visit visit(&lab.worker->gate());
    return lab.worker->lanes()[0]->backlog().count() >= kFrames - 128;
  }));
  Lab::send(lab.inside, kFrames, 60, kLength);  // are left in the rings
  CHECK(lab.counts(0).packets == kFrames);
  CHECK(Lab::receive(lab.outside, 0, kFrames + 60));
  CHECK(lab.counts(0).no_room == 0);
}

TEST(stops, "whenever it is stopped, everything comes out in order, or is counted as dropped; a second stop drops") {
  Random random(11);
  for (int k = 0; k < 40; ++k) {
    Lab lab(k % 2 == 0);
    const auto ms = std::to_string(random.next() % 5);
    const auto mbits = std::to_string(1 + random.next() % 1000);
    REQUIRE(lab.configure("pipe 1 config bw " + mbits + "Mbit/s delay " + ms +
                          "ms queue 1000\nadd prob 0.7 pipe 1 ip from any to any\n"));
    REQUIRE(lab.worker->start(random.next() % 2 == 0, {}).ok());
    Lab::send(lab.inside, 0, random.next() % 60);
    Lab::send(lab.outside, 0, random.next() % 60);
    std::this_thread::sleep_for(std::chrono::microseconds(random.next() % 3000));
    const bool drain = random.next() % 3 > 0, twice = random.next() % 3 == 0;
    lab.worker->stop(drain ? Stop::kDrain : Stop::kDrop);
    if (twice) lab.worker->stop(Stop::kDrop);
    lab.worker->join();
    uint64_t taken = 0, out = 0, no_room = 0;
    for (const auto& lane : lab.worker->lanes()) {
      taken += lane->counts().packets;
      out += lane->counts().out_packets;
      no_room += lane->counts().no_room;
    }
    uint64_t flushed = 0;
    const emulator::Pipe* pipe = lab.worker->box().emulator().pipe(1);
    for (const emulator::Cause cause : {emulator::Cause::kFlushed, emulator::Cause::kQueueFull}) {
      flushed += pipe->exit().drops[cause] + pipe->own().sink.drops[cause];
    }
    CHECK(taken == out + no_room + flushed);
    CHECK(!drain || twice || out == taken);
    CHECK(lab.worker->box().inside() == 0 && lab.worker->error() == 0);
  }
}

TEST(long_frames, "frames of several slots pass whole") {
  Lab lab(false, 64);
  REQUIRE(lab.configure("pipe 1 config delay 1ms\nadd pipe 1 ip from any to any in\n"));
  REQUIRE(lab.worker->start(false, {}).ok());
  for (TestPort* from : {&lab.inside, &lab.outside}) {
    TestPort* to = from == &lab.inside ? &lab.outside : &lab.inside;
    netmap_ring* tx = from->tx();
    for (int k = 0; k < 3; ++k) {
      uint8_t* bytes = TestPort::buffer(tx, tx->head);
      for (int i = 0; i < 2000; ++i) bytes[i] = static_cast<uint8_t>(k == 0 && i < 6 ? 0xff : k * 7 + i);
      tx->slots()[tx->head].len = 2000;
      tx->slots()[tx->head].flags = k < 2 ? NS_MOREFRAG : 0;
      tx->head = tx->cur = TestPort::next(tx, tx->head);
    }
    CHECK(from->device->txsync() == 0);
    netmap_ring* rx = to->rx();
    uint32_t length = 0;
    CHECK(wait_for([&] {
      (void)to->device->rxsync();
      return TestPort::owned(rx) >= 3;
    }));
    bool same = true;
    for (bool more = true; more && TestPort::owned(rx); rx->head = rx->cur = TestPort::next(rx, rx->head)) {
      const uint8_t* bytes = TestPort::buffer(rx, rx->head);
      for (uint32_t i = 0; i < rx->slots()[rx->head].len; ++i, ++length) {
        const uint32_t k = length / 2000, at = length % 2000;
        same &= bytes[i] == static_cast<uint8_t>(k == 0 && at < 6 ? 0xff : k * 7 + at);
      }
      more = rx->slots()[rx->head].flags & NS_MOREFRAG;
    }
    CHECK(same && length == 6000);
  }
}

TEST(visits, "commands and counters meanwhile, from another thread") {
  Lab lab(true);
  REQUIRE(lab.configure("pipe 1 config bw 1Gbit/s queue 10000\nadd pipe 1 ip from any to any\n"));
  REQUIRE(lab.worker->start(true, {}).ok());
  std::atomic<bool> done{false};
  std::thread visitor([&] {
    for (uint32_t k = 0; !done; ++k) {
      CHECK(lab.configure("pipe 1 config bw " + std::to_string(1 + k % 9) + "Gbit/s queue 10000 delay " +
                          std::to_string(k % 3) + "ms\n"));
      (void)lab.counts(0);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  for (uint32_t k = 0; k < 20; ++k) {
    Lab::send(lab.inside, 40 * k, 40);
    CHECK(Lab::receive(lab.outside, 40 * k, 40));
  }
  done = true;
  visitor.join();
}

TEST(replaced, "while rules are replaced and tables loaded nothing is lost, overtaken or counted wrong") {
  Lab lab(true);
  REQUIRE(
      lab.configure("table t create type addr\npipe 1 config bw 1Gbit/s delay 1ms queue 10000\n"
                    "add 10 count ip from any to any out\nadd 20 deny ip from table(t) to any\n"
                    "add 60000 pipe 1 ip from any to any\n"));
  REQUIRE(lab.worker->start(true, {}).ok());
  std::atomic<bool> done{false};
  std::thread visitor([&] {
    for (uint32_t k = 0; !done; ++k) {
      std::string text = "table t flush\n";
      for (uint32_t n = 0; n < 500; ++n) {
        text += "table t add 9." + std::to_string(k % 200) + "." + std::to_string(n / 250) + "." +
                std::to_string(n % 250) + "\n";
        if (k > 0) text += "delete " + std::to_string(100 + n) + "\n";
        text +=
            "add " + std::to_string(100 + n) + " deny ip from any to any iplen " + std::to_string(5000 + k % 90) + "\n";
      }
      BoxChange change(lab.rules.get(), emulator::Settings(), nullptr);
      CHECK(change.read(text, &lab.refusal));
      {
        const Gate::Visit visit(&lab.worker->gate());
        CHECK(change.commit({&lab.worker->box()}, 0, &lab.refusal));
      }
      change.clear_up();
    }
  });
  for (uint32_t k = 0; k < 40; ++k) {
    Lab::send(lab.inside, 40 * k, 40);
    CHECK(Lab::receive(lab.outside, 40 * k, 40));
  }
  done = true;
  visitor.join();
  const auto report = lab.rules->report();
  CHECK(report.size() == 504 && report[0].second.packets == 1600 && report[502].second.packets == 1600);
  CHECK(lab.worker->pauses().total() > 0);
}

TEST(hostile, "whatever others write into slots and rings, nothing else is touched") {
  Lab lab(true);
  REQUIRE(lab.configure("pipe 1 config bw 1Gbit/s\nadd prob 0.5 pipe 1 ip from any to any\n"));
  REQUIRE(lab.worker->start(false, {}).ok());
  Random random(5);
  for (int k = 0; k < 20000; ++k) {
    TestPort& port = k % 2 ? lab.a : lab.b;
    netmap_ring* ring = k % 3 ? port.rx() : port.tx();
    netmap_slot& slot = ring->slots()[random.next() % 64];
    switch (random.next() % 6) {
      case 0:
        slot.buf_idx = static_cast<uint32_t>(random.next());
        break;
      case 1:
        slot.len = static_cast<uint16_t>(random.next());
        break;
      case 2:
        slot.flags = static_cast<uint16_t>(random.next());
        break;
      case 3:
        slot.ptr = random.next();
        break;
      case 4:
        ring->tail = static_cast<uint32_t>(random.next() % (k % 5 ? 64 : 1000));
        break;
      default:
        // Garbage has come back to us, too.
        if (lab.inside.tx()->slots()[lab.inside.tx()->head].buf_idx < 128) (void)lab.inside.queue(0xff, 1, 0);
        (void)lab.inside.device->txsync();
    }
  }
  lab.worker->stop(Stop::kDrop);
  lab.worker->join();
  CHECK(lab.worker->ended());
}
