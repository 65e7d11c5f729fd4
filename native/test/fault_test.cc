// Processes that die or are stopped inside critical sections, at a fault point chosen beforehand, while others move
// frames. Built with NM_FAULT_POINTS. NM_ROUNDS multiplies the number of deaths.
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "../engine/report.h"
#include "check.h"
#include "fault.h"

using namespace nm;

namespace {

TestFolder folder;
std::string other_folder;  // of those who open the first port and close the last one

#define NM_FAULT_NAME(name) #name,
constexpr const char* kPointNames[] = {NM_FAULT_POINTS_LIST(NM_FAULT_NAME)};
#undef NM_FAULT_NAME

enum Member : uint32_t {
  // Nobody ends these.
  kSender,                  // vale0:s, to kReceiver alone: each of its frames is received or counted as dropped
  kReceiver,                // vale0:r
  kFlooder,                 // vale1:t
  kListener,                // vale1:l
  kPipeWriter,              // x{1, its reader dies
  kPipeReader,              // y}1, its writer dies
  kSurvivors,               // how many
  kNeighbour = kSurvivors,  // vale0:w, sends to kSender, which never reads
  kVictimSender,            // vale1:v
  kVictimReceiver,          // vale1:u
  kVictimReader,            // x}1
  kVictimWriter,            // y{1
  kLoner,                   // ports of a folder of its own
  kMembers
};
constexpr const char* kPorts[] = {"vale0:s", "vale0:r", "vale1:t", "vale1:l", "x{1", "y}1",
                                  "vale0:w", "vale1:v", "vale1:u", "x}1",     "y{1", ""};

// What all see, in memory of the test's own.
struct Board {
  std::atomic<uint64_t> beats[kMembers];
  std::atomic<uint64_t> pause_us[kMembers];  // longest between two beats
  std::atomic<uint64_t> wrong[kMembers];     // frames torn, doubled, out of order or missing
  std::atomic<uint64_t> frames[kMembers];    // received
  std::atomic<uint64_t> refused[kMembers];   // opens that found the engine's lock taken
  std::atomic<uint32_t> lives;
  std::atomic<uint32_t> struck[kPoints];
  std::atomic<uint32_t> expected;       // by the readers of x: next number
  std::atomic<uint64_t> sent, dropped;  // between kSender and kReceiver, at the end
  std::atomic<bool> stop, drain;
};
Board* board;

struct Living {
  Member me;
  uint32_t life;
  Random random;
  uint32_t number = 0;

