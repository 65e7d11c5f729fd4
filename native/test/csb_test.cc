// CSB mode and sync loops: head and cur in arrays of the application, and a thread that does the syncs.
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <functional>
#include <thread>

#include "../abi/option.h"
#include "../engine/engine_device.h"
#include "check.h"
#include "port.h"
#include "random.h"

using namespace nm;

namespace {

TestFolder folder;

// A port in CSB mode, as an application sees it: what it stores and loads itself.
struct CsbPort : TestPort {
  explicit CsbPort(const char* name, uint32_t slots = 64, uint32_t rings = 1, uint64_t flags = NR_EXCLUSIVE)
      : TestPort(name, slots, rings, 0, NR_REG_ALL_NIC, flags) {
    size = 4096;
    block = static_cast<uint8_t*>(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    atok = reinterpret_cast<nm_csb_atok*>(block);
    ktoa = reinterpret_cast<nm_csb_ktoa*>(block + size / 2);
  }
  ~CsbPort() {
    device.reset();
    munmap(block, size);
  }
  int enable(uint64_t a, uint64_t k, uint32_t* option_status = nullptr) {
    nmreq_opt_csb option{};
    option.nro_opt.nro_reqtype = NETMAP_REQ_OPT_CSB;
    option.csb_atok = a;
    option.csb_ktoa = k;
    const int error = control(NETMAP_REQ_CSB_ENABLE, nullptr, &option.nro_opt);
    if (option_status) *option_status = option.nro_opt.nro_status;
    return error;
  }
  int enable() { return enable(reinterpret_cast<uint64_t>(atok), reinterpret_cast<uint64_t>(ktoa)); }
  int control(uint16_t type, void* body, nmreq_option* option) {
    nmreq_header header{};
    header.nr_version = kApi;
    header.nr_reqtype = type;
    header.nr_body = reinterpret_cast<uint64_t>(body);
    header.nr_options = reinterpret_cast<uint64_t>(option);
    return device->control(&header).err;
  }
  int loop(uint32_t sleep_us, nmreq_option* options = nullptr) {
    nmreq_sync_kloop_start body{sleep_us, 0};
    return control(NETMAP_REQ_SYNC_KLOOP_START, &body, options);
  }
  int stop() { return control(NETMAP_REQ_SYNC_KLOOP_STOP, nullptr, nullptr); }

  static uint32_t get(const uint32_t& word) { return __atomic_load_n(&word, __ATOMIC_SEQ_CST); }
  static void set(uint32_t& word, uint32_t value) { __atomic_store_n(&word, value, __ATOMIC_SEQ_CST); }
  void move(uint32_t entry, uint32_t to) {
    set(atok[entry].cur, to);
    set(atok[entry].head, to);
  }
  // Until the loop has come that far; false when it does not within seconds.
  static bool eventually(const std::function<bool()>& done) {
    for (int ms = 0; ms < 10000; ++ms) {
      if (done()) return true;
      usleep(1000);
    }
    return false;
  }
  void fill(uint32_t slot, uint32_t number, uint16_t len = 60) {
    uint8_t* b = buffer(tx(), slot);
    std::memset(b, 0xff, 6);
    std::memset(b + 6, 2, 6);
    std::memcpy(b + 44, &number, sizeof number);
    tx()->slots()[slot].len = len;
    tx()->slots()[slot].flags = 0;
  }

  uint8_t* block;
  size_t size;
  nm_csb_atok* atok;
  nm_csb_ktoa* ktoa;
};

// One pair for each of two rings, the way netmap wants them.
struct EventFds {
  alignas(8) uint8_t bytes[sizeof(nmreq_opt_sync_kloop_eventfds) + 4 * sizeof(nmreq_opt_sync_kloop_eventfds::Pair)]{};
  nmreq_opt_sync_kloop_mode mode{};
  explicit EventFds(uint32_t rings, uint32_t direct = 0) {
    auto* option = reinterpret_cast<nmreq_opt_sync_kloop_eventfds*>(bytes);
    option->nro_opt.nro_reqtype = NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS;
    option->nro_opt.nro_size = sizeof *option + rings * sizeof(nmreq_opt_sync_kloop_eventfds::Pair);
    for (uint32_t i = 0; i < rings; ++i) {
      pair(i).ioeventfd = eventfd(0, EFD_CLOEXEC);
      pair(i).irqfd = eventfd(0, EFD_CLOEXEC);
    }
    count = rings;
    mode.nro_opt.nro_reqtype = NETMAP_REQ_OPT_SYNC_KLOOP_MODE;
    mode.mode = direct;
    if (direct) mode.nro_opt.nro_next = reinterpret_cast<uint64_t>(option);
  }
  ~EventFds() {
    for (uint32_t i = 0; i < count; ++i) {
      close(pair(i).ioeventfd);
      close(pair(i).irqfd);
    }
  }
  nmreq_opt_sync_kloop_eventfds::Pair& pair(uint32_t i) {
    return reinterpret_cast<nmreq_opt_sync_kloop_eventfds*>(bytes)->eventfds()[i];
  }
  nmreq_option* options() { return mode.mode ? &mode.nro_opt : reinterpret_cast<nmreq_option*>(bytes); }
  void kick(uint32_t i) { (void)!eventfd_write(pair(i).ioeventfd, 1); }
  // Whether the ring's application has been told; forgets it.
  bool told(uint32_t i, int ms = 0) {
    pollfd p{pair(i).irqfd, POLLIN, 0};
    eventfd_t value;
    return poll(&p, 1, ms) == 1 && eventfd_read(pair(i).irqfd, &value) == 0;
  }
  uint32_t count;
};

}  // namespace

TEST(enable, "entries begin as the rings are; no syncs and no waits from then on") {
  CsbPort p("vale0:a", 16);
  REQUIRE(p.ok());
  CHECK(p.enable() == 0);
  CHECK(p.ktoa[0].hwcur == 0 && p.ktoa[0].hwtail == 15 && p.ktoa[0].kern_need_kick == 1);
  CHECK(p.ktoa[1].hwcur == 0 && p.ktoa[1].hwtail == 0);
  CHECK(p.atok[0].appl_need_kick == 1 && p.atok[0].sync_flags == 1 && p.atok[1].head == 0);
  CHECK(p.device->txsync() == EBUSY && p.device->rxsync() == EBUSY);
  short revents = 0;
  p.device->poll(POLLIN, 0, &revents);
  CHECK(revents == POLLERR);
}

TEST(refused, "arrays that are not aligned, not there, or of a port that is shared") {
  CsbPort p("vale0:a", 16);
  REQUIRE(p.ok());
  const uint64_t a = reinterpret_cast<uint64_t>(p.atok), k = reinterpret_cast<uint64_t>(p.ktoa);
  uint32_t status = 0;
  CHECK(p.enable(a + 32, k, &status) == EINVAL && status == EINVAL);
  CHECK(p.enable(a, k + 4) == EINVAL);
  CHECK(p.enable(0, k, &status) == EFAULT && status == EFAULT);
  CHECK(p.enable(a, 0x1000) == EFAULT);
  CHECK(p.enable(0xffff888000000000, k) == EFAULT);
  CHECK(p.control(NETMAP_REQ_CSB_ENABLE, nullptr, nullptr) == EINVAL);
  CHECK(p.loop(100) == EINVAL);
  CHECK(p.device->txsync() == 0);
  CsbPort shared("vale0:b", 16, 1, 0);
  CHECK(shared.enable() == EINVAL);
}

TEST(requests, "one loop at a time; stopping first keeps the next one from beginning") {
  CsbPort p("vale0:a", 16);
  REQUIRE(p.ok() && p.enable() == 0);
  CHECK(p.loop(1000001) == EINVAL);
  CHECK(p.stop() == 0);
  CHECK(p.loop(100) == 0);
  std::atomic<int> first{-1};
  std::thread thread([&] { first = p.loop(1000000); });
  CHECK(CsbPort::eventually([&] { return CsbPort::get(p.ktoa[0].kern_need_kick) == 0; }));
  CHECK(p.loop(100) == EBUSY);
  CHECK(p.enable() == EBUSY);
  CHECK(p.stop() == 0);
  thread.join();
  CHECK(first == 0);
  EventFds few(1), good(2), bad(2);
  CHECK(p.loop(0, few.options()) == EINVAL);
  close(bad.pair(0).irqfd);
  CHECK(p.loop(0, bad.options()) == EBADF);
  bad.pair(0).irqfd = -1;
  bad.pair(1).ioeventfd = 0x7fff;
  CHECK(p.loop(0, bad.options()) == EBADF);
  good.mode.mode = 4;
  CHECK(p.loop(0, good.options()) == EINVAL && good.mode.nro_opt.nro_status == EINVAL);
}

TEST(sleeping, "a loop that sleeps sends, receives and asks for no kicks") {
  CsbPort p("vale0:a", 16);
  TestPort q("vale0:b", 16);
  REQUIRE(p.ok() && q.ok() && p.enable() == 0);
  std::thread thread([&] { CHECK(p.loop(100) == 0); });
  for (uint32_t i = 0; i < 5; ++i) p.fill(i, i);
  p.move(0, 5);
  CHECK(CsbPort::eventually([&] { return CsbPort::get(p.ktoa[0].hwtail) == 4; }));
  CHECK(CsbPort::get(p.ktoa[0].hwcur) == 5 && CsbPort::get(p.ktoa[0].kern_need_kick) == 0);
  CHECK(p.tx()->head == 0 && p.tx()->tail == 15);  // the rings' own indices are the application's
  q.device->rxsync();
  CHECK(TestPort::owned(q.rx()) == 5);
  for (uint32_t i = 0; i < 3; ++i) q.queue(0xff, 2, i);
  q.device->txsync();
  CHECK(CsbPort::eventually([&] { return CsbPort::get(p.ktoa[1].hwtail) == 3; }));
  p.move(1, 3);
  CHECK(CsbPort::eventually([&] { return CsbPort::get(p.ktoa[1].hwcur) == 3; }));
  p.stop();
  thread.join();
}

TEST(events, "with eventfds a loop is kicked, and tells those who want to know") {
  for (uint32_t direct = 0; direct < 4; ++direct) {
    CsbPort p("vale0:a", 16);
    TestPort q("vale0:b", 16);
    REQUIRE(p.ok() && q.ok() && p.enable() == 0);
    EventFds fds(2, direct);
    std::thread thread([&] { CHECK(p.loop(0, fds.options()) == 0); });
    for (uint32_t i = 0; i < 8; ++i) p.fill(i, i);
    usleep(5000);
    CHECK(CsbPort::get(p.ktoa[0].kern_need_kick) == 1);
    p.move(0, 5);
    fds.kick(0);
    CHECK(fds.told(0, 5000) && CsbPort::get(p.ktoa[0].hwcur) == 5);
    CsbPort::set(p.atok[0].appl_need_kick, 0);
    p.move(0, 8);
    fds.kick(0);
    CHECK(CsbPort::eventually([&] { return CsbPort::get(p.ktoa[0].hwcur) == 8; }));
    usleep(5000);
    CHECK(!fds.told(0));
    for (uint32_t i = 0; i < 3; ++i) q.queue(0xff, 2, i);
    q.device->txsync();
    CHECK(fds.told(1, 5000));
    // A direct ring is told of, and synced when it is kicked.
    if (direct & NM_OPT_SYNC_KLOOP_DIRECT_RX) {
      CHECK(CsbPort::get(p.ktoa[1].hwtail) == 0);
      fds.kick(1);
    }
    CHECK(CsbPort::eventually([&] { return CsbPort::get(p.ktoa[1].hwtail) == 3; }));
    p.stop();
    thread.join();
  }
}

namespace {

// Frames from one application to another, each with a loop of its own that sleeps when there is nothing to do.
void stream(const char* from, const char* to, bool lossless) {
  const uint32_t frames = rounds(100000);
  CsbPort a(from, 64), b(to, 64);
  REQUIRE(a.ok() && b.ok() && a.enable() == 0 && b.enable() == 0);
  EventFds a_fds(2), b_fds(2);
  std::thread a_loop([&] { CHECK(a.loop(0, a_fds.options()) == 0); });
  std::thread b_loop([&] { CHECK(b.loop(0, b_fds.options()) == 0); });
  const uint32_t n = a.tx()->num_slots;
  std::atomic<bool> done{false};
  std::thread sender([&] {
    for (uint32_t sent = 0, head = 0; sent < frames;) {
      const uint32_t tail = CsbPort::get(a.ktoa[0].hwtail);
      uint32_t room = (tail + n - head) % n;
      if (room == 0) {
        a_fds.told(0, 20);
        continue;
      }
      for (; room > 0 && sent < frames; --room, ++sent, head = (head + 1) % n) {
        a.fill(head, sent, static_cast<uint16_t>(60 + sent % 1400));
      }
      a.move(0, head);
      if (CsbPort::get(a.ktoa[0].kern_need_kick)) a_fds.kick(0);
    }
    done = true;
  });
  uint32_t got = 0, expect = 0, wrong = 0, head = 0;
  for (int idle = 0; got < frames && idle < (done ? 10 : 2000);) {
    const uint32_t tail = CsbPort::get(b.ktoa[1].hwtail);
    if (tail == head) {
      idle += !b_fds.told(1, 20);
      continue;
    }
    idle = 0;
    for (; head != tail; head = (head + 1) % n) {
      uint32_t number;
      std::memcpy(&number, TestPort::buffer(b.rx(), head) + 44, sizeof number);
      wrong += number < expect || b.rx()->slots()[head].len != 60 + number % 1400;
      expect = number + 1;
      ++got;
    }
    b.move(1, head);
    if (CsbPort::get(b.ktoa[1].kern_need_kick)) b_fds.kick(1);
  }
  sender.join();
  a.stop();
  b.stop();
  a_loop.join();
  b_loop.join();
  const Counters c = b.counters();
  CHECK(wrong == 0);
  CHECK(lossless ? got == frames : got == c.rx_packets && got + c.drop_full + c.drop_busy == frames);
}

}  // namespace

TEST(pipe_stream, "two applications with a loop each on a pipe: nothing lost, torn or doubled") {
  stream("x{1", "x}1", true);
}
TEST(vale_stream, "two applications with a loop each on a switch: what is lost is counted") {
  stream("vale0:a", "vale0:b", false);
}

TEST(hostile, "any value in the arrays costs packets at most") {
  Random random(Random::seed());
  for (uint32_t direct = 0; direct < 4; ++direct) {
    CsbPort p("vale0:a", 64, 2), x("x{1", 16);
    TestPort q("vale0:b", 64), y("x}1");
    REQUIRE(p.ok() && x.ok() && q.ok() && y.ok() && p.enable() == 0 && x.enable() == 0);
    EventFds p_fds(4, direct);
    std::thread p_loop([&] { CHECK(p.loop(0, p_fds.options()) == 0); });
    std::thread x_loop([&] { CHECK(x.loop(0) == 0); });
    for (uint32_t i = 0, end = rounds(40000); i < end; ++i) {
      CsbPort& victim = i % 2 ? p : x;
      auto* words = reinterpret_cast<uint32_t*>(random.below(2) ? static_cast<void*>(victim.atok)
                                                                : static_cast<void*>(victim.ktoa));
      const uint32_t value = random.below(3) ? random.below(70) : random.next();
      CsbPort::set(words[16 * random.below(victim.nifp->ni_tx_rings * 2) + random.below(4)], value);
      if (i % 8 == 0) p_fds.kick(random.below(4));
      if (i % 64 == 0) {
        q.queue(0xff, 2, i);
        q.device->txsync();
        q.device->rxsync();
        y.device->rxsync();
        y.rx()->head = y.rx()->cur = y.rx()->tail;
        usleep(10);
      }
    }
    CHECK(p.stop() == 0 && x.stop() == 0);
    p_loop.join();
    x_loop.join();
  }
}

// The address sanitizer has its own idea of what a fault means, and the thread sanitizer of what a jump does.
#if !defined(__SANITIZE_THREAD__)
TEST(gone, "arrays that are unmapped under a loop end it with EFAULT") {
  CsbPort p("vale0:a", 16);
  REQUIRE(p.ok() && p.enable() == 0);
  static_cast<EngineDevice*>(p.device.get())->serve_program();
  std::atomic<int> result{-1};
  std::thread thread([&] { result = p.loop(100); });
  CHECK(CsbPort::eventually([&] { return CsbPort::get(p.ktoa[0].kern_need_kick) == 0; }));
  mprotect(p.block, p.size, PROT_NONE);
  thread.join();
  CHECK(result == EFAULT);
}
#endif

TEST(killed, "a loop ends with its process, and another that shares the descriptor can run the next") {
  CsbPort p("vale0:a", 16);
  REQUIRE(p.ok() && p.enable() == 0);
  const pid_t child = fork();
  if (child == 0) {
    p.loop(100);
    _exit(0);
  }
  CHECK(CsbPort::eventually([&] { return p.enable() == EBUSY; }));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  std::thread thread([&] { CHECK(p.loop(100) == 0); });
  CHECK(CsbPort::eventually([&] { return CsbPort::get(p.ktoa[0].kern_need_kick) == 0; }));
  CHECK(p.stop() == 0);
  thread.join();
}

TEST(stopped_elsewhere, "a loop is ended by another process that shares the descriptor") {
  CsbPort p("vale0:a", 16);
  REQUIRE(p.ok() && p.enable() == 0);
  std::thread thread([&] { CHECK(p.loop(1000000) == 0); });
  CHECK(CsbPort::eventually([&] { return CsbPort::get(p.ktoa[0].kern_need_kick) == 0; }));
  const pid_t child = fork();
  if (child == 0) _exit(p.stop());
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(status == 0);
  thread.join();
}
