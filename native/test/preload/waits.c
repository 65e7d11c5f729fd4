/* poll, select, epoll. */
#include "program.h"

#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>

static struct port a, b;

struct later {
  struct port* port;
  int after_ms;
  uint32_t number;
};
static void* send_later(void* argument) {
  struct later* l = argument;
  usleep((useconds_t)l->after_ms * 1000);
  send_number(l->port, l->number);
  return NULL;
}

/* Sends from another thread while this one waits. */
#define WHILE_SENDING(port_, ms, n, wait)                                    \
  do {                                                                      \
    struct later later_ = {.port = &(port_), .after_ms = (ms), .number = (n)}; \
    pthread_t thread_;                                                      \
    pthread_create(&thread_, NULL, send_later, &later_);                    \
    wait;                                                                   \
    pthread_join(thread_, NULL);                                            \
  } while (0)

static void polls(void) {
  CHECK(poll_port(&a, POLLIN | POLLOUT, 0) == POLLOUT);
  CHECK(poll_port(&a, POLLIN, 0) == 0);
  CHECK(poll_port(&a, POLLWRNORM, 0) == POLLWRNORM);
  queue(&a, 1);
  CHECK(poll_port(&a, POLLIN, 0) == 0); /* sends what is queued all the same */
  CHECK(poll_port(&b, POLLIN, 0) == POLLIN);
  CHECK(poll_port(&b, POLLIN | POLLRDNORM | POLLOUT, -1) == (POLLIN | POLLRDNORM | POLLOUT));
  CHECK(take(&b) == 1);
  CHECK(poll_port(&b, POLLIN, 0) == 0);
  WHILE_SENDING(a, 20, 2, CHECK(poll_port(&b, POLLIN, 3000) == POLLIN));
  CHECK(take(&b) == 2);
  const double start = now();
  const long used = used_us();
  CHECK(poll_port(&b, POLLIN, 300) == 0);
  CHECK(now() - start > 0.29 && now() - start < 0.8);
  CHECK(used_us() - used < 20000); /* sleeping costs nothing */
  test_done("poll on one port");
}

static void mixed(void) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  struct pollfd p[] = {{.fd = ends[0], .events = POLLIN}, {.fd = b.fd, .events = POLLIN}, {.fd = -1, .revents = 5}};
  CHECK(poll(p, 3, 20) == 0 && p[2].revents == 0);
  WHILE_SENDING(a, 20, 3, CHECK(poll(p, 3, 3000) == 1));
  CHECK(p[0].revents == 0 && p[1].revents == POLLIN && p[2].revents == 0);
  CHECK(take(&b) == 3);
  CHECK(write(ends[1], "x", 1) == 1);
  CHECK(poll(p, 3, -1) == 1 && p[0].revents == POLLIN && p[1].revents == 0);
  send_number(&a, 4);
  CHECK(poll(p, 3, -1) == 2 && p[0].revents == POLLIN && p[1].revents == POLLIN);
  CHECK(take(&b) == 4);
  p[2].fd = 250; /* not open */
  CHECK(poll(p, 3, -1) == 2 && p[2].revents == POLLNVAL);
  close(ends[0]), close(ends[1]);
  test_done("poll on a port and other descriptors");
}

static volatile int caught;
static void catch(int signal) {
  caught = signal;
}

static void signals(void) {
  struct sigaction action = {.sa_handler = catch};
  sigaction(SIGALRM, &action, NULL);
  struct pollfd p = {.fd = b.fd, .events = POLLIN};
  ualarm(20000, 0);
  CHECK(poll(&p, 1, 3000) == -1 && errno == EINTR && caught == SIGALRM);
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGALRM);
  sigprocmask(SIG_BLOCK, &blocked, &before);
  caught = 0;
  ualarm(20000, 0);
  CHECK(poll(&p, 1, 60) == 0 && !caught);
  struct timespec second = {3, 0};
  CHECK(ppoll(&p, 1, &second, &before) == -1 && errno == EINTR && caught == SIGALRM);
  sigprocmask(SIG_SETMASK, &before, NULL);
  test_done("signals end a wait; ppoll's mask");
}