  void send(TestPort& port, uint8_t to, uint8_t from, uint32_t most) {
    for (uint32_t n = 1 + random.below(most); n > 0 && TestPort::owned(port.tx()); --n) {
      queue_frame(port, to, from, {life, number++}, random);
    }
    port.device->txsync();
  }
};

void wait(TestPort& port, short events) {
  short revents;
  port.device->poll(events, 20, &revents);
}

// One round of a member's work on its port.
void work(Living& l, TestPort& port, Order& order) {
  switch (l.me) {
    case kSender:
      if (!board->drain) l.send(port, 'r', 's', 40);
      usleep(200);
      break;
    case kNeighbour:
      l.send(port, 's', 'w', 40);
      break;
    case kFlooder:
      if (!board->drain) l.send(port, 0xff, 't', 20);
      usleep(300);
      break;
    case kVictimSender:
      l.send(port, l.random.below(4) ? 'u' : 0xff, 'v', 40);
      usleep(50);
      break;
    case kPipeWriter:
      if (!TestPort::owned(port.tx())) wait(port, POLLOUT);
      if (!board->drain) l.send(port, 1, 2, 40);
      if (board->drain) usleep(1000);
      break;
    case kVictimWriter:
      if (!TestPort::owned(port.tx())) wait(port, POLLOUT);
      l.send(port, 1, 2, 40);
      break;
    case kPipeReader:
      wait(port, POLLIN);
      receive(port, kPorts[l.me], order, true, board->frames[l.me], board->wrong[l.me]);
      break;
    default:
      wait(port, POLLIN);
      receive(port, kPorts[l.me], order, false, board->frames[l.me], board->wrong[l.me]);
  }
}

// The reader of x dies: what it left unread its next life must find, and nothing twice that it has given back.
void read_on(TestPort& port, bool* fresh) {
  wait(port, POLLIN);
  netmap_ring* ring = port.rx();
  while (TestPort::owned(ring)) {
    FrameTag tag{};
    const bool whole = read_frame(TestPort::buffer(ring, ring->head), ring->slots()[ring->head].len, &tag);
    // It may have died between giving a slot back and noting it.
    const uint32_t wanted = board->expected;
    if (!whole || (tag.number != wanted && !(*fresh && tag.number == wanted + 1))) {
      ++board->wrong[kVictimReader];
      std::printf("# x}1: frame %u, %s, %u expected\n", tag.number, whole ? "whole" : "torn", wanted);
    }
    *fresh = false;
    ring->head = ring->cur = TestPort::next(ring, ring->head);
    board->expected = tag.number + 1;
    ++board->frames[kVictimReader];
  }
}

void survive(Member me) {
  Living l{me, ++board->lives, Random(Random::seed() * 131 + me)};
  TestPort port(kPorts[me], 256);
  if (!port.ok()) {
    std::printf("# %s: %s\n", kPorts[me], port.status.detail.c_str());
    ++board->wrong[me];
    return;
  }
  Order order;
  if (me == kReceiver) l.send(port, 0xff, 'r', 1);  // so that the switch knows where it is
  while (!board->stop) {
    work(l, port, order);
    beat(board->pause_us[me]);
    ++board->beats[me];
  }
  if (me == kSender) board->sent = port.counters().tx_packets;
  if (me == kReceiver) board->dropped = port.counters().drop_full + port.counters().drop_busy;
}

// Opens, works a little, closes, again and again until the plan strikes.
void perish(Member me) {
  Living l{me, ++board->lives, Random(board->lives * 977 + Random::seed())};
  if (me == kLoner) setenv("NODE_NETMAP_DIR", other_folder.c_str(), 1);
  const char* name = me == kLoner ? (l.random.below(2) ? "vale7:a" : "z{1") : kPorts[me];
  while (!board->stop) {
    TestPort port(name, 64);
    if (!port.ok()) {  // a stopped process may hold the engine's lock
      if (port.status.err != ETIMEDOUT) {
        std::printf("# %s: %s\n", name, port.status.detail.c_str());
        ++board->wrong[me];
      }
      ++board->refused[me];
      usleep(1000);
      continue;
    }
    bool fresh = true;
    Order order;
    for (uint32_t round = 1 + l.random.below(20); round > 0 && !board->stop; --round) {
      if (me == kVictimReader) {
        read_on(port, &fresh);
      } else if (me == kLoner) {
        l.send(port, 0xff, 1, 4);
      } else {
        work(l, port, order);
      }
      ++board->beats[me];
    }
  }
}

pid_t start(uint32_t member, const Plan& fault) {
  std::fflush(stdout);
  const pid_t pid = fork();
  if (pid != 0) return pid;
  plan = fault;
  const auto me = static_cast<Member>(member);
  if (me < kSurvivors) {
    survive(me);
  } else {
    perish(me);
  }
  std::fflush(stdout);
  _exit(0);
}

// Mostly a point at which nobody has died yet.
Plan choose(Random& random) {
  Plan p;
  p.armed = true;
  uint32_t point = random.below(kPoints);
  if (random.below(4)) {
    for (uint32_t i = 0; i < kPoints && board->struck[point]; ++i) point = (point + 1) % kPoints;
  }
  p.point = static_cast<FaultPoint>(point);
  p.passes = random.below(2) ? 1 : 1 + random.below(8);
  p.signal = random.below(12) ? SIGKILL : SIGSTOP;
  return p;
}

struct Victim {
  pid_t pid = 0;
  double born = 0, stopped = 0;
};

}  // namespace

