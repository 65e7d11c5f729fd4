#include "program.h"

#include <sys/resource.h>
#include <time.h>

int tests, failures;
static int bad;

void check(int good, const char* file, int line, const char* text) {
  if (good) return;
  bad = 1;
  printf("# %s:%d: failed: %s (errno %d)\n", file, line, text, errno);
}

void test_done(const char* name) {
  printf("%s %d - %s\n", bad ? "not ok" : "ok", ++tests, name);
  fflush(stdout);
  failures += bad;
  bad = 0;
}

int open_device(int flags) {
  return open("/dev/netmap", O_RDWR | flags);
}

void map_port(struct port* port) {
  port->memory = mmap(NULL, port->reply.memsize, PROT_READ | PROT_WRITE, MAP_SHARED, port->fd, 0);
  CHECK(port->memory != MAP_FAILED);
}

int bind_port(struct port* port, const char* name, uint64_t flags) {
  struct request_header header = {.version = 14, .type = REGISTER, .body = (uintptr_t)&port->reply};
  memset(&port->reply, 0, sizeof port->reply);
  port->reply.mode = ALL_NIC;
  port->reply.flags = flags;
  port->reply.tx_slots = port->reply.rx_slots = 64;
  snprintf(header.name, sizeof header.name, "%s", name);
  return ioctl(port->fd, CONTROL, &header) == 0 ? 0 : errno;
}

struct port open_port(const char* name) {
  struct port port = {.fd = open_device(0)};
  CHECK(port.fd >= 0);
  CHECK(bind_port(&port, name, 0) == 0);
  map_port(&port);
  return port;
}

static struct interface* interface(const struct port* port) {
  return (struct interface*)(port->memory + port->reply.offset);
}
struct ring* tx_ring(const struct port* port) {
  return (struct ring*)((char*)interface(port) + interface(port)->ring_ofs[0]);
}
struct ring* rx_ring(const struct port* port) {
  struct interface* i = interface(port);
  return (struct ring*)((char*)i + i->ring_ofs[i->tx_rings + i->host_tx_rings]);
}
char* buffer(struct ring* ring, uint32_t slot) {
  return (char*)ring + ring->buf_ofs + (size_t)ring->slots[slot].index * ring->buf_size;
}
uint32_t owned(const struct ring* ring) {
  return ring->tail >= ring->head ? ring->tail - ring->head : ring->tail + ring->num_slots - ring->head;
}

void queue(struct port* port, uint32_t number) {
  struct ring* ring = tx_ring(port);
  CHECK(owned(ring) > 0);
  char* frame = buffer(ring, ring->head);
  memset(frame, 0xff, 6);
  memset(frame + 6, 0, 54);
  frame[6] = 2;
  memcpy(frame + 40, &number, sizeof number);
  ring->slots[ring->head].len = 60;
  ring->slots[ring->head].flags = 0;
  ring->head = ring->cur = ring->head + 1 == ring->num_slots ? 0 : ring->head + 1;
}

void send_number(struct port* port, uint32_t number) {
  queue(port, number);
  CHECK(ioctl(port->fd, TX_SYNC, NULL) == 0);
}

long take(struct port* port) {
  struct ring* ring = rx_ring(port);
  if (!owned(ring)) return -1;
  uint32_t number;
  memcpy(&number, buffer(ring, ring->head) + 40, sizeof number);
  ring->head = ring->cur = ring->head + 1 == ring->num_slots ? 0 : ring->head + 1;
  return number;
}

long receive(struct port* port) {
  CHECK(ioctl(port->fd, RX_SYNC, NULL) == 0);
  return take(port);
}

int poll_port(const struct port* port, short events, int timeout) {
  struct pollfd p = {.fd = port->fd, .events = events};
  const int n = poll(&p, 1, timeout);
  CHECK(n >= 0 && n == (p.revents != 0));
  return p.revents;
}

long used_us(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

double now(void) {
  struct timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return ts.tv_sec + ts.tv_nsec / 1e9;
}
