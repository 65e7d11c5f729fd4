/* Files, requests, memory, lifetime. */
#include "program.h"

static void opening(void) {
  int fd = open_device(0);
  CHECK(fd >= 0);
  CHECK(!(fcntl(fd, F_GETFD) & FD_CLOEXEC));
  close(fd);
  fd = open_device(O_CLOEXEC);
  CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
  close(fd);
  const int folder = open("/dev", O_RDONLY | O_DIRECTORY);
  fd = openat(folder, "netmap", O_RDWR);
  CHECK(fd >= 0 && ioctl(fd, TX_SYNC, NULL) == -1 && errno == ENXIO);
  close(fd);
  fd = openat(AT_FDCWD, "/dev/netmap", O_RDWR | O_CREAT, 0600);
  CHECK(fd >= 0 && ioctl(fd, TX_SYNC, NULL) == -1 && errno == ENXIO);
  close(fd);
  close(folder);
  CHECK(open("/dev/netmapp", O_RDWR) == -1 && errno == ENOENT);
  errno = 0;
  CHECK(open((const char*)1, O_RDWR) == -1 && errno == EFAULT);
  test_done("open, openat, O_CLOEXEC, and paths that are not the device");
}

static void unregistered(void) {
  struct port port = {.fd = open_device(0)};
  CHECK(ioctl(port.fd, TX_SYNC, NULL) == -1 && errno == ENXIO);
  CHECK(ioctl(port.fd, RX_SYNC, NULL) == -1 && errno == ENXIO);
  CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, port.fd, 0) == MAP_FAILED && errno == EINVAL);
  CHECK(poll_port(&port, POLLIN, -1) == POLLERR);
  CHECK(poll_port(&port, 0, 0) == POLLERR);
  CHECK(ioctl(port.fd, _IO('i', 1), NULL) == -1 && errno == EOPNOTSUPP);
  CHECK(ioctl(port.fd, TIOCGWINSZ, NULL) == -1 && errno == EOPNOTSUPP);
  int on = 0;
  CHECK(ioctl(port.fd, FIONBIO, &on) == 0);
  CHECK(bind_port(&port, "eth77", 0) == ENXIO);
  CHECK(bind_port(&port, "vale0:a", 0) == 0); /* a failure leaves the descriptor usable */
  const size_t size = port.reply.memsize;
  CHECK(bind_port(&port, "vale0:b", 0) == EBUSY);
  CHECK(mmap(NULL, size + 4096, PROT_READ, MAP_SHARED, port.fd, 0) == MAP_FAILED && errno == EINVAL);
  close(port.fd);
  CHECK(ioctl(port.fd, TX_SYNC, NULL) == -1 && errno == EBADF);
  test_done("a descriptor without a port");
}

