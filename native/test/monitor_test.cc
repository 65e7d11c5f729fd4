// Monitors through the device border: what they see and when, what it costs the port that they watch, and what happens
// when either side goes.
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <set>
#include <thread>

#include "../engine/report.h"
#include "check.h"
#include "port.h"
#include "traffic.h"

using namespace nm;

static TestFolder folder;

namespace {

constexpr uint64_t kRx = NR_MONITOR_RX, kTx = NR_MONITOR_TX, kZcopy = NR_ZCOPY_MON;

struct Monitor : TestPort {
  explicit Monitor(const char* name, uint64_t flags, uint32_t slots = 0, uint32_t mode = NR_REG_ALL_NIC)
      : TestPort(name, slots, 0, 0, mode, flags) {}
};

// Numbers of all frames that are there, after a sync.
std::vector<uint32_t> taken(TestPort& port, uint32_t ring = 0) {
  std::vector<uint32_t> all;
  uint32_t n;
  port.device->rxsync();
  while (port.take(&n, ring)) all.push_back(n);
  port.device->rxsync();
  return all;
}

using Numbers = std::vector<uint32_t>;

// Buffers of all slots of all rings given: each must be there once.
bool distinct(std::initializer_list<netmap_ring*> rings) {
  std::set<uint32_t> seen;
  for (netmap_ring* ring : rings) {
    for (uint32_t i = 0; i < ring->num_slots; ++i) {
      if (!seen.insert(ring->slots()[i].buf_idx).second) return false;
    }
  }
  return true;
}

short ready(TestPort& port, short events, int ms = 0) {
  short revents = 0;
  port.device->poll(events, ms, &revents);
  return revents;
}

}  // namespace

TEST(copies, "copy monitors see what is sent, and what is received before the receiver does") {
  TestPort a("vale0:a", 16), b("vale0:b", 16);
  Monitor t("vale0:a", kTx), r("vale0:b", kRx), both("vale0:b", kRx | kTx);
  REQUIRE(a.ok() && b.ok() && t.ok() && r.ok() && both.ok());
  a.queue(0xff, 1, 7);
  CHECK(taken(t).empty());
  a.device->txsync();
  CHECK(b.rx()->tail == 0);
  r.device->rxsync();
  CHECK(TestPort::owned(r.rx()) == 1 && r.rx()->slots()[0].flags == 0x100 && r.rx()->slots()[0].len == 60);
  CHECK(taken(r) == Numbers{7});
  t.device->rxsync();
  CHECK(TestPort::owned(t.rx()) == 1 && t.rx()->slots()[0].flags == NS_TXMON);
  CHECK(taken(t) == Numbers{7});
  b.queue(0xff, 2, 8);
  b.device->txsync();
  CHECK(taken(both) == (Numbers{7, 8}));
  CHECK(both.rx()->slots()[0].flags == 0x100 && both.rx()->slots()[1].flags == NS_TXMON);
  CHECK(taken(t).empty() && taken(r).empty());
  CHECK(taken(b) == Numbers{7} && taken(a) == Numbers{8});
}

TEST(zero_copy, "a zero-copy monitor sees frames that the receiver has released, by their buffers") {
  TestPort a("vale0:a", 16), b("vale0:b", 16);
  Monitor z("vale0:b", kZcopy);
  REQUIRE(a.ok() && b.ok() && z.ok());
  CHECK(z.request.nr_flags == (kZcopy | kRx | kTx) && z.request.nr_mem_id == b.request.nr_mem_id);
  for (uint32_t i = 0; i < 3; ++i) a.queue(0xff, 1, i);
  a.device->txsync();
  b.device->rxsync();
  CHECK(taken(z).empty());
  const uint32_t first = b.rx()->slots()[0].buf_idx, spare = z.rx()->slots()[0].buf_idx;
  uint32_t n;
  b.take(&n);
  b.take(&n);
  CHECK(taken(z).empty());
  b.device->rxsync();
  z.device->rxsync();
  CHECK(z.rx()->slots()[0].buf_idx == first && z.rx()->slots()[0].flags == 0x100);
  CHECK(b.rx()->slots()[0].buf_idx == spare);
  CHECK(taken(z) == (Numbers{0, 1}));
  // Sent: at once.
  b.queue(0xff, 2, 9);
  b.device->txsync();
  CHECK(b.tx()->slots()[0].flags & NS_BUF_CHANGED);
  CHECK(taken(z) == Numbers{9} && z.rx()->slots()[2].flags == NS_TXMON);
  CHECK(distinct({b.rx(), b.tx(), z.rx(), z.tx()}));
}

