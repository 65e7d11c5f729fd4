/* CSB mode and sync loops, as a program of its own arrays and threads has them. */
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

#include "program.h"

enum { LOOP_START = 13, LOOP_STOP = 14, CSB_ENABLE = 15, OPTION_EVENTFDS = 2, OPTION_CSB = 3 };

struct to_device {
  uint32_t head, cur, need_kick, sync_flags, pad[12];
};
struct from_device {
  uint32_t hwcur, hwtail, need_kick, pad[13];
};
struct option_csb {
  struct request_option option;
  uint64_t to, from;
};
struct option_eventfds {
  struct request_option option;
  struct {
    int32_t kick, irq;
  } fds[2];
};

static volatile struct to_device* to;
static volatile struct from_device* from;

static void make_arrays(void) {
  char* page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  to = (struct to_device*)page;
  from = (struct from_device*)(page + 2048);
}
static void drop_arrays(void) {
  munmap((void*)to, 4096);
}

static int control(int fd, int type, const char* name, void* body, void* options) {
  struct request_header header = {.version = 14, .type = (uint16_t)type};
  snprintf(header.name, sizeof header.name, "%s", name);
  header.body = (uintptr_t)body;
  header.options = (uintptr_t)options;
  return ioctl(fd, CONTROL, &header) == 0 ? 0 : errno;
}

/* Registers with the option; its status comes back. */
static int bind_csb(struct port* port, uint64_t to_array, uint64_t from_array, uint32_t* status) {
  struct option_csb csb = {.option = {.type = OPTION_CSB}, .to = to_array, .from = from_array};
  memset(&port->reply, 0, sizeof port->reply);
  port->reply.mode = ALL_NIC;
  port->reply.flags = EXCLUSIVE;
  port->reply.tx_slots = port->reply.rx_slots = 64;
  const int error = control(port->fd, REGISTER, "vale0:a", &port->reply, &csb);
  *status = csb.option.status;
  return error;
}

static struct port csb_port(void) {
  struct port port = {.fd = open_device(0)};
  uint32_t status = 77;
  make_arrays();
  CHECK(bind_csb(&port, (uintptr_t)to, (uintptr_t)from, &status) == 0 && status == 0);
  map_port(&port);
  return port;
}

static void end(struct port* port) {
  munmap(port->memory, port->reply.memsize);
  close(port->fd);
}

struct loop {
  int fd, result;
  uint32_t sleep_us[2];
  void* options;
  pthread_t thread;
};
static void* run(void* argument) {
  struct loop* loop = argument;
  loop->result = control(loop->fd, LOOP_START, "", loop->sleep_us, loop->options);
  return NULL;
}
static int wait_for(volatile uint32_t* word, uint32_t value) {
  for (int ms = 0; ms < 5000; ++ms) {
    if (*word == value) return 1;
    usleep(1000);
  }
  return 0;
}
static void start(struct loop* loop) {
  pthread_create(&loop->thread, NULL, run, loop);
}
static int ended(struct loop* loop) {
  pthread_join(loop->thread, NULL);
  return loop->result;
}

static void pointers(void) {
  uint32_t status = 0;
  struct port port = {.fd = open_device(0)};
  make_arrays();
  const uint64_t good = (uintptr_t)to;
  CHECK(bind_csb(&port, 0x10, 0x800, &status) == EINVAL && status == EINVAL);
  CHECK(bind_csb(&port, 0, good, &status) == EFAULT && status == EFAULT);
  CHECK(bind_csb(&port, good, 0x1000, &status) == EFAULT);
  CHECK(bind_csb(&port, ~0ul << 6, good, &status) == EFAULT);
  mprotect((void*)to, 4096, PROT_READ);
  CHECK(bind_csb(&port, good, good + 2048, &status) == EFAULT);
  CHECK(control(port.fd, CSB_ENABLE, "", NULL, NULL) == EINVAL);
  CHECK(control(port.fd, LOOP_START, "", (uint32_t[2]){0, 0}, NULL) == ENXIO);
  CHECK(control(port.fd, LOOP_STOP, "", NULL, NULL) == ENXIO);
  drop_arrays();
  CHECK(bind_csb(&port, good, good + 2048, &status) == EFAULT);
  close(port.fd);
  test_done("arrays at addresses that are wrong");
}

static void mode(void) {
  struct port a = csb_port();
  CHECK(ioctl(a.fd, TX_SYNC, NULL) == -1 && errno == EBUSY);
  CHECK(ioctl(a.fd, RX_SYNC, NULL) == -1 && errno == EBUSY);
  CHECK(poll_port(&a, POLLIN | POLLOUT, 1000) == POLLERR);
  CHECK(from[0].hwtail == 63 && from[1].hwtail == 0 && from[0].need_kick == 1 && to[1].need_kick == 1);
  end(&a);
  drop_arrays();
  test_done("no syncs and no waits in CSB mode");
}

