// RobustLock: exclusion, inheritance from the dead, patience that ends, nothing trusted.
#include "../engine/robust_lock.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <new>
#include <thread>

#include "check.h"

using nm::RobustLock;

namespace {

struct Shared {
  RobustLock a, b;
  std::atomic<int> step;
  uint64_t value;
};

Shared* make_shared_page() {
  void* p = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return static_cast<Shared*>(p);
}

// A child that takes the locks and is killed while it holds them.
void die_holding(Shared* s, bool both) {
  s->step = 0;
  const pid_t child = fork();
  if (child == 0) {
    RobustLock::Hold a(s->a, 1000);
    if (both) {
      RobustLock::Hold b(s->b, 1000);
      s->step = 1;
      for (;;) pause();
    }
    s->step = 1;
    for (;;) pause();
  }
  while (s->step == 0) usleep(100);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
}

}  // namespace

TEST(exclusion, "two threads never hold it together") {
  Shared* s = make_shared_page();
  auto work = [s] {
    for (int i = 0; i < 50000; ++i) {
      RobustLock::Hold hold(s->a, 10000);
      if (hold.held()) s->value = s->value + 1;
    }
  };
  std::thread t1(work), t2(work);
  t1.join();
  t2.join();
  CHECK(s->value == 100000);
}

TEST(trylock, "timeout 0 tries once") {
  Shared* s = make_shared_page();
  RobustLock::Hold hold(s->a, 0);
  CHECK(hold.result() == RobustLock::Result::kAcquired);
  std::thread([s] {
    RobustLock::Hold second(s->a, 0);
    CHECK(!second.held());
    RobustLock::Hold third(s->a, 20);
    CHECK(!third.held());
  }).join();
}

TEST(inherit, "a lock whose holder was killed is inherited, nested ones too") {
  Shared* s = make_shared_page();
  die_holding(s, true);
  {
    RobustLock::Hold a(s->a, 1000), b(s->b, 1000);
    CHECK(a.result() == RobustLock::Result::kInherited);
    CHECK(b.result() == RobustLock::Result::kInherited);
  }
  RobustLock::Hold a(s->a, 1000);
  CHECK(a.result() == RobustLock::Result::kAcquired);
}

TEST(waiting, "a waiter is woken by the holder's death") {
  Shared* s = make_shared_page();
  const pid_t child = fork();
  if (child == 0) {
    RobustLock::Hold a(s->a, 1000);
    s->step = 1;
    usleep(50000);
    _exit(0);  // without letting go
  }
  while (s->step == 0) usleep(100);
  RobustLock::Hold a(s->a, 10000);
  CHECK(a.result() == RobustLock::Result::kInherited);
  waitpid(child, nullptr, 0);
}

TEST(forked, "a child locks under its own name") {
  Shared* s = make_shared_page();
  {
    RobustLock::Hold warm(s->a, 0);
  }
  die_holding(s, false);
  RobustLock::Hold a(s->a, 1000);
  CHECK(a.result() == RobustLock::Result::kInherited);
}

TEST(scribbled, "garbage in the lock costs a timeout, never a crash") {
  Shared* s = make_shared_page();
  std::memset(static_cast<void*>(&s->a), 0x5a, sizeof s->a);
  RobustLock::Hold a(s->a, 10);
  CHECK(!a.held());
  {
    RobustLock::Hold b(s->b, 10);
    std::memset(static_cast<void*>(&s->b), 0xff, sizeof s->b);  // while we hold it
  }
  RobustLock::Hold b(s->b, 10);
  CHECK(b.held());
}