TEST(chain, "zero-copy monitors of one port see its frames one after another") {
  TestPort a("vale0:a", 16);
  Monitor z1("vale0:a", kZcopy), z2("vale0:a", kZcopy);
  REQUIRE(a.ok() && z1.ok() && z2.ok());
  for (uint32_t i = 0; i < 3; ++i) a.queue(0xff, 1, i);
  a.device->txsync();
  CHECK(taken(z2).empty());
  z1.device->rxsync();
  CHECK(TestPort::owned(z1.rx()) == 3);
  uint32_t n;
  z1.take(&n);
  z1.take(&n);
  CHECK(taken(z2).empty());
  z1.device->rxsync();
  CHECK(taken(z2) == (Numbers{0, 1}) && z2.rx()->slots()[0].flags == NS_TXMON);
  CHECK(distinct({a.rx(), a.tx(), z1.rx(), z1.tx(), z2.rx(), z2.tx()}));
  z1.device.reset();
  a.queue(0xff, 1, 5);
  a.device->txsync();
  CHECK(taken(z2) == Numbers{5});  // it has moved up; what the other one had not read is gone
  CHECK(distinct({a.rx(), a.tx(), z2.rx(), z2.tx()}));
}

TEST(pipes, "a pipe's frames, by either end, and by buffers only when they come back") {
  TestPort a("x{1", 8), b("x}1");
  Monitor t("x{1", kTx), r("x}1", kRx);
  REQUIRE(a.ok() && b.ok() && t.ok() && r.ok());
  a.queue(0xff, 1, 1);
  a.tx()->slots()[0].flags = NS_MOREFRAG;
  a.device->txsync();
  CHECK(taken(t) == Numbers{1} && taken(r).empty());  // not a whole frame yet
  a.queue(0xff, 1, 2);
  a.device->txsync();
  CHECK(taken(t) == Numbers{2} && taken(r) == (Numbers{1, 2}));
  CHECK(taken(b) == (Numbers{1, 2}));
  a.device->txsync();
  Monitor za("x{1", kZcopy);
  REQUIRE(za.ok());
  for (uint32_t i = 0; i < 3; ++i) a.queue(0xff, 1, i);
  a.device->txsync();
  CHECK(taken(za).empty());
  CHECK(taken(b) == (Numbers{0, 1, 2}));
  CHECK(taken(za).empty());
  a.device->txsync();
  CHECK(taken(za) == (Numbers{0, 1, 2}));
  // And on they go, with the buffers changed.
  for (uint32_t round = 0; round < 50; ++round) {
    for (uint32_t i = 0; i < 1 + round % 7; ++i) CHECK(a.queue(0xff, 1, 100 * round + i));
    a.device->txsync();
    const Numbers got = taken(b);
    CHECK(got.size() == 1 + round % 7 && got[0] == 100 * round);
    a.device->txsync();
    CHECK(taken(za) == got);
  }
  CHECK(distinct({a.tx(), a.rx(), za.rx(), za.tx()}));
}

TEST(full, "what a monitor has no room for is counted; the newest whole frames are kept") {
  TestPort a("vale0:a", 64), b("vale0:b", 64);
  Monitor t("vale0:a", kTx, 8), z("vale0:a", kZcopy, 8);
  REQUIRE(a.ok() && b.ok() && t.ok() && z.ok());
  for (uint32_t i = 0; i < 20; ++i) a.queue(0xff, 1, i);
  a.device->txsync();
  CHECK(taken(b).size() == 20);
  CHECK(taken(t) == (Numbers{13, 14, 15, 16, 17, 18, 19}) && taken(z) == (Numbers{13, 14, 15, 16, 17, 18, 19}));
  CHECK(t.counters().drop_full == 13 && t.counters().rx_packets == 7 && z.counters().drop_full == 13);
  // Three frames of four slots into seven slots: the last one.
  for (uint32_t i = 0; i < 12; ++i) {
    a.queue(0xff, 1, i);
    a.tx()->slots()[20 + i].flags = i % 4 == 3 ? 0 : NS_MOREFRAG;
  }
  a.device->txsync();
  CHECK(taken(t) == (Numbers{8, 9, 10, 11}) && t.counters().drop_full == 15);
  CHECK(taken(z) == (Numbers{8, 9, 10, 11}) && z.counters().drop_full == 15);
  CHECK(distinct({a.rx(), a.tx(), z.rx(), z.tx()}));
}

