// The engine through the device border: what a frame goes through on each kind of port.
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "../engine/report.h"
#include "check.h"
#include "port.h"

using namespace nm;

static TestFolder folder;

TEST(fresh, "fresh rings, first buffers, geometry") {
  TestPort p("vale0:a", 64, 2);
  REQUIRE(p.ok());
  CHECK(p.tx()->tail == 63 && p.tx()->head == 0 && p.rx()->tail == 0);
  CHECK(p.rx(0)->slots()[0].buf_idx == 2 && p.rx(1)->slots()[0].buf_idx == 66 && p.tx(0)->slots()[0].buf_idx == 130);
  CHECK(p.tx(1)->dir == kDirTx && p.rx(1)->dir == kDirRx && p.rx(1)->ringid == 1);
  CHECK(p.request.nr_mem_id >= 2);
}

TEST(flood, "broadcast reaches all others on ring 0, and the count is exact") {
  TestPort a("vale0:a", 64), b("vale0:b", 64, 2), c("vale0:c", 16);
  REQUIRE(a.ok() && b.ok() && c.ok());
  for (uint32_t i = 0; i < 40; ++i) a.queue(0xff, 1, i);
  CHECK(a.device->txsync() == 0);
  CHECK(a.tx()->tail == 39);
  b.device->rxsync();
  c.device->rxsync();
  CHECK(TestPort::owned(b.rx()) == 40 && TestPort::owned(b.rx(1)) == 0 && TestPort::owned(c.rx()) == 15);
  CHECK(c.counters().drop_full == 25 && c.counters().rx_packets == 15 && a.counters().tx_packets == 40);
  uint32_t n = 0, expect = 0;
  while (b.take(&n)) CHECK(n == expect++);
}

TEST(unicast, "learned address: ring of the source modulo rings of the destination") {
  TestPort a("vale0:a", 64, 4), b("vale0:b", 64, 2), c("vale0:c", 64);
  REQUIRE(a.ok() && b.ok() && c.ok());
  b.queue(0xff, 2, 0);
  b.device->txsync();
  a.queue(2, 1, 7, 60, 3);
  a.device->txsync();
  b.device->rxsync();
  c.device->rxsync();
  CHECK(TestPort::owned(b.rx(1)) == 1 && TestPort::owned(b.rx(0)) == 0);
  CHECK(TestPort::owned(c.rx()) == 1);  // only b's flood
  a.queue(1, 1, 0);                     // to itself
  a.device->txsync();
  CHECK(a.counters().drop_unroutable == 1);
}

TEST(bad_frames, "short, long and bufferless frames are dropped and counted") {
  TestPort a("vale0:a", 64), b("vale0:b", 64);
  REQUIRE(a.ok() && b.ok());
  for (uint32_t i = 0; i < 6; ++i) a.queue(0xff, 1, i);
  a.tx()->slots()[1].len = 13;
  a.tx()->slots()[2].len = static_cast<uint16_t>(a.tx()->nr_buf_size + 1);
  const uint32_t saved = a.tx()->slots()[3].buf_idx;
  a.tx()->slots()[3].buf_idx = 0xfffffff0;
  a.tx()->slots()[4].buf_idx = 1;
  a.device->txsync();
  a.tx()->slots()[3].buf_idx = saved;
  b.device->rxsync();
  CHECK(TestPort::owned(b.rx()) == 2 && a.counters().drop_bad == 4);
}

TEST(fragments, "chains stay whole, with their number in the high byte") {
  TestPort a("vale0:a", 512), b("vale0:b", 512);
  REQUIRE(a.ok() && b.ok());
  for (uint32_t i = 0; i < 3; ++i) a.queue(0xff, 1, i);
  a.tx()->slots()[0].flags = a.tx()->slots()[1].flags = NS_MOREFRAG;
  a.device->txsync();
  b.device->rxsync();
  REQUIRE(TestPort::owned(b.rx()) == 3);
  CHECK(b.rx()->slots()[0].flags == 0x320 && b.rx()->slots()[2].flags == 0x300);
  for (uint32_t i = 0; i < 300; ++i) {
    a.queue(0xff, 1, i);
    a.tx()->slots()[3 + i].flags = i < 299 ? NS_MOREFRAG : 0;
  }
  a.device->txsync();
  CHECK(a.counters().drop_bad == 1);  // more than a byte can count
}

TEST(pipe, "a pipe is lossless, keeps frames for a late reader and gives buffers back") {
  TestPort a("x{1", 8);
  REQUIRE(a.ok());
  uint32_t n = 0;
  while (a.queue(0xff, 1, n)) ++n;
  CHECK(n == 7);
  a.device->txsync();
  CHECK(TestPort::owned(a.tx()) == 0);
  TestPort b("x}1");
  REQUIRE(b.ok());
  CHECK(b.rx()->num_slots == 8 && b.rx()->slots()[0].buf_idx == a.tx()->slots()[0].buf_idx);
  b.device->rxsync();
  CHECK(TestPort::owned(b.rx()) == 7);
  uint32_t got = 0, number = 0;
  while (b.take(&number)) CHECK(number == got++);
  b.rx()->slots()[0].buf_idx = 99;
  b.rx()->slots()[0].flags = NS_BUF_CHANGED;
  b.device->rxsync();
  a.device->txsync();
  CHECK(TestPort::owned(a.tx()) == 7 && a.tx()->slots()[0].buf_idx == 99);
  CHECK(a.tx()->slots()[0].flags == NS_BUF_CHANGED && b.rx()->slots()[0].flags == 0);
}

