// The offsets option: what it refuses, what it leaves in rings, and where frames begin and end with it.
#include <cerrno>
#include <cstring>
#include <vector>

#include "check.h"
#include "port.h"
#include "random.h"

using namespace nm;

namespace {

TestFolder folder;

struct Option {
  nmreq_opt_offsets wire{};
  Option(uint64_t max, uint64_t initial, uint32_t bits = 0) {
    wire.nro_opt.nro_reqtype = NETMAP_REQ_OPT_OFFSETS;
    wire.nro_max_offset = max;
    wire.nro_initial_offset = initial;
    wire.nro_offset_bits = bits;
  }
  nmreq_option* get() { return &wire.nro_opt; }
};

struct OffsetPort : Option, TestPort {
  OffsetPort(const char* name, uint64_t max, uint64_t initial, uint32_t bits = 0, uint32_t slots = 16,
             uint32_t rings = 1, uint16_t mem_id = 0, uint32_t mode = NR_REG_ALL_NIC)
      : Option(max, initial, bits), TestPort(name, slots, rings, mem_id, mode, 0, get()) {}
};

int refusal(uint64_t max, uint64_t initial, uint32_t bits) {
  OffsetPort p("vale0:x", max, initial, bits);
  CHECK(static_cast<int>(p.wire.nro_opt.nro_status) == p.status.err);
  return p.status.err;
}

// A broadcast frame of `len` bytes, the last of which is `tag`, `at` bytes into the head slot's buffer.
void queue_at(TestPort& p, uint64_t ptr, uint32_t at, uint16_t len, uint8_t tag, uint16_t flags = 0) {
  netmap_ring* ring = p.tx();
  uint8_t* b = TestPort::buffer(ring, ring->head);
  std::memset(b, 0xee, ring->nr_buf_size);
  if (at + len <= ring->nr_buf_size) {
    std::memset(b + at, tag, len);
    std::memset(b + at, 0xff, 6);
  }
  netmap_slot& slot = ring->slots()[ring->head];
  slot.ptr = ptr;
  slot.len = len;
  slot.flags = flags;
  ring->head = ring->cur = TestPort::next(ring, ring->head);
}

}  // namespace

TEST(fresh, "every slot begins with the initial offset, bits make the mask, 0 bits are 64") {
  OffsetPort p("vale0:a", 128, 64, 16);
  REQUIRE(p.ok());
  CHECK(p.wire.nro_opt.nro_status == 0 && p.wire.nro_max_offset == 128 && p.wire.nro_offset_bits == 16);
  for (netmap_ring* ring : {p.tx(), p.rx()}) {
    CHECK(ring->offset_mask == 0xffff && ring->buf_align == 0);
    for (uint32_t i = 0; i < 16; ++i) CHECK(ring->slots()[i].ptr == 64);
  }
  OffsetPort all("vale0:b", 2048, 2048);
  REQUIRE(all.ok());
  CHECK(all.rx()->offset_mask == ~uint64_t{0} && all.tx()->slots()[3].ptr == 2048);
  TestPort none("vale0:c", 16);
  REQUIRE(none.ok());
  CHECK(none.tx()->offset_mask == 0 && none.tx()->slots()[0].ptr == 0);
}

TEST(refusals, "numbers that make no sense are refused, those at the edge are not") {
  const uint32_t size = TestPort("vale0:a", 16).rx()->nr_buf_size;
  CHECK(refusal(size, 0, 0) == 0 && refusal(size + 1, 0, 0) == EINVAL && refusal(~uint64_t{0}, 0, 0) == EINVAL);
  CHECK(refusal(64, 64, 0) == 0 && refusal(64, 65, 0) == EINVAL);
  CHECK(refusal(64, 0, 64) == 0 && refusal(64, 0, 65) == EINVAL && refusal(64, 0, 1u << 31) == EINVAL);
  CHECK(refusal(63, 0, 6) == 0 && refusal(64, 0, 6) == EINVAL);
  CHECK(folder.files() == 0);
}

TEST(sharing, "rings in use: no more than they have, and slots stay as they are") {
  OffsetPort a("vale0:a", 128, 64, 16);
  REQUIRE(a.ok());
  a.tx()->slots()[3].ptr = 0xabc0001;
  CHECK(OffsetPort("vale0:a", 129, 0, 16).status.err == EBUSY);
  CHECK(OffsetPort("vale0:a", 128, 0, 17).status.err == EBUSY);
  OffsetPort less("vale0:a", 64, 32, 8);
  REQUIRE(less.ok());
  CHECK(less.wire.nro_max_offset == 128);
  CHECK(less.tx()->slots()[3].ptr == 0xabc0001 && less.tx()->slots()[0].ptr == 64);
  TestPort plain("vale0:a", 0);
  REQUIRE(plain.ok());
  CHECK(plain.rx()->offset_mask == 0xffff);
}

