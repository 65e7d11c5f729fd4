// A port and its monitors, whose processes die or are stopped in the middle of what they do for one another. Built with
// NM_FAULT_POINTS. NM_ROUNDS multiplies the number of deaths.
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <set>

#include "../engine/report.h"
#include "check.h"
#include "fault.h"

using namespace nm;

namespace {

TestFolder folder;

constexpr FaultPoint kMonitorPoints[] = {
    FaultPoint::kMonitorMade,      FaultPoint::kMonitorLinked,   FaultPoint::kMonitorEnded,
    FaultPoint::kMonitorCopying,   FaultPoint::kMonitorCopied,   FaultPoint::kMonitorPublished,
    FaultPoint::kMonitorSwapBegun, FaultPoint::kMonitorSwapHalf, FaultPoint::kMonitorSwapped};
constexpr uint32_t kMonitorPointCount = sizeof kMonitorPoints / sizeof kMonitorPoints[0];

enum Member : uint32_t {
  // Nobody ends these.
  kSender,  // vale0:s, whose frames all others get
  kCopy,    // monitors of vale0:p
  kSecond,  // behind kFirst
  kSurvivors,
  kOwner = kSurvivors,  // vale0:p
  kFirst,               // a zero-copy monitor of it
  kOther,               // a copy monitor of it
  kMembers
};
constexpr const char* kNames[] = {"vale0:s", "vale0:p/rt", "vale0:p/z", "vale0:p", "vale0:p/z", "vale0:p/rt"};
constexpr uint64_t kFlags[] = {
    0, NR_MONITOR_RX | NR_MONITOR_TX, NR_ZCOPY_MON, 0, NR_ZCOPY_MON, NR_MONITOR_RX | NR_MONITOR_TX};

struct Board {
  std::atomic<uint64_t> wrong[kMembers], frames[kMembers], ends[kMembers];
  std::atomic<uint64_t> pause_us[kMembers];
  std::atomic<uint32_t> struck[kPoints];
  std::atomic<uint32_t> lives;
  std::atomic<bool> stop;
};
Board* board;
uint16_t mem_id;

void live(Member me) {
  const uint32_t life = ++board->lives;
  Random random(life * 977 + Random::seed());
  Order next;
  uint32_t number = 0;
  const bool monitor = kFlags[me] != 0;
  while (!board->stop) {
    const char* name = monitor ? "vale0:p" : kNames[me];
    TestPort port(name, me == kSender ? 256 : 64, 0, me == kOwner ? mem_id : 0, NR_REG_ALL_NIC, kFlags[me]);
    beat(board->pause_us[me]);
    if (!port.ok()) {  // the port is not open now, or a stopped process holds the engine's lock
      if (port.status.err != ETIMEDOUT && !(monitor && port.status.err == EINVAL)) {
        std::printf("# %s: %s\n", name, port.status.detail.c_str());
        ++board->wrong[me];
      }
      usleep(500);
      continue;
    }
    // Who comes anew stands behind the other zero-copy monitors, and may get from them what it has seen before.
    if (kFlags[me] & NR_ZCOPY_MON) next.clear();
    for (uint32_t round = me == kSender ? ~0u : 20 + random.below(100); round > 0 && !board->stop; --round) {
      short revents = 0;
      if (!monitor) {
        for (uint32_t n = 1 + random.below(12); n > 0 && TestPort::owned(port.tx()); --n) {
          queue_frame(port, 0xff, me == kSender ? 's' : 'p', {life, number++}, random);
        }
        port.device->txsync();
        port.device->rxsync();
        port.rx()->head = port.rx()->cur = port.rx()->tail;  // released with the next sync
        usleep(100);
      } else {
        port.device->poll(POLLIN, 20, &revents);
        receive(port, kNames[me], next, false, board->frames[me], board->wrong[me]);
      }
      beat(board->pause_us[me]);
      if (revents & POLLERR) {
        ++board->ends[me];
        break;
      }
    }
  }
}

uint32_t strikes(uint32_t point) {
  return struck[static_cast<uint32_t>(kMonitorPoints[point])];
}

pid_t start(uint32_t member, const Plan& fault) {
  std::fflush(stdout);
  const pid_t pid = fork();
  if (pid != 0) return pid;
  plan = fault;
  live(static_cast<Member>(member));
  std::fflush(stdout);
  _exit(0);
}

}  // namespace

