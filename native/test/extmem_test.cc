// Regions in memory that the program brings along.
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "../base/pages.h"
#include "check.h"
#include "port.h"

using namespace nm;

namespace {

TestFolder folder;

struct Pools {
  uint32_t ifs = 2, if_size = 1024, rings = 64, ring_size = 512, bufs = 4096, buf_size = 2048;
  uint64_t bytes() const { return uint64_t{ifs} * if_size + uint64_t{rings} * ring_size + uint64_t{bufs} * buf_size; }
};

struct Option {
  nmreq_opt_extmem wire{};
  Option(void* at, const Pools& pools, uint64_t size = 0) {
    wire.nro_opt.nro_reqtype = NETMAP_REQ_OPT_EXTMEM;
    wire.nro_usrptr = reinterpret_cast<uint64_t>(at);
    nmreq_pools_info& info = wire.nro_info;
    info.nr_memsize = size ? size : pools.bytes();
    info.nr_if_pool_objtotal = pools.ifs;
    info.nr_if_pool_objsize = pools.if_size;
    info.nr_ring_pool_objtotal = pools.rings;
    info.nr_ring_pool_objsize = pools.ring_size;
    info.nr_buf_pool_objtotal = pools.bufs;
    info.nr_buf_pool_objsize = pools.buf_size;
  }
};

struct ExtPort : Option, TestPort {
  uint8_t* memory;
  ExtPort(const char* name, void* at, const Pools& pools = {}, uint64_t size = 0, uint32_t slots = 16,
          uint32_t mode = NR_REG_ALL_NIC)
      : Option(at, pools, size),
        TestPort(name, slots, 1, 0, mode, 0, &wire.nro_opt),
        memory(static_cast<uint8_t*>(at)) {
    // What a C program does: it looks in its own memory.
    if (ok()) nifp = reinterpret_cast<netmap_if*>(memory + request.nr_offset);
  }
  int option_status() const { return static_cast<int>(wire.nro_opt.nro_status); }
};

uint8_t* map(uint64_t size, int flags, int fd = -1, off_t offset = 0) {
  void* at = mmap(nullptr, size, PROT_READ | PROT_WRITE, flags, fd, offset);
  return at == MAP_FAILED ? nullptr : static_cast<uint8_t*>(at);
}
uint8_t* anonymous(uint64_t size) {
  return map(size, MAP_SHARED | MAP_ANONYMOUS);
}

int refusal(void* at, const Pools& pools = {}, uint64_t size = 0) {
  ExtPort p("vale0:x", at, pools, size);
  if (!p.ok() && p.status.detail.empty()) std::printf("# no text for errno %d\n", p.status.err);
  return p.status.err;
}

// A frame from one port to the other through their own views.
bool passes(TestPort& from, TestPort& to, uint32_t number) {
  uint32_t got = 0;
  if (!from.queue(0xff, 1, number) || from.device->txsync() || to.device->rxsync() || !to.take(&got)) return false;
  to.device->rxsync();
  return got == number;
}

std::string file_in(const char* name, uint64_t size, int* fd) {
  const std::string path = "/dev/shm/nm-extmem-" + std::to_string(getpid()) + "-" + name;
  *fd = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (*fd < 0 || ftruncate(*fd, static_cast<off_t>(size)) != 0) std::printf("# no file %s\n", path.c_str());
  return path;
}

// Runs in a process of its own; true when it returned true.
template <typename F>
bool elsewhere(F&& f) {
  const pid_t pid = fork();
  if (pid == 0) _exit(f() ? 0 : 1);
  int status = 0;
  return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

TEST(anonymous_memory, "anonymous memory becomes a region where it is, and keeps what it holds") {
  Pools pools;
  uint8_t* m = anonymous(pools.bytes());
  m[4000050] = 0x5a;
  ExtPort a("vale0:a", m);
  TestPort b("vale0:b", 16);
  REQUIRE(a.ok() && b.ok());
  CHECK(a.option_status() == 0 && m[4000050] == 0x5a);
  CHECK(a.request.nr_memsize == 8425472 && a.request.nr_offset == 0 && a.request.nr_mem_id >= 2);
  CHECK(std::strcmp(a.nifp->ni_name, "vale0:a") == 0 && a.nifp->ni_flags == NI_PRIV_MEM);
  CHECK(a.rx()->nr_buf_size == 2048 && reinterpret_cast<uint8_t*>(a.rx()) == m + 4096);
  CHECK(reinterpret_cast<uint8_t*>(a.tx()) == m + 4096 + 512);
  CHECK(passes(a, b, 7) && passes(b, a, 8));
  // The memory may go, the port stays.
  CHECK(munmap(m, pools.bytes()) == 0 && a.device->txsync() == 0 && a.device->rxsync() == 0);
}

TEST(private_memory, "so does private memory, and other processes deliver into it") {
  Pools pools;
  uint8_t* m = map(pools.bytes(), MAP_PRIVATE | MAP_ANONYMOUS);
  ExtPort a("vale0:a", m);
  REQUIRE(a.ok());
  CHECK(elsewhere([] {
    TestPort b("vale0:b", 16);
    return b.ok() && b.queue(0xff, 1, 77) && b.device->txsync() == 0 && b.counters().drop_unroutable == 0;
  }));
  a.device->rxsync();
  uint32_t n = 0;
  CHECK(a.take(&n) && n == 77);
}

TEST(again, "the same memory again: the same region while it is one, a new one afterwards") {
  Pools pools;
  uint8_t* m = anonymous(pools.bytes());
  {
    ExtPort a("vale0:a", m);
    Pools other;
    other.bufs = 100;
    ExtPort b("vale0:b", m, other, pools.bytes());
    REQUIRE(a.ok() && b.ok());
    CHECK(a.request.nr_mem_id == b.request.nr_mem_id && b.request.nr_offset == 1024 &&
          b.rx()->slots()[0].buf_idx == 34);
    CHECK(passes(a, b, 1));
    TestPort c("vale0:c", 16, 1, a.request.nr_mem_id);
    CHECK(!c.ok() && c.status.err == ENOMEM);  // both interfaces are taken
    ExtPort elsewhere("vale0:d", anonymous(pools.bytes()));
    CHECK(elsewhere.ok() && elsewhere.request.nr_mem_id != a.request.nr_mem_id);
    std::memset(TestPort::buffer(a.tx(), 3), 0x33, 100);
  }
  ExtPort a("vale0:a", m);
  REQUIRE(a.ok());
  CHECK(TestPort::buffer(a.tx(), 3)[99] == 0x33);
}

TEST(files, "a file is a region for all who map it") {
  Pools pools;
  int fd;
  const std::string path = file_in("shared", pools.bytes() + kPageSize, &fd);
  uint8_t* m = map(pools.bytes(), MAP_SHARED, fd);
  close(fd);
  {
    ExtPort a("vale0:a", m);
    REQUIRE(a.ok());
    const uint16_t id = a.request.nr_mem_id;
    CHECK(elsewhere([&] {
      const int again = open(path.c_str(), O_RDWR);
      uint8_t* m2 = map(pools.bytes(), MAP_SHARED, again);
      ExtPort b("vale0:b", m2);
      uint8_t* m3 = map(pools.bytes(), MAP_SHARED, again, kPageSize);
      ExtPort c("vale0:c", m3, pools, pools.bytes() - kPageSize);
      TestPort d("vale0:d", 16);
      return b.ok() && d.ok() && b.request.nr_mem_id == id && passes(d, b, 5) &&
             std::strcmp(reinterpret_cast<netmap_if*>(m2)->ni_name, "vale0:a") == 0 && c.status.err == ENOMEM;
    }));
    a.device->rxsync();
    uint32_t n = 0;
    CHECK(a.take(&n) && n == 5);
    // A private mapping of it is memory of its own.
    const int again = open(path.c_str(), O_RDWR);
    ExtPort p("vale0:p", map(pools.bytes(), MAP_PRIVATE, again));
    CHECK(p.ok() && p.request.nr_mem_id != id);
    close(again);
  }
  CHECK(access(path.c_str(), F_OK) == 0);
  unlink(path.c_str());
  CHECK(folder.files() == 0);
}

TEST(nameless, "a file without a name is found by its descriptor, by others too, and whoever has it keeps it") {
  Pools pools;
  const int fd = memfd_create("memory", MFD_CLOEXEC);
  REQUIRE(fd >= 0 && ftruncate(fd, static_cast<off_t>(pools.bytes())) == 0);
  uint8_t* m = map(pools.bytes(), MAP_SHARED, fd);
  int ready[2], go[2];
  REQUIRE(pipe(ready) == 0 && pipe(go) == 0);
  // The process that opens the port dies; a child that has inherited it lives on.
  const pid_t opener = fork();
  if (opener == 0) {
    ExtPort a("vale0:a", m);
    if (!a.ok()) _exit(1);
    if (fork() > 0) {
      char c;
      (void)!read(ready[0], &c, 1);
      _exit(0);  // without closing anything properly
    }
    close(fd);
    (void)!write(ready[1], "x", 1);
    char c;
    (void)!read(go[0], &c, 1);
    TestPort again("vale0:k", 16);  // any request brings the memory back into reach
    (void)!write(ready[1], again.ok() ? "y" : "n", 1);
    (void)!read(go[0], &c, 1);
    a.device->rxsync();
    uint32_t n = 0;
    (void)!write(ready[1], a.take(&n) && n == 9 ? "y" : "n", 1);
    _exit(0);
  }
  munmap(m, pools.bytes());
  close(fd);
  int status;
  CHECK(waitpid(opener, &status, 0) == opener && WIFEXITED(status) && WEXITSTATUS(status) == 0);
  char answer = 0;
  (void)!write(go[1], "g", 1);
  CHECK(read(ready[0], &answer, 1) == 1 && answer == 'y');
  TestPort b("vale0:b", 16);
  REQUIRE(b.ok());
  CHECK(b.queue(0xff, 1, 9) && b.device->txsync() == 0 && b.counters().drop_unroutable == 0);
  (void)!write(go[1], "g", 1);
  CHECK(read(ready[0], &answer, 1) == 1 && answer == 'y');
}

TEST(lost, "shared memory whose file cannot be opened again is refused") {
  Pools pools;
  int fd = memfd_create("memory", MFD_CLOEXEC);
  REQUIRE(fd >= 0 && ftruncate(fd, static_cast<off_t>(pools.bytes())) == 0);
  uint8_t* m = map(pools.bytes(), MAP_SHARED, fd);
  close(fd);
  CHECK(refusal(m) == EFAULT);
  const std::string path = file_in("gone", pools.bytes(), &fd);
  m = map(pools.bytes(), MAP_SHARED, fd);
  unlink(path.c_str());
  CHECK(refusal(m) == 0);  // its descriptor is still there
  close(fd);
  CHECK(refusal(m) == EFAULT);
  CHECK(folder.files() == 0);
}

TEST(addresses, "bad addresses are EFAULT, no size is ENOMEM, an address within a page means the page") {
  Pools pools;
  const uint64_t size = round_up(pools.bytes());
  uint8_t* m = anonymous(size + 2 * kPageSize);
  CHECK(refusal(nullptr) == EFAULT);
  CHECK(refusal(reinterpret_cast<void*>(0x100000)) == EFAULT);
  CHECK(refusal(reinterpret_cast<void*>(UINT64_MAX - 100)) == EFAULT);
  CHECK(refusal(m, pools, UINT64_MAX - 5000) == EFAULT);
  CHECK(refusal(m, pools, 2 * size) == EFAULT);
  Option none(m, pools);
  none.wire.nro_info.nr_memsize = 0;
  TestPort p("vale0:x", 16, 1, 0, NR_REG_ALL_NIC, 0, &none.wire.nro_opt);
  CHECK(p.status.err == ENOMEM && none.wire.nro_opt.nro_status == ENOMEM);
  uint8_t* r = map(size, MAP_SHARED | MAP_ANONYMOUS);
  mprotect(r + 8 * kPageSize, kPageSize, PROT_READ);
  CHECK(refusal(r) == EFAULT);
  uint8_t local[64];
  CHECK(refusal(local, pools, 64) == EFAULT);  // the stack
  ExtPort q("vale0:x", m + kPageSize + 100);
  REQUIRE(q.ok());
  CHECK(std::strcmp(reinterpret_cast<netmap_if*>(m + kPageSize)->ni_name, "vale0:x") == 0);
  CHECK(m[0] == 0);
}

TEST(mixed, "memory in several pieces must be of one kind") {
  Pools pools;
  const uint64_t size = round_up(pools.bytes());
  uint8_t* m = anonymous(size);
  madvise(m, size / 2 / kPageSize * kPageSize, MADV_DONTFORK);  // two pieces, both ours
  CHECK(refusal(m) == 0);
  int fd;
  const std::string path = file_in("half", size, &fd);
  mmap(m, 16 * kPageSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
  CHECK(refusal(m) == EFAULT);
  uint8_t* f = map(size, MAP_SHARED, fd);
  madvise(f, 8 * kPageSize, MADV_DONTFORK);
  CHECK(refusal(f) == 0);
  mmap(f, 8 * kPageSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 8 * kPageSize);  // not in order
  CHECK(refusal(f) == EFAULT);
  CHECK(refusal(map(size, MAP_SHARED, fd), pools, size) == 0);
  CHECK(ftruncate(fd, 4 * kPageSize) == 0);
  CHECK(refusal(map(size, MAP_SHARED, fd)) == EFAULT);
  close(fd);
  unlink(path.c_str());
  // What is a region already.
  TestPort port("vale0:a", 16);
  REQUIRE(port.ok());
  CHECK(refusal(port.mapping->base(), pools, 64 * kPageSize) == EFAULT);
}

TEST(sizes, "pools that do not fit are ENOMEM, sizes that cannot be are EINVAL, 0 is the default") {
  uint8_t* m = anonymous(16 << 20);
  Pools pools;
  Pools p = pools;
  p.ring_size = 1 << 20;
  CHECK(refusal(m, p, pools.bytes()) == ENOMEM);
  CHECK(refusal(m, Pools{0, 0, 0, 0, 0, 0}, 1 << 20) == ENOMEM);
  {
    ExtPort q("vale0:x", m, Pools{0, 0, 0, 0, 0, 0}, 16 << 20, 0);
    REQUIRE(q.ok());
    const nmreq_pools_info& i = q.wire.nro_info;
    CHECK(i.nr_if_pool_objtotal == 2 && i.nr_if_pool_objsize == 1024 && i.nr_ring_pool_objtotal == 4);
    CHECK(i.nr_ring_pool_objsize == 20480 && i.nr_buf_pool_objtotal == 4098 && i.nr_buf_pool_objsize == 2112);
    CHECK(i.nr_memsize == 16 << 20 && q.tx()->num_slots == 1024);
  }
  for (uint32_t size : {32u, 100u, 65536u}) {
    p = pools;
    p.buf_size = size;
    CHECK(refusal(m, p, 16 << 20) == (size > 65535 ? ENOMEM : EINVAL));
  }
  p = pools;
  p.ring_size = 500;
  CHECK(refusal(m, p) == EINVAL);
  p.ring_size = 384;  // 8 slots
  CHECK(refusal(m, p) == ENOMEM);
  p = pools;
  p.if_size = 56;
  CHECK(refusal(m, p) == ENOMEM);
  p.if_size = 88;
  CHECK(refusal(m, p) == 0);
  p = pools;
  p.rings = 1;
  CHECK(refusal(m, p) == ENOMEM);
  p = pools;
  p.bufs = 20;
  CHECK(refusal(m, p, p.bytes()) == ENOMEM);
  p.bufs = 34;
  CHECK(refusal(m, p, p.bytes()) == 0);
  p.bufs = UINT32_MAX;
  CHECK(refusal(m, p, 16 << 20) == ENOMEM);
  CHECK(refusal(anonymous(uint64_t{3} << 30), pools, uint64_t{3} << 30) == ENOMEM);
  CHECK(folder.files() == 0);
}

TEST(kinds, "pipes and null ports live there, too; a port that is open elsewhere does not move") {
  Pools pools;
  pools.ifs = 8;
  uint8_t* m = anonymous(pools.bytes());
  {
    ExtPort a("p{q", m, pools);
    TestPort b("p}q");
    REQUIRE(a.ok() && b.ok());
    CHECK(b.request.nr_mem_id == a.request.nr_mem_id && b.request.nr_offset == 1024 && passes(a, b, 3));
    ExtPort null("", m, pools, 0, 16, NR_REG_NULL);
    REQUIRE(null.ok());
    CHECK(null.request.nr_mem_id == a.request.nr_mem_id && null.tx()->num_slots == 16);
  }
  TestPort open("vale0:a", 16);
  ExtPort late("vale0:a", m, pools);
  CHECK(open.ok() && late.status.err == EINVAL && late.option_status() == 0);
}

TEST(truncated, "bytes around the memory stay as they are") {
  Pools pools;
  const uint64_t pages = round_up(pools.bytes()) / kPageSize;
  uint8_t* m = anonymous((pages + 2) * kPageSize);
  std::memset(m, 0x11, (pages + 2) * kPageSize);
  ExtPort a("vale0:a", m + kPageSize, pools, pages * kPageSize - 1000);
  REQUIRE(a.ok());
  for (uint64_t k : {uint64_t{0}, kPageSize - 1, (pages + 1) * kPageSize, (pages + 2) * kPageSize - 1,
                     (pages + 1) * kPageSize - 1}) {
    CHECK(m[k] == 0x11);
  }
}

TEST(huge, "huge pages, where the system has some") {
  constexpr uint64_t kHuge = 2 << 20, kSize = 6 * kHuge;
  const int fd = memfd_create("huge", MFD_CLOEXEC | MFD_HUGETLB);
  uint8_t* m = fd >= 0 && ftruncate(fd, kSize) == 0 ? map(kSize, MAP_SHARED, fd) : nullptr;
  if (!m) {
    std::printf("# skipped: no huge pages (vm.nr_hugepages)\n");
    return;
  }
  Pools pools{8, 1024, 8, 20480, 2000, 2048};
  {
    ExtPort a("vale0:a", m, pools, kSize, 1024);
    if (a.status.err == ENOSPC || a.status.err == ENOMEM) std::printf("# %s\n", a.status.detail.c_str());
    REQUIRE(a.ok());
    TestPort b("vale0:b", 1024, 1, a.request.nr_mem_id), c("vale0:c", 16);
    REQUIRE(b.ok() && c.ok());
    CHECK(passes(a, c, 1) && passes(c, a, 2));
    CHECK(elsewhere([&] { return TestPort("vale0:d", 16).queue(0xff, 1, 1); }));
    CHECK(refusal(m + kPageSize, pools, kSize - kPageSize) == EINVAL);
  }
  // Anonymous ones are replaced by ordinary memory.
  uint8_t* anonymous_huge = map(kSize, MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB);
  if (anonymous_huge) CHECK(refusal(anonymous_huge, pools, kSize) == 0);
}