TEST(late, "offsets come to rings in use, whose slots begin with 0; both users' syncs know") {
  TestPort a("vale0:a", 16), to("vale0:z", 16);
  REQUIRE(a.ok() && to.ok());
  OffsetPort b("vale0:a", 64, 64);
  REQUIRE(b.ok());
  CHECK(a.tx()->offset_mask == ~uint64_t{0} && a.tx()->slots()[0].ptr == 0);
  queue_at(a, 32, 32, 60, 7);
  a.device->txsync();
  to.device->rxsync();
  REQUIRE(TestPort::owned(to.rx()) == 1);
  CHECK(TestPort::buffer(to.rx(), 0)[0] == 0xff && TestPort::buffer(to.rx(), 0)[59] == 7);
}

TEST(again, "a port that is opened anew without the option has none") {
  TestPort keeper("vale0:k", 16);
  {
    OffsetPort a("vale0:a", 64, 64);
  }
  TestPort a("vale0:a", 16);
  REQUIRE(a.ok());
  CHECK(a.tx()->offset_mask == 0 && a.tx()->slots()[0].ptr == 0 && a.rx()->slots()[15].ptr == 0);
}

TEST(one_ring, "one ring of several has offsets, the other has none") {
  OffsetPort a("vale0:a", 64, 64, 16, 16, 2, 0, NR_REG_ONE_NIC);
  TestPort all("vale0:a", 0);
  REQUIRE(a.ok() && all.ok());
  CHECK(all.tx(0)->offset_mask == 0xffff && all.tx(1)->offset_mask == 0 && all.rx(1)->slots()[0].ptr == 0);
}

TEST(lengths, "frames must fit behind the offset on both sides") {
  OffsetPort a("vale0:a", 64, 64);
  TestPort b("vale0:b", 16);
  REQUIRE(a.ok() && b.ok());
  const uint16_t room = static_cast<uint16_t>(a.tx()->nr_buf_size - 64);
  queue_at(a, 64, 64, room, 1);
  queue_at(a, 64, 64, room + 1, 2);
  queue_at(a, 64, 64, 14, 3);
  queue_at(a, 64, 64, 13, 4);
  a.device->txsync();
  b.device->rxsync();
  CHECK(a.counters().drop_bad == 2);
  REQUIRE(TestPort::owned(b.rx()) == 2);
  CHECK(b.rx()->slots()[0].len == room && TestPort::buffer(b.rx(), 0)[room - 1] == 1);
  CHECK(b.rx()->slots()[1].len == 14 && TestPort::buffer(b.rx(), 1)[13] == 3);
  // The other way round a frame that is too long arrives as an empty slot.
  queue_at(b, 0, 0, room, 5);
  queue_at(b, 0, 0, room + 1, 6);
  b.device->txsync();
  a.device->rxsync();
  REQUIRE(TestPort::owned(a.rx()) == 2);
  CHECK(a.rx()->slots()[0].len == room && TestPort::buffer(a.rx(), 0)[64 + room - 1] == 5);
  CHECK(a.rx()->slots()[1].len == 0 && a.rx()->slots()[1].ptr == 64);
  OffsetPort edge("vale0:c", a.tx()->nr_buf_size, a.tx()->nr_buf_size);
  REQUIRE(edge.ok());
  queue_at(edge, a.tx()->nr_buf_size, 0, 60, 7);
  edge.device->txsync();
  CHECK(edge.counters().drop_bad == 1);
}

TEST(chains, "each fragment has an offset of its own") {
  OffsetPort a("vale0:a", 64, 64), b("vale0:b", 128, 128);
  REQUIRE(a.ok() && b.ok());
  queue_at(a, 64, 64, 100, 1, NS_MOREFRAG);
  queue_at(a, 14, 14, 101, 2, NS_MOREFRAG);
  queue_at(a, 0, 0, 102, 3);
  a.device->txsync();
  b.device->rxsync();
  REQUIRE(TestPort::owned(b.rx()) == 3);
  for (uint32_t i = 0; i < 3; ++i) {
    CHECK(b.rx()->slots()[i].len == 100 + i && b.rx()->slots()[i].ptr == 128);
    CHECK(TestPort::buffer(b.rx(), i)[128 + 99 + i] == i + 1 && TestPort::buffer(b.rx(), i)[128] == 0xff);
  }
}

TEST(indirect, "the address of an indirect slot is no offset; the frame goes to the receiver's own") {
  OffsetPort a("vale0:a", 64, 64, 16), b("vale0:b", 32, 32);
  REQUIRE(a.ok() && b.ok());
  static uint8_t data[100];
  std::memset(data, 0xff, 6);
  data[99] = 9;
  a.device->allow_indirect(data, sizeof data);
  queue_at(a, reinterpret_cast<uintptr_t>(data), 0, 100, 0, NS_INDIRECT);
  a.device->txsync();
  b.device->rxsync();
  REQUIRE(TestPort::owned(b.rx()) == 1);
  CHECK(b.rx()->slots()[0].ptr == 32 && TestPort::buffer(b.rx(), 0)[32 + 99] == 9);
}