TEST(rings, "one ring, and a ring that is opened later") {
  TestPort a("vale0:a", 16, 3, 0, NR_REG_ONE_NIC);
  REQUIRE(a.ok());
  Monitor all("vale0:a", kTx);
  nmreq_register one{};
  Monitor zero("vale0:a", kTx, 0, NR_REG_ONE_NIC);
  REQUIRE(all.ok() && zero.ok());
  CHECK(all.request.nr_rx_rings == 3 && all.request.nr_tx_rings == 1);
  TestPort later("vale0:a");
  REQUIRE(later.ok());
  later.queue(0xff, 1, 1, 60, 0);
  later.queue(0xff, 1, 2, 60, 2);
  later.device->txsync();
  CHECK(taken(all, 0) == Numbers{1} && taken(all, 2) == Numbers{2} && taken(all, 1).empty());
  CHECK(taken(zero) == Numbers{1});
  (void)one;
}

TEST(indirect, "data that a slot points at are seen, too") {
  TestPort a("vale0:a", 16), b("vale0:b", 16);
  Monitor t("vale0:a", kTx), z("vale0:a", kZcopy);
  REQUIRE(a.ok() && b.ok() && t.ok() && z.ok());
  static uint8_t data[2048];
  std::memset(data, 0xff, 12);
  data[6] = 2;
  const uint32_t number = 4711;
  std::memcpy(data + 44, &number, sizeof number);
  a.device->allow_indirect(data, sizeof data);
  for (uint64_t address : {reinterpret_cast<uint64_t>(data), uint64_t{16}}) {
    a.queue(0xff, 1, 0);
    netmap_slot& slot = a.tx()->slots()[a.tx()->head == 0 ? 15 : a.tx()->head - 1];
    slot.flags = NS_INDIRECT;
    slot.ptr = address;
  }
  a.device->txsync();
  CHECK(taken(b) == Numbers{4711});
  t.device->rxsync();
  CHECK(TestPort::owned(t.rx()) == 2 && t.rx()->slots()[0].flags == NS_TXMON && t.rx()->slots()[1].len == 0);
  uint32_t n = 0;
  t.take(&n);
  CHECK(n == 4711);
  z.device->rxsync();
  z.take(&n);
  CHECK(n == 4711 && z.rx()->slots()[0].flags == NS_TXMON && z.rx()->slots()[1].len == 0);
}

TEST(refused, "a monitor needs its port to be open") {
  CHECK(Monitor("vale0:a", kRx).status.err == EINVAL);
  CHECK(Monitor("nosuch", kRx).status.err == ENXIO);
  TestPort a("x{1", 8);
  CHECK(Monitor("x}1", kRx).status.err == EINVAL);
  CHECK(Monitor("x{1", kRx).ok());
  TestPort exclusive("vale0:a", 8, 0, 0, NR_REG_ALL_NIC, NR_EXCLUSIVE);
  CHECK(exclusive.ok() && Monitor("vale0:a", kRx).ok() && Monitor("vale0:a", kZcopy | NR_EXCLUSIVE).ok());
}

TEST(sends_nothing, "a monitor sends nothing, and poll says so") {
  TestPort a("vale0:a", 16), b("vale0:b", 16);
  Monitor m("vale0:a", kTx);
  REQUIRE(a.ok() && m.ok());
  CHECK(ready(m, POLLOUT) == (POLLOUT | POLLERR) && ready(m, POLLIN) == 0);
  m.queue(0xff, 1, 1);
  CHECK(m.device->txsync() == 0 && m.tx()->head == 1 && m.tx()->tail == 15);
  CHECK(ready(m, POLLIN) == POLLERR);
  while (m.queue(0xff, 1, 1)) {
  }
  CHECK(ready(m, POLLOUT) == POLLERR);
  CHECK(taken(b).empty());
}