TEST(deaths, "deaths in what a port and its monitors do for one another lose frames at most, and no buffers") {
  setvbuf(stdout, nullptr, _IOLBF, 4096);
  board = shared<Board>();
  struck = board->struck;
  TestPort keeper("vale7:keeper", 16);  // so that the region outlives the port
  REQUIRE(keeper.ok());
  mem_id = keeper.request.nr_mem_id;
  Random random(Random::seed());
  pid_t pids[kMembers];
  double stopped[kMembers] = {}, born[kMembers] = {};
  const uint32_t deaths = rounds(75);
  uint32_t done = 0;
  uint64_t crashed = 0;
  auto choose = [&] {
    Plan p;
    p.armed = true;
    uint32_t point = random.below(kMonitorPointCount);
    for (uint32_t i = 0; i < kMonitorPointCount && strikes(point) > done / kMonitorPointCount; ++i) {
      point = (point + 1) % kMonitorPointCount;
    }
    p.point = kMonitorPoints[point];
    p.passes = 1 + random.below(random.below(2) ? 4 : 40);
    p.signal = random.below(10) ? SIGKILL : SIGSTOP;
    return p;
  };
  for (uint32_t m = 0; m < kMembers; ++m) pids[m] = start(m, m < kSurvivors ? Plan{} : choose());
  for (double& b : born) b = seconds();
  const double give_up = seconds() + 60 + deaths;
  while (done < deaths && seconds() < give_up) {
    for (uint32_t m = kSurvivors; m < kMembers; ++m) {
      int status;
      const double now = seconds();
      const pid_t changed = waitpid(pids[m], &status, WNOHANG | WUNTRACED);
      if (changed == pids[m] && WIFSTOPPED(status)) {
        stopped[m] = now + 0.02 + random.below(150) * 1e-3;
        ++done;
      } else if (changed == pids[m]) {
        crashed += !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        ++done;
        pids[m] = start(m, choose());
        born[m] = now;
      } else if (stopped[m] != 0 && now > stopped[m]) {
        kill(pids[m], SIGCONT);
        stopped[m] = 0;
        born[m] = now - 0.25;
      } else if (stopped[m] == 0 && now > born[m] + 0.3) {
        kill(pids[m], SIGTERM);  // its plan does not come about: another one
        waitpid(pids[m], &status, 0);
        pids[m] = start(m, choose());
        born[m] = now;
      }
    }
    usleep(500);
  }
  for (uint32_t m = kSurvivors; m < kMembers; ++m) {
    kill(pids[m], SIGKILL);
    waitpid(pids[m], nullptr, 0);
  }
  usleep(300000);
  board->stop = true;
  for (uint32_t m = 0; m < kSurvivors; ++m) {
    int status = -1;
    waitpid(pids[m], &status, 0);
    crashed += status != 0;
  }
  uint64_t wrong = 0, longest = 0;
  uint32_t hit = 0;
  for (uint32_t m = 0; m < kMembers; ++m) wrong += board->wrong[m];
  for (uint32_t m = 0; m < kSurvivors; ++m) longest = std::max<uint64_t>(longest, board->pause_us[m]);
  for (uint32_t point = 0; point < kMonitorPointCount; ++point) hit += strikes(point) > 0;
  std::printf(
      "# %u deaths and stops, at %u of %u points; %llu and %llu frames seen, %llu and %llu ends; longest pause %.1f "
      "ms\n",
      done, hit, kMonitorPointCount, static_cast<unsigned long long>(board->frames[kCopy]),
      static_cast<unsigned long long>(board->frames[kSecond]), static_cast<unsigned long long>(board->ends[kCopy]),
      static_cast<unsigned long long>(board->ends[kSecond]), static_cast<double>(longest) / 1000);
  CHECK(done >= deaths && crashed == 0 && wrong == 0);
  CHECK(hit >= kMonitorPointCount - 1);  // of kMonitorEnded only those die who happen to clean up
  CHECK(longest < 10000000);
  EngineReport report;
  engine_report(&report);
  CHECK(report.ports.size() == 1);  // the keeper
  // All buffers of the region that are not in the keeper's rings are free, and each is there once.
  nmreq_pools_info pools{};
  pools.nr_mem_id = mem_id;
  nmreq_header header{};
  header.nr_version = kApi;
  header.nr_reqtype = NETMAP_REQ_POOLS_INFO_GET;
  std::strcpy(header.nr_name, "vale7:keeper");
  header.nr_body = reinterpret_cast<uint64_t>(&pools);
  CHECK(keeper.device->control(&header).ok());
  TestPort rest("vale7:rest", 16, 0, mem_id);
  REQUIRE(rest.ok());
  nmreq_register all{};
  all.nr_mode = NR_REG_ALL_NIC;
  all.nr_extra_bufs = 0xffffff;
  header.nr_reqtype = NETMAP_REQ_REGISTER;
  header.nr_body = reinterpret_cast<uint64_t>(&all);
  std::unique_ptr<Device> extra;
  REQUIRE(open_engine(&extra).ok() && extra->control(&header).ok());  // the keeper's port once more
  CHECK(all.nr_extra_bufs == pools.nr_buf_pool_objtotal - kFirstBuffer - 4 * 16);
  std::set<uint32_t> seen;
  for (TestPort* port : {&keeper, &rest}) {
    for (netmap_ring* ring : {port->tx(), port->rx()}) {
      for (uint32_t i = 0; i < 16; ++i) CHECK(seen.insert(ring->slots()[i].buf_idx).second);
    }
  }
  CHECK(board->frames[kCopy] > 0 && board->frames[kSecond] > 0 && board->ends[kCopy] > 0);
}