static void traffic(void) {
  struct port a = csb_port(), b = open_port("vale0:b");
  const int kick = eventfd(0, 0), told = eventfd(0, 0);
  struct option_eventfds fds = {.option = {.type = OPTION_EVENTFDS, .size = sizeof fds},
                                .fds = {{kick, told}, {kick, told}}};
  struct loop loop = {.fd = a.fd, .options = &fds};
  start(&loop);
  CHECK(wait_for(&from[1].need_kick, 0));
  queue(&a, 7); /* into the ring, whose head is ours alone now */
  to[0].cur = 1;
  __sync_synchronize();
  to[0].head = 1;
  eventfd_write(kick, 1);
  CHECK(wait_for(&from[0].hwcur, 1));
  CHECK(receive(&b) == 7);
  send_number(&b, 9);
  CHECK(wait_for(&from[1].hwtail, 1));
  rx_ring(&a)->tail = 1;
  CHECK(take(&a) == 9);
  struct pollfd p = {.fd = told, .events = POLLIN};
  CHECK(poll(&p, 1, 5000) == 1);
  CHECK(control(a.fd, LOOP_STOP, "", NULL, NULL) == 0);
  CHECK(ended(&loop) == 0 && fds.option.status == 0);
  close(kick), close(told);
  end(&a), end(&b);
  drop_arrays();
  test_done("a loop with eventfds");
}

static void by_others(void) {
  struct port a = csb_port();
  struct loop loop = {.fd = a.fd, .sleep_us = {1000000, 0}};
  start(&loop);
  CHECK(wait_for(&from[0].need_kick, 0));
  const double before = now();
  if (fork() == 0) _exit(control(a.fd, LOOP_STOP, "", NULL, NULL));
  int status = -1;
  wait(&status);
  CHECK(status == 0 && ended(&loop) == 0 && now() - before < 0.9);
  end(&a);
  drop_arrays();
  test_done("a loop is stopped by another process");
}

static void closed(void) {
  struct port a = csb_port();
  const int copy = dup(a.fd);
  struct loop loop = {.fd = a.fd, .sleep_us = {1000, 0}};
  start(&loop);
  CHECK(wait_for(&from[0].need_kick, 0));
  close(a.fd);
  usleep(20000);
  CHECK(control(copy, LOOP_START, "", (uint32_t[2]){0, 0}, NULL) == EBUSY);
  close(copy); /* nobody could stop it now */
  CHECK(ended(&loop) == 0);
  munmap(a.memory, a.reply.memsize);
  drop_arrays();
  struct port again = csb_port();
  end(&again);
  drop_arrays();
  test_done("a loop ends with the last descriptor");
}

static void gone(void) {
  struct port a = csb_port();
  struct loop loop = {.fd = a.fd, .sleep_us = {100, 0}};
  start(&loop);
  CHECK(wait_for(&from[0].need_kick, 0));
  drop_arrays();
  CHECK(ended(&loop) == EFAULT);
  end(&a);
  test_done("arrays that go away under a loop");
}

/* The program's own handler of faults gets what is not ours. */
static void fault(int number) {
  _exit(number == SIGSEGV ? 5 : 6);
}
static void faults(void) {
  int status = -1;
  if (fork() == 0) {
    signal(SIGSEGV, fault);
    struct port a = csb_port();
    struct loop loop = {.fd = a.fd};
    start(&loop);
    wait_for(&from[0].need_kick, 0);
    *(volatile int*)8 = 1;
  }
  wait(&status);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 5);
  if (fork() == 0) {
    struct port a = csb_port();
    struct loop loop = {.fd = a.fd};
    start(&loop);
    wait_for(&from[0].need_kick, 0);
    *(volatile int*)8 = 1;
  }
  wait(&status);
  CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
  test_done("faults of the program's own go where they went before");
}

static void exits(void) {
  for (int k = 0; k < 2; ++k) {
    const pid_t child = fork();
    if (child == 0) {
      struct port a = csb_port();
      struct loop loop = {.fd = a.fd, .sleep_us = {1000000, 0}};
      if (k == 0) run(&loop);
      start(&loop);
      wait_for(&from[0].need_kick, 0);
      exit(0);
    }
    usleep(k == 0 ? 30000 : 0);
    if (k == 0) kill(child, SIGKILL);
    int status;
    waitpid(child, &status, 0);
    CHECK(k == 0 ? WIFSIGNALED(status) : status == 0);
    struct port again = csb_port();
    end(&again);
    drop_arrays();
  }
  test_done("a program that exits or is killed takes its loop along");
}

int main(void) {
  pointers();
  mode();
  traffic();
  by_others();
  closed();
  gone();
  faults();
  exits();
  printf("1..%d\n", tests);
  return failures;
}