TEST(faults, "processes that die or stop inside critical sections harm nobody else") {
  setvbuf(stdout, nullptr, _IOLBF, 4096);  // what a process printed before it died counts
  char name[] = "/dev/shm/nm-test-XXXXXX";
  other_folder = mkdtemp(name);
  board = shared<Board>();
  struck = board->struck;
  Random random(Random::seed());
  pid_t survivors[kSurvivors];
  for (uint32_t m : {kReceiver, kSender, kListener, kFlooder, kPipeWriter, kPipeReader}) {
    survivors[m] = start(m, {});
    while (board->beats[m] == 0 && waitpid(survivors[m], nullptr, WNOHANG) == 0) usleep(1000);
  }
  Victim victims[kMembers];
  const uint32_t deaths = rounds(300);
  uint32_t done = 0;
  uint64_t crashed = 0;
  const double patience = 0.06;  // for a plan to strike; then it ends anywhere
  while (done < deaths) {
    for (uint32_t m = kSurvivors; m < kMembers; ++m) {
      Victim& v = victims[m];
      if (v.pid == 0) {
        v.pid = start(m, choose(random));
        v.born = seconds();
        v.stopped = 0;
        continue;
      }
      int status;
      const pid_t changed = waitpid(v.pid, &status, WNOHANG | WUNTRACED);
      const double now = seconds();
      if (changed == v.pid && WIFSTOPPED(status)) {
        v.stopped = now + 0.05 + random.below(random.below(8) ? 200 : 2500) * 1e-3;
        ++done;
      } else if (changed == v.pid) {
        const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
        if (!killed) std::printf("# %s ended by itself: status 0x%x\n", kPorts[m], status);
        crashed += !killed;
        ++done;
        v.pid = 0;
      } else if (v.stopped != 0) {
        if (now > v.stopped) {
          kill(v.pid, SIGCONT);
          v.stopped = 0;
          v.born = now;
        }
      } else if (now > v.born + patience) {
        kill(v.pid, SIGKILL);
      }
    }
    usleep(500);
  }
  for (uint32_t m = kSurvivors; m < kMembers; ++m) {
    if (victims[m].pid) kill(victims[m].pid, SIGKILL);
    if (victims[m].pid) waitpid(victims[m].pid, nullptr, 0);
  }
  // One more reader takes what is left in x; then the survivors take what is under way, and end.
  board->drain = true;
  const pid_t last = start(kVictimReader, {});
  usleep(300000);
  board->stop = true;
  waitpid(last, nullptr, 0);
  for (pid_t pid : survivors) {
    int status = -1;
    waitpid(pid, &status, 0);
    crashed += status != 0;
  }

  uint64_t wrong = 0, longest = 0;
  for (uint32_t m = 0; m < kMembers; ++m) {
    wrong += board->wrong[m];
    longest = std::max<uint64_t>(longest, board->pause_us[m]);
  }
  uint32_t hit = 0;
  for (uint32_t p = 0; p < kPoints; ++p) {
    hit += board->struck[p] > 0;
    if (!board->struck[p] && deaths >= 1000) std::printf("# nobody died at %s\n", kPointNames[p]);
  }
  std::printf("# %u deaths and stops, at %u of %u fault points; longest pause of a survivor %.1f ms\n", done, hit,
              kPoints, static_cast<double>(longest) / 1000);
  std::printf("# vale0: %llu sent, %llu received, %llu dropped\n", static_cast<unsigned long long>(board->sent),
              static_cast<unsigned long long>(board->frames[kReceiver]),
              static_cast<unsigned long long>(board->dropped));
  CHECK(crashed == 0);
  CHECK(wrong == 0);
  CHECK(longest < 10000000);  // a hang, not a busy machine
  CHECK(board->sent > 0 && board->sent == board->frames[kReceiver] + board->dropped);
  CHECK(board->frames[kPipeReader] > 0 && board->frames[kVictimReader] > 0 && board->frames[kListener] > 0);
  CHECK(hit * 2 > kPoints);
  for (const std::string& each : {folder.path(), other_folder}) {
    setenv("NODE_NETMAP_DIR", each.c_str(), 1);
    EngineReport report;
    engine_report(&report);
    CHECK(report.ports.empty());
    {
      TestPort port("vale0:last");
      CHECK(port.ok());
    }
  }
  CHECK(folder.files() == 0);
  CHECK(rmdir(other_folder.c_str()) == 0);  // so nothing is left in it
}