TEST(end, "the end of the port wakes its monitors; what they have is theirs; a new port is another one") {
  std::unique_ptr<TestPort> a(new TestPort("vale0:a", 16)), again(new TestPort("vale0:a"));
  Monitor t("vale0:a", kTx), z("vale0:a", kZcopy);
  REQUIRE(a->ok() && again->ok() && t.ok() && z.ok());
  a.reset();
  CHECK(ready(t, POLLIN) == 0);  // it is open yet
  again->queue(0xff, 1, 3);
  again->device->txsync();
  CHECK(taken(t) == Numbers{3} && taken(z) == Numbers{3});
  std::atomic<int> woken{0};
  std::thread sleeper([&] { woken = ready(t, POLLIN, 5000); });
  usleep(50000);
  again->queue(0xff, 1, 4);
  again->device->txsync();
  sleeper.join();
  CHECK(woken == POLLIN && TestPort::owned(t.rx()) == 1);
  std::thread waits([&] {
    t.rx()->cur = t.rx()->tail;
    woken = ready(t, POLLIN, 20000);
  });
  usleep(50000);
  again.reset();
  waits.join();
  CHECK(woken == POLLERR);
  CHECK(TestPort::owned(t.rx()) == 1 && taken(t) == Numbers{4});
  CHECK(t.device->rxsync() == 0 && t.device->txsync() == 0);
  CHECK(ready(z, POLLIN) == (POLLIN | POLLERR) && taken(z) == Numbers{4});
  TestPort fresh("vale0:a", 16);
  REQUIRE(fresh.ok());
  fresh.queue(0xff, 1, 5);
  fresh.device->txsync();
  CHECK(taken(t).empty() && ready(t, POLLIN) == POLLERR);
  Monitor renewed("vale0:a", kTx);
  fresh.queue(0xff, 1, 6);
  fresh.device->txsync();
  CHECK(taken(renewed) == Numbers{6});
}

TEST(accounts, "ports tells of monitors, and they leave nothing behind") {
  TestPort a("vale0:a", 64);
  REQUIRE(a.ok());
  {
    Monitor m("vale0:a", kRx | kTx), z("vale0:a", kZcopy);
    EngineReport report;
    CHECK(engine_report(&report).ok() && report.ports.size() == 3);
    for (const PortReport& p : report.ports) {
      CHECK(p.name == "vale0:a" || ((p.name == "vale0:a/rt" || p.name == "vale0:a/zrt") && p.kind == "monitor"));
    }
  }
  // As many as there is room for in the region, over and over: nothing leaks.
  uint32_t most = 0;
  for (int round = 0; round < 20; ++round) {
    std::vector<std::unique_ptr<Monitor>> all;
    for (;;) {
      all.emplace_back(new Monitor("vale0:a", kZcopy));
      if (!all.back()->ok()) break;
      a.queue(0xff, 1, 1);
      a.device->txsync();
      taken(*all[0]);
    }
    CHECK(all.back()->status.err == ENOMEM);
    if (round == 0) most = static_cast<uint32_t>(all.size());
    CHECK(all.size() == most && most > 4);
  }
  EngineReport report;
  CHECK(engine_report(&report).ok() && report.ports.size() == 1);
}

