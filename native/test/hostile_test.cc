// A peer that writes anything anywhere in shared memory while traffic runs: packets may be lost, nothing else.
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <thread>

#include "../engine/control.h"
#include "../engine/layout.h"
#include "../engine/report.h"
#include "check.h"
#include "port.h"
#include "random.h"

using namespace nm;

namespace {

TestFolder folder;

// One file of the engine as a peer maps it.
struct View {
  uint8_t* base = nullptr;
  size_t size = 0;
  explicit View(const std::string& path) {
    const int fd = open(path.c_str(), O_RDWR);
    struct stat st;
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
      size = static_cast<size_t>(st.st_size);
      base = static_cast<uint8_t*>(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    }
    if (fd >= 0) close(fd);
  }
};

std::vector<View> views() {
  std::vector<View> all;
  DIR* dir = opendir(folder.path().c_str());
  while (dirent* e = readdir(dir)) {
    View v(folder.path() + "/" + e->d_name);
    if (v.base) all.push_back(v);
  }
  closedir(dir);
  return all;
}

// Values that break things more often than random ones.
uint32_t nasty(Random& random) {
  switch (random.below(8)) {
    case 0:
      return 0;
    case 1:
      return 0xffffffff;
    case 2:
      return 0x7fffffff;
    case 3:
      return random.below(4);
    case 4:
      return 1u << random.below(32);
    case 5:
      return 0x10000 + random.below(64);
    default:
      return random.next();
  }
}

// Where the interesting bytes are: tables at the front, netmap_if and rings of a region before its buffers.
size_t place(Random& random, const View& view, bool control) {
  const size_t limit =
      random.below(16) == 0 ? view.size : std::min(view.size, control ? size_t{2} << 20 : size_t{512} << 10);
  return random.below(static_cast<uint32_t>(limit / 4)) * size_t{4};
}

// What says who watches whom, and which buffers are changing places.
void upset_monitors(Random& random, Control& control) {
  Adapter& a = control.adapter(random.below(10));
  Kring& k = a.krings[random.below(2)][random.below(3)];
  const uint32_t value = nasty(random);
  const uint64_t wide = uint64_t{nasty(random)} << 32 | value;
  switch (random.below(8)) {
    case 0:
      return k.watched.store(wide);
    case 1:
      return k.swap.store(wide);
    case 2:
      return k.swap_ring.store(random.below(2) ? value % (1u << 20) / 128 * 128 : wide);
    case 3:
      return a.parent.store(random.below(2) ? random.below(10) : value);
    case 4:
      return a.parent_serial.store(value);
    case 5:
      return a.monitor_flags.store(random.below(2) ? random.below(8) << 8 : value);
    case 6:
      return a.region.store(random.below(2) ? random.below(6) : value);
    default:
      return k.generation.store(value);
  }
}

}  // namespace

TEST(syncs, "syncs, polls and opens survive any change of shared memory") {
  Random random(Random::seed());
  const uint32_t total = rounds(60000);
  uint32_t done = 0;
  std::atomic<uint64_t> syncs{0};
  while (done < total) {
    {
      TestPort a("vale0:a", 64, 2), b("vale0:b", 32, 2), p("x{1", 16), q("x}1"), null("", 16, 1, 1, NR_REG_NULL);
      if (!a.ok() || !b.ok() || !p.ok() || !q.ok() || !null.ok()) break;
      TestPort copy("vale0:b", 16, 0, 0, NR_REG_ALL_NIC, NR_MONITOR_RX | NR_MONITOR_TX);
      TestPort zero("vale0:a", 16, 0, 0, NR_REG_ALL_NIC, NR_ZCOPY_MON),
          after("vale0:a", 8, 0, 0, NR_REG_ALL_NIC, NR_ZCOPY_MON);
      TestPort piped("x{1", 16, 0, 0, NR_REG_ALL_NIC, NR_ZCOPY_MON);
      if (!copy.ok() || !zero.ok() || !after.ok() || !piped.ok()) break;
      std::shared_ptr<Control> tables;
      if (!Control::attach(false, &tables).ok()) break;
      std::vector<View> seen = views();
      std::atomic<bool> stop{false};
      // Where rings are is found out now: the peer will change netmap_if as well.
      auto traffic = [&stop, &syncs](TestPort* from, TestPort* to, netmap_ring* tx, netmap_ring* rx, uint32_t n) {
        short revents;
        for (uint32_t i = 0; !stop; ++i) {
          for (netmap_ring* ring : {tx, rx}) {
            ring->head = ring->cur = (ring->head + i % 5) % n;
            ring->slots()[i % n].len = static_cast<uint16_t>(60 + i % 2000);
          }
          from->device->txsync();
          ++syncs;
          to->device->rxsync();
          from->device->poll(POLLOUT | POLLIN, 0, &revents);
          if (i % 64 == 0) to->device->poll(POLLIN, 1, &revents);
        }
      };
      std::thread t1(traffic, &a, &b, a.tx(), b.rx(), 32);
      std::thread t2(traffic, &p, &q, p.tx(), q.rx(), 16);
      std::thread t3(traffic, &null, &b, null.tx(), b.rx(1), 16);
      auto watching = [&stop, &syncs](TestPort* one, TestPort* two, netmap_ring* ring, netmap_ring* other) {
        short revents;
        for (uint32_t i = 0; !stop; ++i) {
          for (netmap_ring* r : {ring, other}) r->head = r->cur = (r->head + i % 4) % 8;
          one->device->rxsync();
          two->device->rxsync();
          ++syncs;
          one->device->poll(POLLIN | POLLOUT, 0, &revents);
          if (i % 64 == 0) two->device->poll(POLLIN, 1, &revents);
        }
      };
      std::thread t4(watching, &copy, &zero, copy.rx(), zero.rx());
      std::thread t5(watching, &after, &piped, after.rx(), piped.rx());
      const uint32_t round = std::min(total - done, 3000u);
      for (uint32_t i = 0; i < round; ++i) {
        const View& v = seen[random.below(static_cast<uint32_t>(seen.size()))];
        const bool control = std::memcmp(v.base, kMagic, 4) == 0;
        size_t at = place(random, v, control);
        // The header's lock only now and then: with garbage in it every open waits for its timeout.
        if (control && at < sizeof(ControlHeader) && random.below(200)) continue;
        const uint32_t value = nasty(random);
        std::memcpy(v.base + at, &value, sizeof value);
        if (i % 4 == 0) upset_monitors(random, *tables);
        if (i % 20 == 19) usleep(50);
        if (i % 500 == 499) {
          EngineReport report;
          engine_report(&report);
          TestPort c("vale0:c", 8);
        }
      }
      done += round;
      stop = true;
      t1.join();
      t2.join();
      t3.join();
      t4.join();
      t5.join();
      for (const View& v : seen) munmap(v.base, v.size);
    }
    (void)!std::system(("rm -f " + folder.path() + "/*").c_str());
  }
  CHECK(done == total);
  CHECK(syncs > total / 10);
}