TEST(pipes, "both ends begin alike, ptr travels, and an end may ask for offsets of its own") {
  OffsetPort a("p{q", 64, 64, 16);
  REQUIRE(a.ok());
  {
    TestPort b("p}q");
    REQUIRE(b.ok());
    CHECK(b.rx()->offset_mask == 0xffff && b.tx()->offset_mask == 0xffff && b.rx()->slots()[5].ptr == 64);
    queue_at(a, 0x77, 0x77, 60, 1);
    a.device->txsync();
    b.device->rxsync();
    CHECK(b.rx()->slots()[0].ptr == 0x77 && b.rx()->slots()[0].len == 60);
  }
  {
    OffsetPort b("p}q", 128, 32, 32);
    REQUIRE(b.ok());
    CHECK(b.rx()->offset_mask == 0xffffffff && b.tx()->slots()[0].ptr == 32 && a.tx()->offset_mask == 0xffff);
    CHECK(b.rx()->slots()[0].ptr == 0x77 && b.rx()->slots()[1].ptr == 32);  // a frame waits in slot 0
  }
  OffsetPort less("p}q", 32, 0, 8);
  REQUIRE(less.ok());
  CHECK(less.wire.nro_max_offset == 128 && less.rx()->offset_mask == 0xffffffff);
}

TEST(null, "a null port has offsets, too") {
  OffsetPort p("", 64, 64, 0, 16, 1, 1, NR_REG_NULL);
  REQUIRE(p.ok());
  CHECK(p.tx()->offset_mask == ~uint64_t{0} && p.tx()->slots()[1].ptr == 64);
}

// Any ptr on either side: frames begin where the clamped offsets say, and no other byte of the receiver's changes.
TEST(hostile, "whatever ptr says, nothing is read or written outside the slot's buffer") {
  Random random(Random::seed());
  const uint32_t total = rounds(20000);
  for (uint32_t done = 0; done < total;) {
    const uint64_t max_a = random.below(2049), max_b = random.below(2049);
    const uint32_t bits = random.below(2) ? 0 : 12 + random.below(53);
    OffsetPort a("vale0:a", max_a, random.below(static_cast<uint32_t>(max_a) + 1), bits, 8);
    OffsetPort b("vale0:b", max_b, 0, bits, 8);
    REQUIRE(a.ok() && b.ok());
    const uint64_t mask = a.tx()->offset_mask;
    const uint32_t size = a.tx()->nr_buf_size;
    uint8_t* const bufs = reinterpret_cast<uint8_t*>(b.rx()) + b.rx()->buf_ofs;
    const size_t used = size_t{18} * size;  // as many as have been handed out
    std::vector<uint8_t> expect(used);
    for (uint32_t i = 0; i < 200; ++i, ++done) {
      const uint32_t head = a.tx()->head;
      const uint16_t len = static_cast<uint16_t>(random.below(4) ? 14 + random.below(200) : random.below(2200));
      const uint64_t wild[] = {random.next(), uint64_t{random.next()} << 32 | random.next(), ~uint64_t{0}, max_a};
      const uint64_t ptr = wild[random.below(4)];
      const uint32_t from = static_cast<uint32_t>(std::min<uint64_t>(ptr & mask, max_a));
      uint8_t* source = TestPort::buffer(a.tx(), head);
      for (uint32_t k = 0; k < size; ++k) source[k] = static_cast<uint8_t>(random.next());
      if (from + 14 <= size) source[from] |= 1;  // a group address: goes to everybody
      netmap_slot& slot = a.tx()->slots()[head];
      slot.ptr = ptr;
      slot.len = len;
      slot.flags = 0;
      a.tx()->head = a.tx()->cur = TestPort::next(a.tx(), head);

      const uint32_t place = b.rx()->tail;
      netmap_slot& target = b.rx()->slots()[place];
      target.ptr = wild[random.below(3)];
      const uint32_t to = static_cast<uint32_t>(std::min<uint64_t>(target.ptr & mask, max_b));
      const uint64_t other_bits = target.ptr & ~mask;
      std::memset(bufs, 0xdd, used);
      std::memset(expect.data(), 0xdd, used);
      a.device->txsync();
      b.device->rxsync();
      const bool sent = len >= 14 && from + len <= size;
      CHECK(TestPort::owned(b.rx()) == (sent ? 1 : 0));
      if (!sent) continue;
      const bool fits = to + len <= size;
      CHECK(target.len == (fits ? len : 0) && target.ptr == (other_bits | to));
      const size_t at = size_t{target.buf_idx} * size + to;
      if (fits) std::memcpy(expect.data() + at, source + from, len);
      // Up to the end of its last line a frame may be followed by anything, as long as that is in its buffer.
      if (fits && (from | to) % 64 == 0) std::memcpy(expect.data() + at + len, bufs + at + len, (64 - len % 64) % 64);
      CHECK(std::memcmp(bufs, expect.data(), used) == 0);
      b.rx()->head = b.rx()->cur = b.rx()->tail;
      b.device->rxsync();
      if (check::failures() > 10) return;
    }
  }
}