static void requests(void) {
  const int fd = open_device(0);
  struct request_register reg = {.mode = ALL_NIC};
  struct request_header header = {.version = 14, .type = REGISTER, .name = "vale0:a", .body = (uintptr_t)&reg};
  CHECK(ioctl(fd, CONTROL, NULL) == -1 && errno == EINVAL);
  CHECK(ioctl(fd, CONTROL, (void*)8) == -1 && errno == EFAULT);
  CHECK(ioctl(fd, CONTROL, (void*)~0ul) == -1 && errno == EFAULT);
  header.body = 8;
  CHECK(ioctl(fd, CONTROL, &header) == -1 && errno == EFAULT);
  header.body = 0;
  CHECK(ioctl(fd, CONTROL, &header) == -1 && errno == EINVAL);
  header.reserved = 0; /* the kernel's module leaves a mark there */
  header.body = (uintptr_t)&reg;
  header.version = 13;
  CHECK(ioctl(fd, CONTROL, &header) == -1 && errno == EINVAL);
  header.version = 14;
  header.reserved = 1;
  CHECK(ioctl(fd, CONTROL, &header) == -1 && errno == EINVAL);
  header.reserved = 0;
  header.options = 16;
  CHECK(ioctl(fd, CONTROL, &header) == -1 && errno == EFAULT);
  struct request_option option = {.type = 1234};
  header.options = (uintptr_t)&option;
  CHECK(ioctl(fd, CONTROL, &header) == -1 && errno == EOPNOTSUPP && option.status == EOPNOTSUPP);
  option.next = (uintptr_t)&option;
  CHECK(ioctl(fd, CONTROL, &header) == -1 && errno == EMSGSIZE);
  CHECK(header.options == (uintptr_t)&option && header.body == (uintptr_t)&reg);
  header.options = 0;
  char* page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(ioctl(fd, CONTROL, page) == -1 && errno == EFAULT); /* it can be read, but not be answered */
  CHECK(ioctl(fd, CONTROL, &header) == 0);
  CHECK(reg.memsize > 0 && reg.tx_slots == 1024);
  struct request_port_info info = {0};
  header.type = PORT_INFO;
  header.body = (uintptr_t)&info;
  CHECK(ioctl(fd, CONTROL, &header) == 0 && info.memsize == reg.memsize && info.mem_id == reg.mem_id);
  munmap(page, 4096);
  close(fd);
  test_done("bad requests are refused, and never crash");
}

static void legacy(void) {
  const int fd = open_device(0);
  struct request_legacy old = {.name = "vale0:old", .version = 11};
  CHECK(ioctl(fd, REG_IF, &old) == -1 && errno == EINVAL);
  CHECK(ioctl(fd, REG_IF, (void*)8) == -1 && errno == EFAULT);
  old.version = 14;
  CHECK(ioctl(fd, GET_INFO, &old) == 0 && old.tx_slots == 1024 && old.memsize > 0);
  memset(&old, 0, sizeof old);
  strcpy(old.name, "vale0:old");
  old.version = 17;
  old.tx_slots = old.rx_slots = 128;
  old.arg3 = 5;
  CHECK(ioctl(fd, REG_IF, &old) == 0 && old.tx_slots == 128 && old.arg2 >= 2 && old.arg3 == 5);
  const int other = open_device(0);
  struct request_legacy pipe = {.name = "vale0:old", .version = 14, .flags = 5, .ringid = 3}; /* a pipe's master */
  CHECK(ioctl(other, REG_IF, &pipe) == 0 && pipe.arg2 == old.arg2);
  struct request_legacy list = {.name = "vale0:old", .version = 14, .cmd = 4};
  CHECK(ioctl(other, GET_INFO, &list) == 0 && list.arg2 == 0);
  close(other);
  close(fd);
  test_done("requests of the old API");
}

static void traffic(void) {
  struct port a = open_port("vale0:a"), b = open_port("vale0:b");
  send_number(&a, 7);
  CHECK(receive(&b) == 7 && receive(&b) == -1);
  struct port master = open_port("p{1"), slave = open_port("p}1");
  send_number(&master, 8);
  CHECK(receive(&slave) == 8);

  /* NS_INDIRECT: any address that can be read; another costs its frame */
  char frame[60];
  memset(frame, 0xff, 6);
  memset(frame + 6, 0, 54);
  frame[6] = 2;
  const uint32_t number = 99;
  memcpy(frame + 40, &number, 4);
  const uint64_t addresses[] = {8, (uintptr_t)frame, 0};
  for (int k = 0; k < 3; ++k) {
    queue(&a, 1);
    struct slot* slot = &tx_ring(&a)->slots[(tx_ring(&a)->head + 63) % 64];
    slot->flags = INDIRECT;
    slot->ptr = addresses[k];
  }
  CHECK(ioctl(a.fd, TX_SYNC, NULL) == 0);
  CHECK(receive(&b) == 99 && receive(&b) == -1);
  close(a.fd), close(b.fd), close(master.fd), close(slave.fd);
  munmap(a.memory, a.reply.memsize), munmap(b.memory, b.reply.memsize);
  munmap(master.memory, master.reply.memsize), munmap(slave.memory, slave.reply.memsize);
  test_done("a switch, a pipe, indirect slots");
}