static void selects(void) {
  fd_set in, out;
  FD_ZERO(&in);
  FD_ZERO(&out);
  FD_SET(a.fd, &in);
  FD_SET(b.fd, &in);
  FD_SET(a.fd, &out);
  struct timeval timeout = {1, 0};
  CHECK(select(64, &in, &out, NULL, &timeout) == 1 && FD_ISSET(a.fd, &out) && !FD_ISSET(a.fd, &in));
  FD_ZERO(&in);
  FD_SET(b.fd, &in);
  timeout = (struct timeval){3, 0};
  WHILE_SENDING(a, 20, 5, CHECK(select(64, &in, NULL, NULL, &timeout) == 1 && FD_ISSET(b.fd, &in)));
  CHECK(timeout.tv_sec == 2); /* what was left */
  CHECK(take(&b) == 5);
  struct timespec short_time = {0, 20000000};
  CHECK(pselect(64, &in, NULL, NULL, &short_time, NULL) == 0 && !FD_ISSET(b.fd, &in));
  FD_SET(b.fd, &in);
  FD_SET(250, &in);
  CHECK(select(300, &in, NULL, NULL, NULL) == -1 && errno == EBADF);
  test_done("select and pselect");
}

static void epolls(void) {
  const int epfd = epoll_create1(0);
  int ends[2];
  CHECK(pipe(ends) == 0);
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = 0x123456789abcdef}, got[4];
  CHECK(epoll_ctl(epfd, EPOLL_CTL_MOD, b.fd, &event) == -1 && errno == ENOENT);
  CHECK(epoll_ctl(epfd, EPOLL_CTL_ADD, b.fd, &event) == 0);
  CHECK(epoll_ctl(epfd, EPOLL_CTL_ADD, b.fd, &event) == -1 && errno == EEXIST);
  CHECK(epoll_ctl(ends[0], EPOLL_CTL_ADD, b.fd, &event) == -1 && errno == EINVAL);
  CHECK(epoll_ctl(249, EPOLL_CTL_ADD, b.fd, &event) == -1 && errno == EBADF);
  struct epoll_event other = {.events = EPOLLIN, .data.fd = ends[0]};
  CHECK(epoll_ctl(epfd, EPOLL_CTL_ADD, ends[0], &other) == 0);
  CHECK(epoll_wait(epfd, got, 4, 0) == 0);
  CHECK(epoll_wait(epfd, got, 4, 20) == 0);
  WHILE_SENDING(a, 20, 6, CHECK(epoll_wait(epfd, got, 4, 3000) == 1));
  CHECK(got[0].events == EPOLLIN && got[0].data.u64 == event.data.u64);
  CHECK(epoll_wait(epfd, got, 4, -1) == 1); /* level-triggered */
  CHECK(write(ends[1], "x", 1) == 1);
  CHECK(epoll_wait(epfd, got, 4, -1) == 2);
  int from_pipe = 0;
  for (int k = 0; k < 20; ++k) {
    CHECK(epoll_wait(epfd, got, 1, -1) == 1);
    from_pipe += got[0].data.fd == ends[0];
  }
  CHECK(from_pipe > 5 && from_pipe < 15); /* one after the other where there is room for one */
  CHECK(take(&b) == 6);
  char byte;
  CHECK(read(ends[0], &byte, 1) == 1);
  CHECK(epoll_wait(epfd, got, 4, 0) == 0);

  /* The instance itself among others */
  struct pollfd p = {.fd = epfd, .events = POLLIN};
  CHECK(poll(&p, 1, 10) == 0);
  WHILE_SENDING(a, 20, 7, CHECK(poll(&p, 1, 3000) == 1 && p.revents == POLLIN));
  CHECK(epoll_wait(epfd, got, 4, 0) == 1 && take(&b) == 7);
  CHECK(epoll_wait(epfd, got, 4, 0) == 0);

  /* What is queued is not sent by waiting for input */
  queue(&b, 8);
  CHECK(epoll_wait(epfd, got, 4, 20) == 0);
  CHECK(receive(&a) == -1);
  CHECK(epoll_ctl(epfd, EPOLL_CTL_MOD, b.fd, &event) == 0); /* this polls once */
  CHECK(receive(&a) == 8);

  event.events = EPOLLIN | EPOLLET;
  CHECK(epoll_ctl(epfd, EPOLL_CTL_MOD, b.fd, &event) == 0);
  send_number(&a, 9);
  CHECK(epoll_wait(epfd, got, 4, 1000) == 1);
  CHECK(epoll_wait(epfd, got, 4, 20) == 0); /* one event, then silence */
  WHILE_SENDING(a, 20, 10, CHECK(epoll_wait(epfd, got, 4, 3000) == 1));
  CHECK(receive(&b) == 9 && take(&b) == 10);
  event.events = EPOLLIN | EPOLLONESHOT;
  CHECK(epoll_ctl(epfd, EPOLL_CTL_MOD, b.fd, &event) == 0);
  send_number(&a, 11);
  CHECK(epoll_wait(epfd, got, 4, 1000) == 1);
  CHECK(epoll_wait(epfd, got, 4, 20) == 0);
  CHECK(take(&b) == 11);
  event.events = EPOLLOUT;
  CHECK(epoll_ctl(epfd, EPOLL_CTL_MOD, b.fd, &event) == 0);
  CHECK(epoll_wait(epfd, got, 4, -1) == 1 && got[0].events == EPOLLOUT);
  CHECK(epoll_ctl(epfd, EPOLL_CTL_DEL, b.fd, NULL) == 0);
  CHECK(epoll_ctl(epfd, EPOLL_CTL_DEL, b.fd, NULL) == -1 && errno == ENOENT);
  CHECK(epoll_wait(epfd, got, 4, 0) == 0);
  close(epfd), close(ends[0]), close(ends[1]);
  test_done("epoll");
}