TEST(null_port, "the null port takes everything") {
  TestPort p("", 64, 1, 1, NR_REG_NULL);
  REQUIRE(p.ok());
  for (int round = 0; round < 10; ++round) {
    while (p.queue(0xff, 1, 0)) {
    }
    p.device->txsync();
    CHECK(TestPort::owned(p.tx()) == 63);
  }
  CHECK(p.counters().tx_packets == 630);
}

TEST(reinit, "indices beyond the ring are put back, others adopted; poll says so once") {
  TestPort a("vale0:a", 8);
  REQUIRE(a.ok());
  a.tx()->head = 8;
  CHECK(a.device->txsync() == 0);
  CHECK(a.tx()->head == 0 && a.tx()->cur == 0 && a.tx()->tail == 7);
  a.tx()->head = a.tx()->cur = 0xffffffff;
  short revents = 0;
  a.device->poll(POLLOUT, 0, &revents);
  CHECK(revents == (POLLERR | POLLOUT));
  a.device->poll(POLLOUT, 0, &revents);
  CHECK(revents == POLLOUT);
  a.tx()->tail = 3;
  a.device->txsync();
  CHECK(a.tx()->tail == 7);
}

TEST(sharing, "ports of one region, exclusive opens, busy descriptors") {
  TestPort a("vale0:a", 64);
  REQUIRE(a.ok());
  TestPort b("vale1:b", 64, 1, a.request.nr_mem_id);
  CHECK(b.ok() && b.request.nr_mem_id == a.request.nr_mem_id);
  CHECK(b.rx()->slots()[0].buf_idx == 130);
  CHECK(b.mapping == a.mapping);
  TestPort exclusive("vale0:a", 0, 0, 0, NR_REG_ALL_NIC, NR_EXCLUSIVE);
  CHECK(exclusive.status.err == EBUSY);
  TestPort unknown("vale0:c", 0, 0, 77);
  CHECK(unknown.status.err == EINVAL);
}

TEST(waiting, "a sleeper is woken by a frame, and not kept by a timeout") {
  TestPort a("vale0:a"), b("vale0:b");
  REQUIRE(a.ok() && b.ok());
  short revents = 0;
  b.device->poll(POLLIN, 20, &revents);
  CHECK(revents == 0);
  std::thread sender([&] {
    usleep(20000);
    a.queue(0xff, 1, 5);
    a.device->txsync();
  });
  b.device->poll(POLLIN, 10000, &revents);
  CHECK(revents == POLLIN);
  sender.join();
}

namespace {

// One thread sends numbered frames, another takes them: each arrives whole, in order, and at most once.
void stream(const char* from, const char* to, bool lossless) {
  TestPort a(from, 64), b(to, 64);
  REQUIRE(a.ok() && b.ok());
  constexpr uint32_t kFrames = 20000;
  std::atomic<bool> done{false};
  std::thread sender([&] {
    short revents;
    for (uint32_t i = 0; i < kFrames;) {
      if (a.queue(0xff, static_cast<uint8_t>(i), i, static_cast<uint16_t>(60 + i % 1400))) {
        if (++i % 13 == 0) a.device->txsync();
      } else {
        a.device->poll(POLLOUT, 100, &revents);
      }
    }
    a.device->txsync();
    done = true;
  });
  uint32_t got = 0, expect = 0, wrong = 0;
  short revents;
  for (bool last = false; !last || TestPort::owned(b.rx());) {
    last = done;
    b.device->poll(POLLIN, 10, &revents);
    for (netmap_ring* ring = b.rx(); TestPort::owned(ring);) {
      const uint32_t slot = ring->head;
      uint32_t number = 0;
      const uint8_t source = TestPort::buffer(ring, slot)[11];
      const uint16_t len = ring->slots()[slot].len;
      b.take(&number);
      wrong += number < expect || source != static_cast<uint8_t>(number) || len != 60 + number % 1400;
      expect = number + 1;
      ++got;
    }
  }
  sender.join();
  CHECK(wrong == 0);
  const Counters c = b.counters();
  CHECK(got == c.rx_packets && got + c.drop_full + c.drop_busy == kFrames);
  if (lossless) CHECK(got == kFrames);
}

}  // namespace

TEST(pipe_stream, "two threads on a pipe: nothing lost, torn or doubled") {
  stream("x{1", "x}1", true);
}
TEST(vale_stream, "two threads on a switch: what is lost is counted, nothing torn or doubled") {
  stream("vale0:a", "vale0:b", false);
}

TEST(reclaim, "a killed process's port is cleaned up by the next one, and nothing is left at the end") {
  const pid_t child = fork();
  if (child == 0) {
    TestPort p("vale0:a");
    raise(SIGKILL);
  }
  waitpid(child, nullptr, 0);
  EngineReport report;
  engine_report(&report);
  CHECK(report.ports.empty());
  {
    TestPort p("vale0:a", 0, 0, 0, NR_REG_ALL_NIC, NR_EXCLUSIVE);
    CHECK(p.ok());
  }
  CHECK(folder.files() == 0);
}

TEST(inherited, "a port lives as long as any copy of its descriptor") {
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  pid_t child;
  {
    TestPort p("vale0:a");
    child = fork();
    if (child == 0) {
      char c;
      close(ready[1]);
      (void)!read(ready[0], &c, 1);  // until the parent has closed its end
      _exit(0);
    }
  }
  EngineReport report;
  engine_report(&report);
  CHECK(report.ports.size() == 1);
  close(ready[0]);
  close(ready[1]);
  waitpid(child, nullptr, 0);
  EngineReport after;
  engine_report(&after);
  CHECK(after.ports.empty());
}