/* Whether a port can be opened exclusively: nobody else has it. */
static int is_free(const char* name) {
  struct port port = {.fd = open_device(0)};
  const int error = bind_port(&port, name, EXCLUSIVE);
  close(port.fd);
  CHECK(error == 0 || error == EBUSY);
  return error == 0;
}

static void lifetime(void) {
  struct port a = open_port("vale0:a");
  CHECK(!is_free("vale0:a"));
  close(a.fd);
  CHECK(!is_free("vale0:a")); /* the mapping keeps it */
  munmap(a.memory, a.reply.memsize / 8192 * 4096);
  CHECK(!is_free("vale0:a"));
  munmap(a.memory, a.reply.memsize);
  CHECK(is_free("vale0:a"));

  a = open_port("vale0:a");
  munmap(a.memory, a.reply.memsize);
  CHECK(!is_free("vale0:a"));
  close(a.fd);
  CHECK(is_free("vale0:a"));

  a = open_port("vale0:a");
  close(a.fd);
  mmap(a.memory, a.reply.memsize, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  CHECK(is_free("vale0:a")); /* mapped over */
  munmap(a.memory, a.reply.memsize);
  test_done("a port lives as long as a descriptor or a mapping");
}

static void duplicates(void) {
  struct port a = open_port("vale0:a"), b = open_port("vale0:b");
  munmap(a.memory, a.reply.memsize);
  int fds[4] = {dup(a.fd), dup2(a.fd, 200), dup3(a.fd, 201, O_CLOEXEC), fcntl(a.fd, F_DUPFD, 210)};
  CHECK(fds[0] >= 0 && fds[1] == 200 && fds[2] == 201 && fds[3] == 210);
  close(a.fd);
  for (int k = 0; k < 4; ++k) {
    CHECK(!is_free("vale0:a"));
    a.fd = fds[k];
    map_port(&a);
    send_number(&a, (uint32_t)k);
    CHECK(receive(&b) == k);
    munmap(a.memory, a.reply.memsize);
    if (k < 3) {
      close(fds[k]);
    } else {
      dup2(0, fds[k]); /* closes it, too */
    }
  }
  CHECK(is_free("vale0:a"));
  close(210);

  a = open_port("vale0:a");
  munmap(a.memory, a.reply.memsize);
  const int copy = fcntl(a.fd, F_DUPFD_CLOEXEC, 300);
  send_number(&b, 1);
  CHECK(close_range((unsigned)copy, (unsigned)copy, 0) == 0);
  CHECK(!is_free("vale0:a"));
  CHECK(close_range((unsigned)a.fd, (unsigned)a.fd, 0) == 0);
  CHECK(is_free("vale0:a"));
  close(b.fd);
  munmap(b.memory, b.reply.memsize);
  test_done("dup, dup2, dup3, fcntl, close_range");
}

/* A daemon that closes whatever it may have inherited must not hit what serves it. */
static void closing_everything(void) {
  struct port a = open_port("vale0:a"), b = open_port("vale0:b");
  for (int fd = 3; fd < 1024; ++fd) {
    if (fd != a.fd && fd != b.fd) close(fd);
  }
  send_number(&a, 5);
  CHECK(receive(&b) == 5);
  CHECK(poll_port(&b, POLLIN, 10) == 0);
  CHECK(close_range(3, ~0u, 0) == 0);
  CHECK(!is_free("vale0:a"));
  munmap(a.memory, a.reply.memsize), munmap(b.memory, b.reply.memsize);
  CHECK(is_free("vale0:a"));
  test_done("a program that closes all descriptors");
}

int main(void) {
  opening();
  unregistered();
  requests();
  legacy();
  traffic();
  lifetime();
  duplicates();
  closing_everything();
  printf("1..%d\n", tests);
  return failures > 0;
}
