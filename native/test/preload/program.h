/* A program written for /dev/netmap with plain system calls: what the tests share. It knows nothing of node-netmap. */
#ifndef PROGRAM_H
#define PROGRAM_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

/* The ABI, declared once more: this must not follow a mistake in native/abi. */
struct request_header {
  uint16_t version, type;
  uint32_t reserved;
  char name[64];
  uint64_t options, body;
};
struct request_register {
  uint64_t offset, memsize;
  uint32_t tx_slots, rx_slots;
  uint16_t tx_rings, rx_rings, host_tx_rings, host_rx_rings, mem_id, ringid;
  uint32_t mode, extra_bufs, pad;
  uint64_t flags;
};
struct request_port_info {
  uint64_t memsize;
  uint32_t tx_slots, rx_slots;
  uint16_t tx_rings, rx_rings, host_tx_rings, host_rx_rings, mem_id, pad[3];
};
struct request_legacy {
  char name[16];
  uint32_t version, offset, memsize, tx_slots, rx_slots;
  uint16_t tx_rings, rx_rings, ringid, cmd, arg1, arg2;
  uint32_t arg3, flags, spare;
};
struct request_option {
  uint64_t next;
  uint32_t type, status;
  uint64_t size;
};
struct slot {
  uint32_t index;
  uint16_t len, flags;
  uint64_t ptr;
};
struct ring {
  int64_t buf_ofs;
  uint32_t num_slots, buf_size;
  uint16_t ringid, dir;
  uint32_t head, cur, tail, flags;
  char rest[256 - 36];
  struct slot slots[];
};
struct interface {
  char name[16];
  uint32_t version, flags, tx_rings, rx_rings, bufs_head, host_tx_rings, host_rx_rings, spare[3];
  int64_t ring_ofs[];
};

enum { REGISTER = 1, PORT_INFO = 2, VALE_LIST = 5, ALL_NIC = 1, EXCLUSIVE = 0x800, INDIRECT = 0x10 };
#define GET_INFO _IOWR('i', 145, struct request_legacy)
#define REG_IF _IOWR('i', 146, struct request_legacy)
#define TX_SYNC _IO('i', 148)
#define RX_SYNC _IO('i', 149)
#define CONTROL _IOWR('i', 151, struct request_header)

struct port {
  int fd;
  struct request_register reply;
  char* memory;
};

int open_device(int flags);
/* Registers and maps. Returns 0 or an errno. */
int bind_port(struct port* port, const char* name, uint64_t flags);
struct port open_port(const char* name);
void map_port(struct port* port);
struct ring* tx_ring(const struct port* port);
struct ring* rx_ring(const struct port* port);
char* buffer(struct ring* ring, uint32_t slot);
uint32_t owned(const struct ring* ring);
/* Queues a broadcast with this number in it; does not sync. */
void queue(struct port* port, uint32_t number);
void send_number(struct port* port, uint32_t number);
/* Takes one frame that has been received; -1 when there is none. */
long take(struct port* port);
/* With a sync before. */
long receive(struct port* port);
int poll_port(const struct port* port, short events, int timeout);

/* TAP */
extern int tests, failures;
void check(int good, const char* file, int line, const char* text);
#define CHECK(x) check(!!(x), __FILE__, __LINE__, #x)
void test_done(const char* name);

/* Microseconds of processor time that this process has used. */
long used_us(void);
double now(void);

#endif
