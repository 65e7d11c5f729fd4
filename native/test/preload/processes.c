/* fork, exec, descriptors passed over a Unix socket. */
#include "program.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>

static int ended_well(pid_t child) {
  int status = -1;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int is_free(const char* name) {
  struct port port = {.fd = open_device(O_CLOEXEC)};
  const int error = bind_port(&port, name, EXCLUSIVE);
  close(port.fd);
  return error == 0;
}

static void forks(void) {
  struct port a = open_port("vale0:a"), b = open_port("vale0:b");
  pid_t child = fork();
  if (child == 0) {
    send_number(&a, 1);
    if (poll_port(&b, POLLIN, 1000) != POLLIN || receive(&b) != 1) _exit(1);
    close(a.fd);
    munmap(a.memory, a.reply.memsize);
    _exit(0);
  }
  CHECK(ended_well(child));
  CHECK(ioctl(b.fd, RX_SYNC, NULL) == 0); /* gives back what the child has read */
  send_number(&a, 2);
  CHECK(receive(&b) == 2);

  /* A child keeps the port when its parent lets go of it. */
  int ends[2];
  CHECK(pipe(ends) == 0);
  child = fork();
  if (child == 0) {
    char byte;
    close(ends[1]);
    _exit(read(ends[0], &byte, 1) != 0);
  }
  close(ends[0]);
  close(a.fd);
  munmap(a.memory, a.reply.memsize);
  CHECK(!is_free("vale0:a"));
  close(ends[1]);
  CHECK(ended_well(child));
  CHECK(is_free("vale0:a"));

  /* vfork: the child's descriptors are its own, our tables are not. */
  a = open_port("vale0:a");
  child = vfork();
  if (child == 0) {
    close(a.fd);
    execl("/bin/true", "true", NULL);
    _exit(1);
  }
  CHECK(ended_well(child));
  send_number(&a, 3);
  CHECK(receive(&b) == 3);
  close(a.fd), close(b.fd);
  munmap(a.memory, a.reply.memsize), munmap(b.memory, b.reply.memsize);
  test_done("fork and vfork");
}

enum { EPOLL_FD = 50 };

/* The other side of exec: a port at descriptor argv[2], of which it knows the size. */
static int inherited(char** argv) {
  struct port port = {.fd = atoi(argv[2])};
  port.reply.memsize = strtoull(argv[3], NULL, 0);
  port.reply.offset = strtoull(argv[4], NULL, 0);
  if (strcmp(argv[1], "poll") == 0 && poll_port(&port, POLLOUT, -1) != POLLOUT) return 2;
  if (strcmp(argv[1], "epoll") == 0) {
    struct epoll_event event = {0};
    if (epoll_wait(EPOLL_FD, &event, 1, 1000) != 1) return 3;
    if (event.events != EPOLLOUT || event.data.u64 != 0x123456789abcdefull) return 4;
    if (epoll_ctl(EPOLL_FD, EPOLL_CTL_ADD, port.fd, &event) == 0 || errno != EEXIST) return 5;
    if (epoll_ctl(EPOLL_FD, EPOLL_CTL_DEL, port.fd, NULL) != 0) return 6;
    if (epoll_wait(EPOLL_FD, &event, 1, 0) != 0) return 7;
  }
  map_port(&port);
  send_number(&port, 42);
  return failures > 0;
}

static void execs(const char* self) {
  struct port b = open_port("vale0:b");
  const char* const ways[] = {"map", "poll", "epoll"};
  for (int round = 0; round < 3; ++round) {
    struct port a = open_port("vale0:a");
    const int set = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLOUT, .data = {.u64 = 0x123456789abcdefull}};
    CHECK(epoll_ctl(set, EPOLL_CTL_ADD, a.fd, &event) == 0);
    CHECK(dup2(set, EPOLL_FD) == EPOLL_FD);
    close(set);
    char fd[16], size[32], offset[32];
    snprintf(fd, sizeof fd, "%d", a.fd);
    snprintf(size, sizeof size, "%llu", (unsigned long long)a.reply.memsize);
    snprintf(offset, sizeof offset, "%llu", (unsigned long long)a.reply.offset);
    const pid_t child = fork();
    if (child == 0) {
      execl(self, self, ways[round], fd, size, offset, NULL);
      _exit(1);
    }
    CHECK(ended_well(child));
    CHECK(receive(&b) == 42);
    close(a.fd), close(EPOLL_FD);
    munmap(a.memory, a.reply.memsize);
    CHECK(is_free("vale0:a"));
  }
  close(b.fd);
  munmap(b.memory, b.reply.memsize);
  test_done("exec");
}

static void pass(int socket, int fd) {
  char byte = 'x', space[CMSG_SPACE(sizeof(int))] = {0};
  struct iovec data = {&byte, 1};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
  struct cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  CHECK(sendmsg(socket, &message, 0) == 1);
}

static int passed(int socket) {
  char byte, space[CMSG_SPACE(sizeof(int))];
  struct iovec data = {&byte, 1};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
  CHECK(recvmsg(socket, &message, 0) == 1);
  int fd = -1;
  memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
  return fd;
}

static void rights(void) {
  int ends[2], done[2];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 && pipe(done) == 0);
  struct request_register reply;
  /* The child opens two ports, one of them not registered yet, passes them on and is gone. */
  const pid_t child = fork();
  if (child == 0) {
    struct port a = open_port("vale0:a");
    pass(ends[1], a.fd);
    pass(ends[1], open_device(0));
    CHECK(write(ends[1], &a.reply, sizeof a.reply) == sizeof a.reply);
    char byte;
    close(done[1]);
    _exit(read(done[0], &byte, 1) != 0);
  }
  struct port a = {.fd = passed(ends[0])}, b = {.fd = passed(ends[0])};
  CHECK(read(ends[0], &reply, sizeof reply) == sizeof reply);
  close(done[0]), close(done[1]);
  CHECK(ended_well(child));
  a.reply = reply;
  CHECK(poll_port(&a, POLLOUT, 0) == POLLOUT);
  CHECK(poll_port(&b, POLLIN, 0) == POLLERR);
  CHECK(bind_port(&b, "vale0:b", 0) == 0);
  map_port(&a), map_port(&b);
  send_number(&a, 77);
  CHECK(poll_port(&b, POLLIN, 1000) == POLLIN && take(&b) == 77);
  /* The same again: one descriptor of the device, two of ours */
  pass(ends[1], a.fd);
  const int again = passed(ends[0]);
  close(a.fd);
  a.fd = again;
  send_number(&a, 78);
  CHECK(receive(&b) == 78);
  CHECK(!is_free("vale0:a"));
  close(a.fd), close(b.fd);
  munmap(a.memory, a.reply.memsize), munmap(b.memory, b.reply.memsize);
  CHECK(is_free("vale0:a"));
  close(ends[0]), close(ends[1]);
  test_done("descriptors over a Unix socket");
}

int main(int argc, char** argv) {
  if (argc == 5) return inherited(argv);
  forks();
  execs(argv[0]);
  rights();
  printf("1..%d\n", tests);
  return failures > 0;
}