TEST(pipe_buffers, "a pipe that goes gives back the buffers that its slots hold, and no others") {
  TestPort keep("vale0:keep", 16);
  REQUIRE(keep.ok());
  const uint16_t mem = keep.request.nr_mem_id;
  std::set<uint32_t> held;
  for (uint32_t i = 0; i < 16; ++i) {
    held.insert(keep.rx()->slots()[i].buf_idx);
    held.insert(keep.tx()->slots()[i].buf_idx);
  }
  for (int round = 0; round < 3; ++round) {
    TestPort a("x{1", 16, 0, mem), b("x}1", 0, 0, mem);
    Monitor z("x{1", kZcopy);
    REQUIRE(a.ok() && b.ok() && z.ok());
    for (uint32_t i = 0; i < 5; ++i) a.queue(0xff, 1, i);
    a.device->txsync();
    taken(b);
    a.device->txsync();  // the monitor's buffers are in the tx ring now, not in the peer's rx ring
    CHECK(TestPort::owned(z.rx()) == 0);
    z.device->rxsync();
    CHECK(TestPort::owned(z.rx()) == 5);
    a.queue(0xff, 1, 9);
    a.device->txsync();  // one is on its way
    b.device->rxsync();
    std::swap(b.rx()->slots()[5].buf_idx, keep.rx()->slots()[3].buf_idx);  // and goes over to another port
    a.device.reset();
    b.device.reset();
    // The monitor still has what it had.
    Numbers got;
    uint32_t n;
    while (z.take(&n)) got.push_back(n);
    CHECK(got == (Numbers{0, 1, 2, 3, 4}));
    TestPort c("vale0:c", 16, 0, mem);
    CHECK(distinct({c.rx(), c.tx(), z.rx(), z.tx(), keep.rx(), keep.tx()}));
  }
  // All buffers but those of the port are free again.
  TestPort big("vale0:big", 0, 0, mem);
  CHECK(big.ok());
  CHECK(distinct({big.rx(), big.tx(), keep.rx(), keep.tx()}));
}

TEST(threads, "threads send, receive, watch, come and go: every frame is whole, and none is seen twice") {
  TestPort a("vale0:a", 64), b("vale0:b", 64);
  Monitor sent("vale0:a", kTx), received("vale0:b", kRx), first("vale0:b", kZcopy), second("vale0:b", kZcopy);
  REQUIRE(a.ok() && b.ok() && sent.ok() && received.ok() && first.ok() && second.ok());
  std::atomic<bool> done{false};
  std::atomic<uint32_t> wrong{0}, opened{0};
  auto take = [&](TestPort& port, uint32_t* seen) {
    uint32_t next = 0;
    short revents;
    for (bool last = false; !last || TestPort::owned(port.rx());) {
      last = done;
      port.device->poll(POLLIN, 5, &revents);
      for (netmap_ring* ring = port.rx(); TestPort::owned(ring); ++*seen) {
        FrameTag tag{};
        const bool whole = read_frame(TestPort::buffer(ring, ring->head), ring->slots()[ring->head].len, &tag);
        wrong += !whole || tag.number < next;
        next = tag.number + 1;
        ring->head = ring->cur = TestPort::next(ring, ring->head);
      }
    }
  };
  constexpr uint32_t kPorts = 5;
  TestPort* ports[kPorts] = {&b, &sent, &received, &first, &second};
  uint32_t seen[kPorts] = {};
  std::vector<std::thread> all;
  for (uint32_t i = 0; i < kPorts; ++i) all.emplace_back([&, i] { take(*ports[i], &seen[i]); });
  all.emplace_back([&] {
    for (uint32_t i = 0; !done; ++i) {
      Monitor m(i & 1 ? "vale0:a" : "vale0:b", i & 2 ? kZcopy : kRx | kTx, 16);
      opened += m.ok();
      taken(m);
    }
  });
  Random random(Random::seed());
  const uint32_t frames = rounds(20000);
  for (uint32_t i = 0; i < frames; ++i) {
    short revents;
    while (!TestPort::owned(a.tx())) a.device->poll(POLLOUT, 100, &revents);
    queue_frame(a, 0xff, 1, {0, i}, random);
    if (i % 13 == 0) a.device->txsync();
    if (i % 64 == 0) usleep(100);
  }
  a.device->txsync();
  done = true;
  for (std::thread& t : all) t.join();
  CHECK(wrong == 0 && opened > 0);
  for (uint32_t n : seen) CHECK(n > 0);
  CHECK(seen[0] == b.counters().rx_packets && seen[0] + b.counters().drop_full + b.counters().drop_busy == frames);
  for (Monitor* m : {&sent, &received}) CHECK(seen[m == &sent ? 1 : 2] == m->counters().rx_packets);
  CHECK(seen[1] + sent.counters().drop_full + sent.counters().drop_busy == frames);
}
