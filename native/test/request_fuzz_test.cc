// Control requests as a program under the preload library may send them: random types, bodies, option lists and
// pointers. Whatever comes: an errno, never a fault. NM_ROUNDS multiplies the number of requests.
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <thread>

#include "../abi/option.h"
#include "../base/pages.h"
#include "../preload/request_copy.h"
#include "check.h"
#include "port.h"
#include "random.h"

using namespace nm;

namespace {

TestFolder folder;

// Memory as a program has it: two pages that can be written, one that can only be read, one that is not there.
struct Arena {
  uint8_t* base;
  Arena() {
    base =
        static_cast<uint8_t*>(mmap(nullptr, 4 * kPageSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(base + 2 * kPageSize, kPageSize, PROT_READ);
    munmap(base + 3 * kPageSize, kPageSize);
  }
  ~Arena() { munmap(base, 3 * kPageSize); }

  // Mostly good addresses; some that run over an edge, and some that lead nowhere.
  uint64_t pointer(Random& random) const {
    const auto at = reinterpret_cast<uint64_t>(base);
    switch (random.below(16)) {
      case 0:
        return 0;
      case 1:
        return at + 3 * kPageSize - random.below(128);
      case 2:
        return at + 2 * kPageSize - random.below(128);
      case 3:
        return random.next() | uint64_t{random.next()} << 32;
      case 4:
        return at + random.below(2 * kPageSize);
      default:
        return at + random.below(2 * kPageSize / 64) * 64;
    }
  }
  bool writable(uint64_t p, size_t size) const {
    const auto at = reinterpret_cast<uint64_t>(base);
    return p >= at && p + size <= at + 2 * kPageSize && p + size > p;
  }
};

uint64_t number(Random& random) {
  switch (random.below(8)) {
    case 0:
      return 0;
    case 1:
      return ~uint64_t{0};
    case 2:
      return uint64_t{1} << random.below(64);
    case 3:
      return random.next() | uint64_t{random.next()} << 32;
    default:
      return random.below(80);
  }
}

template <typename T>
void scatter(uint8_t* at, size_t size, Random& random, T&& value) {
  for (size_t k = 0; k + sizeof(value()) <= size; k += sizeof(value())) {
    if (random.below(3)) continue;
    const auto v = value();
    std::memcpy(at + k, &v, sizeof v);
  }
}

const char* const kNames[] = {"vale0:a", "vale0:b", "vale1:a",  "x{1",   "x}1",     "vale0:a{2", "",
                              "eth0",    "vale0",   "vale0:a}", "p{q{r", "vale9:p", "v0",        "vale0:v0"};

void name(char (&to)[64], Random& random) {
  std::memset(to, 0, sizeof to);
  if (random.below(8)) {
    std::strcpy(to, kNames[random.below(sizeof kNames / sizeof kNames[0])]);
    return;
  }
  const uint32_t length = random.below(sizeof to + 1);
  constexpr char kSigns[] = "vale0:a{}1^*-/@xyz \n\xff";
  for (uint32_t i = 0; i < length; ++i) to[i] = kSigns[random.below(sizeof kSigns)];
}

// Options in the arena that may point at each other, at themselves, or nowhere.
uint64_t options(const Arena& arena, Random& random) {
  if (random.below(3) == 0) return 0;
  const uint64_t first = arena.pointer(random);
  uint64_t at = first;
  for (uint32_t n = random.below(5); n > 0 && arena.writable(at, 128); --n) {
    auto* bytes = reinterpret_cast<uint8_t*>(at);
    scatter(bytes + sizeof(nmreq_option), 96, random,
            [&] { return random.below(3) ? number(random) : arena.pointer(random); });
    nmreq_option option{};
    option.nro_reqtype = random.below(8) ? 1 + random.below(6) : random.next();
    option.nro_size = random.below(4) ? 24 + 8 * random.below(8) : number(random);
    option.nro_next = n > 1 || random.below(8) == 0 ? arena.pointer(random) : 0;
    std::memcpy(bytes, &option, sizeof option);
    at = option.nro_next;
  }
  return first;
}

}  // namespace

TEST(requests, "control requests with any content and any pointer get an answer") {
  Random random(Random::seed());
  Arena arena;
  const uint32_t total = rounds(20000);
  std::map<int, uint32_t> answers;
  std::unique_ptr<Device> devices[4];
  for (uint32_t k = 0; k < total; ++k) {
    std::unique_ptr<Device>& device = devices[random.below(4)];
    if (!device || random.below(20) == 0) {
      device.reset();
      open_engine(&device);
    }
    nmreq_header header{};
    header.nr_version = random.below(16) ? kApi : static_cast<uint16_t>(random.next());
    header.nr_reqtype = static_cast<uint16_t>(random.below(16) ? 1 + random.below(16) : random.next());
    header.nr_reserved = random.below(32) ? 0 : random.next();
    name(header.nr_name, random);
    header.nr_body = arena.pointer(random);
    if (arena.writable(header.nr_body, 64)) {
      scatter(reinterpret_cast<uint8_t*>(header.nr_body), 64, random,
              [&] { return static_cast<uint16_t>(number(random)); });
      if (random.below(2)) {
        nmreq_register r{};
        r.nr_mode = random.below(10);
        r.nr_flags = random.below(2) ? 0 : number(random);
        r.nr_tx_slots = r.nr_rx_slots = random.below(64);
        r.nr_mem_id = static_cast<uint16_t>(random.below(4));
        r.nr_extra_bufs = random.below(4) ? 0 : static_cast<uint32_t>(number(random));
        std::memcpy(reinterpret_cast<void*>(header.nr_body), &r, sizeof r);
      }
    }
    header.nr_options = options(arena, random);
    uint64_t at = arena.pointer(random);
    if (!arena.writable(at, sizeof header)) {
      at = random.below(8) ? reinterpret_cast<uint64_t>(arena.base) : at;
    }
    if (arena.writable(at, sizeof header)) std::memcpy(reinterpret_cast<void*>(at), &header, sizeof header);

    RequestCopy request;
    int error = request.take(at);
    bool served = false;
    if (error == 0) {
      // A sync loop would stay in there: somebody else ends it.
      std::atomic<bool> over{false};
      std::thread stopper;
      if (request.header()->nr_reqtype == NETMAP_REQ_SYNC_KLOOP_START) {
        stopper = std::thread([&] {
          while (!over) {
            nmreq_header stop{};
            stop.nr_version = kApi;
            stop.nr_reqtype = NETMAP_REQ_SYNC_KLOOP_STOP;
            device->control(&stop);
            usleep(200);
          }
        });
      }
      const Status s = device->control(request.header());
      over = true;
      if (stopper.joinable()) stopper.join();
      served = s.ok();
      error = s.err;
      if (served && request.header()->nr_reqtype == NETMAP_REQ_REGISTER) {
        device->txsync();
        device->rxsync();
      }
    }
    if (at) request.give_back(served);
    ++answers[error];
  }
  for (auto& answer : answers)
    std::printf("# %-40s %u\n", answer.first ? strerror(answer.first) : "served", answer.second);
  CHECK(answers[0] > total / 100);
  CHECK(answers[EFAULT] > total / 100);
  CHECK(answers[EINVAL] > total / 100);
  for (auto& device : devices) device.reset();
  {
    TestPort last("vale0:last");
    CHECK(last.ok());
  }
}