/* Many threads on one descriptor: none may be missed. */
static volatile int stop;
static void* poll_for_ever(void* argument) {
  long* woken = argument;
  while (!stop) {
    struct pollfd p = {.fd = b.fd, .events = POLLIN};
    if (poll(&p, 1, 2000) == 1) ++*woken;
    usleep(100);
  }
  return NULL;
}

static void threads(void) {
  pthread_t thread[4];
  long woken[4] = {0};
  for (int k = 0; k < 4; ++k) pthread_create(&thread[k], NULL, poll_for_ever, &woken[k]);
  usleep(20000);
  const double start = now();
  for (int round = 0; round < 50; ++round) {
    const long before[4] = {woken[0], woken[1], woken[2], woken[3]};
    send_number(&a, 100);
    const double sent = now();
    for (int k = 0; k < 4; ++k) {
      while (*(volatile long*)&woken[k] == before[k] && now() - sent < 1.5) usleep(50);
    }
    while (receive(&b) >= 0) {
    }
    usleep(500);
  }
  CHECK(now() - start < 10); /* a lost wake-up costs a second */
  for (int k = 0; k < 4; ++k) CHECK(woken[k] >= 50);
  stop = 1;
  send_number(&a, 101);
  for (int k = 0; k < 4; ++k) pthread_join(thread[k], NULL);
  while (receive(&b) >= 0) {
  }

  /* A thread that is cancelled while it sleeps leaves the way free for others. */
  stop = 0;
  pthread_create(&thread[0], NULL, poll_for_ever, &woken[0]);
  usleep(20000);
  pthread_cancel(thread[0]);
  pthread_join(thread[0], NULL);
  WHILE_SENDING(a, 20, 12, {
    const double sleeps = now();
    CHECK(poll_port(&b, POLLIN, 3000) == POLLIN && now() - sleeps < 0.6);
  });
  CHECK(take(&b) == 12);
  test_done("several threads wait for one descriptor");
}

int main(void) {
  a = open_port("vale0:a");
  b = open_port("vale0:b");
  polls();
  mixed();
  signals();
  selects();
  epolls();
  threads();
  printf("1..%d\n", tests);
  return failures > 0;
}
