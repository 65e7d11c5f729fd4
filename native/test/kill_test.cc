// Processes on one switch and on a pipe, killed and stopped at random points: nobody else hangs, crashes or sees a
// torn, doubled or reordered frame, and nothing is left behind. NM_ROUNDS multiplies the number of kills.
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <map>

#include "../engine/report.h"
#include "check.h"
#include "port.h"
#include "random.h"
#include "traffic.h"

using namespace nm;

namespace {

TestFolder folder;

// What the children tell the parent, in memory of the test's own.
struct Child {
  std::atomic<uint64_t> beats;   // goes on as long as the child does
  std::atomic<uint64_t> frames;  // received and found whole
  std::atomic<uint64_t> wrong;
  std::atomic<uint32_t> life;  // number of its present life
};
struct Board {
  Child child[8];
  std::atomic<uint32_t> lives;
  std::atomic<bool> stop;
};
Board* board;

void send_some(TestPort& port, uint32_t life, uint32_t* number, Random& random) {
  for (uint32_t n = 1 + random.below(40); n > 0 && TestPort::owned(port.tx()); --n) {
    queue_frame(port, 0xff, 0, {life, *number}, random);
    ++*number;
  }
  port.device->txsync();
}

void receive_some(TestPort& port, Child& me, std::map<uint32_t, uint32_t>& seen) {
  netmap_ring* ring = port.rx();
  for (; TestPort::owned(ring); ring->head = ring->cur = TestPort::next(ring, ring->head)) {
    FrameTag tag{};
    const bool whole = read_frame(TestPort::buffer(ring, ring->head), ring->slots()[ring->head].len, &tag);
    const bool good = whole && (!seen.count(tag.life) || tag.number >= seen[tag.life]);
    seen[tag.life] = tag.number + 1;
    me.wrong += !good;
    ++me.frames;
  }
}

// Lives: open, move frames for a while, sometimes close and open again.
[[noreturn]] void live(uint32_t index, const char* name, bool sends) {
  Child& me = board->child[index];
  const uint32_t life = ++board->lives;
  me.life = life;
  Random random(life * 977 + Random::seed());
  std::map<uint32_t, uint32_t> seen;
  uint32_t number = 0;
  while (!board->stop) {
    TestPort port(name, 128);
    if (!port.ok()) {
      std::printf("# %s: %s\n", name, port.status.detail.c_str());
      ++me.wrong;
      usleep(1000);
      continue;
    }
    // Both directions of a pipe outlive their readers: what an earlier life left unread is not this one's to order.
    seen.clear();
    for (uint32_t round = 50 + random.below(400); round > 0 && !board->stop; --round) {
      short revents;
      if (sends) {
        send_some(port, life, &number, random);
        if (!TestPort::owned(port.tx())) port.device->poll(POLLOUT, 20, &revents);
      } else {
        port.device->poll(POLLIN, 20, &revents);
        receive_some(port, me, seen);
      }
      ++me.beats;
    }
  }
  _exit(0);
}

struct Role {
  const char* name;
  bool sends;
};
constexpr Role kRoles[] = {{"vale0:s1", true},  {"vale0:s2", true}, {"vale0:r1", false},
                           {"vale0:r2", false}, {"x{1", true},      {"x}1", false}};
constexpr uint32_t kChildren = sizeof kRoles / sizeof kRoles[0];

pid_t start(uint32_t index) {
  const pid_t pid = fork();
  if (pid == 0) live(index, kRoles[index].name, kRoles[index].sends);
  return pid;
}

}  // namespace

TEST(kills, "killed and stopped processes harm nobody else") {
  board = static_cast<Board*>(mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  Random random(Random::seed());
  pid_t pids[kChildren];
  for (uint32_t i = 0; i < kChildren; ++i) pids[i] = start(i);
  uint64_t crashed = 0, hung = 0;
  double last_move[kChildren];
  uint64_t last_beats[kChildren] = {};
  for (double& t : last_move) t = seconds();
  const uint32_t kills = rounds(150);
  for (uint32_t k = 0; k < kills; ++k) {
    usleep(1000 + random.below(12000));
    const uint32_t victim = random.below(kChildren);
    if (k % 10 == 9) {  // stopped in the middle of whatever it does, long enough for others to run into it
      kill(pids[victim], SIGSTOP);
      usleep(300000);
      kill(pids[victim], SIGCONT);
      last_move[victim] = seconds();
    } else {
      kill(pids[victim], SIGKILL);
      int status;
      waitpid(pids[victim], &status, 0);
      pids[victim] = start(victim);
      last_move[victim] = seconds();
    }
    for (uint32_t i = 0; i < kChildren; ++i) {
      int status;
      if (waitpid(pids[i], &status, WNOHANG) == pids[i]) {  // nobody killed this one
        ++crashed;
        std::printf("# %s ended by itself: status 0x%x\n", kRoles[i].name, status);
        pids[i] = start(i);
      }
      const uint64_t beats = board->child[i].beats;
      if (beats != last_beats[i]) {
        last_beats[i] = beats;
        last_move[i] = seconds();
      } else if (seconds() - last_move[i] > 10) {  // far above any wait of the engine, however busy the machine
        ++hung;
        std::printf("# %s hangs\n", kRoles[i].name);
        last_move[i] = seconds();
      }
    }
  }
  board->stop = true;
  for (pid_t pid : pids) {
    int status;
    waitpid(pid, &status, 0);
    crashed += status != 0;
  }
  uint64_t wrong = 0, frames = 0;
  for (const Child& c : board->child) {
    wrong += c.wrong;
    frames += c.frames;
  }
  std::printf("# %u kills and stops, %llu frames received\n", kills, static_cast<unsigned long long>(frames));
  CHECK(crashed == 0);
  CHECK(hung == 0);
  CHECK(wrong == 0);
  CHECK(frames > 0);
  EngineReport report;
  engine_report(&report);
  CHECK(report.ports.empty());
  {
    TestPort last("vale0:last");
    CHECK(last.ok());
  }
  CHECK(folder.files() == 0);
}
