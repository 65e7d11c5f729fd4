// Large frames, checksums and virtio-net headers: what comes out is checked byte by byte; what goes in may be anything.
// NM_ROUNDS multiplies the number of random frames.
#include <vector>

#include "../packet/checksum.h"
#include "../packet/large_frame.h"
#include "check.h"
#include "port.h"
#include "random.h"

using namespace nm;

namespace {

TestFolder folder;

// The internet checksum once more, the plain way.
uint16_t plain_sum(const uint8_t* data, size_t size, uint32_t sum = 0) {
  for (size_t i = 0; i < size; ++i) sum += i % 2 ? data[i] : data[i] << 8;
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

void put16(std::vector<uint8_t>& bytes, size_t at, uint32_t value) {
  bytes[at] = static_cast<uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<uint8_t>(value);
}
uint32_t get16(const uint8_t* at) {
  return static_cast<uint32_t>(at[0] << 8 | at[1]);
}

struct Shape {
  bool ipv6, udp;
  uint32_t vlans, ip_options, tcp_options, payload;
  uint32_t transport() const { return 14 + 4 * vlans + (ipv6 ? 40 : 20 + ip_options); }
  uint32_t headers() const { return transport() + (udp ? 8 : 20 + tcp_options); }
};

std::vector<uint8_t> make_frame(const Shape& s) {
  std::vector<uint8_t> f(s.headers() + s.payload);
  const uint32_t ip = 14 + 4 * s.vlans, t = s.transport();
  for (int i = 0; i < 6; ++i) f[static_cast<size_t>(i)] = 0xff;
  f[6] = 2;
  for (uint32_t v = 0; v < s.vlans; ++v) put16(f, 12 + 4 * v, 0x8100);
  put16(f, ip - 2, s.ipv6 ? 0x86dd : 0x0800);
  f[ip] = static_cast<uint8_t>(s.ipv6 ? 0x60 : 0x45 + s.ip_options / 4);
  f[ip + (s.ipv6 ? 6 : 9)] = s.udp ? 17 : 6;
  for (uint32_t i = 12; i < (s.ipv6 ? 40u : 20u); ++i) f[ip + i] = static_cast<uint8_t>(i * 11);
  if (!s.udp) f[t + 12] = static_cast<uint8_t>((20 + s.tcp_options) / 4 << 4);
  if (!s.udp) f[t + 13] = 0x19;
  for (uint32_t i = 0; i < s.payload; ++i) f[s.headers() + i] = static_cast<uint8_t>(i * 7 + (i >> 8));
  return f;
}

std::vector<Piece> cut(const std::vector<uint8_t>& bytes, Random& random, uint32_t most) {
  std::vector<Piece> pieces;
  for (uint32_t at = 0; at < bytes.size();) {
    const uint32_t left = static_cast<uint32_t>(bytes.size()) - at;
    const uint32_t len = std::min(left, random.below(most + 1));
    pieces.push_back({bytes.data() + at, len});
    at += len;
  }
  return pieces;
}

VnetHeader offload(const Shape& s) {
  VnetHeader h{};
  h.large_type = s.udp ? VnetHeader::kUdp : s.ipv6 ? VnetHeader::kTcp6 : VnetHeader::kTcp4;
  return h;
}

}  // namespace

TEST(checksum, "sums of pieces of any length are those of the whole") {
  Random random(Random::seed());
  std::vector<uint8_t> bytes(4001);
  for (uint8_t& b : bytes) b = static_cast<uint8_t>(random.next());
  for (int round = 0; round < 200; ++round) {
    const uint32_t initial = random.next();
    RunningSum sum(initial & 0xffff);
    for (const Piece& p : cut(bytes, random, 1 + random.below(700))) sum.add(p.data, p.len);
    CHECK(sum.folded() == plain_sum(bytes.data(), bytes.size(), initial & 0xffff));
    CHECK(internet_sum(bytes.data() + 1, 3999, initial & 0xffff) ==
          plain_sum(bytes.data() + 1, 3999, initial & 0xffff));
  }
  RunningSum all(0xffff);
  CHECK(all.checksum() == 0xffff);
}

TEST(segments, "frames of all kinds, in any pieces, become segments whose headers and checksums are right") {
  Random random(Random::seed());
  std::vector<uint8_t> segment(2048);
  for (uint32_t round = 0; round < rounds(2000); ++round) {
    Shape s{};
    s.ipv6 = random.below(2);
    s.udp = random.below(2);
    s.vlans = random.below(3);
    s.ip_options = s.ipv6 ? 0 : 4 * random.below(11);
    s.tcp_options = s.udp ? 0 : 4 * random.below(11);
    s.payload = 1 + random.below(20000);
    const uint32_t most = s.headers() + 1 + random.below(1514);
    const std::vector<uint8_t> frame = make_frame(s);
    const std::vector<Piece> pieces = cut(frame, random, 1 + random.below(3000));
    LargeFrame large;
    const bool good = large.begin(offload(s), pieces.data(), static_cast<uint32_t>(pieces.size()),
                                  static_cast<uint32_t>(frame.size()), most);
    CHECK(good);
    const uint32_t room = most - s.headers(), ip = 14 + 4 * s.vlans, t = s.transport();
    CHECK(large.segments() == (s.payload + room - 1) / room);
    uint32_t done = 0;
    for (uint32_t k = 0; good && k < large.segments(); ++k) {
      const uint32_t len = large.write(segment.data());
      const bool last = k + 1 == large.segments();
      const uint8_t* out = segment.data();
      CHECK(len == (last ? s.headers() + s.payload - done : most));
      CHECK(get16(out + ip + (s.ipv6 ? 4 : 2)) == (s.ipv6 ? len - t : len - ip));
      if (!s.ipv6) CHECK(get16(out + ip + 4) == (k & 0xffff) && plain_sum(out + ip, t - ip) == 0xffff);
      const uint32_t pseudo = (s.udp ? 17u : 6u) + len - t;
      CHECK(plain_sum(out + t, len - t, plain_sum(out + ip + (s.ipv6 ? 8 : 12), s.ipv6 ? 32 : 8, pseudo)) == 0xffff);
      if (s.udp) {
        CHECK(get16(out + t + 4) == len - t);
      } else {
        CHECK((get16(out + t + 4) << 16 | get16(out + t + 6)) == done);
        CHECK(out[t + 13] == (last ? 0x19 : 0x10));
      }
      CHECK(std::memcmp(out + s.headers(), frame.data() + s.headers() + done, len - s.headers()) == 0);
      done += len - s.headers();
    }
    CHECK(done == s.payload);
  }
}

TEST(hostile_frames, "frames with any bytes changed or cut off: all memory stays its own") {
  Random random(Random::seed());
  uint32_t taken = 0, refused = 0;
  for (uint32_t round = 0; round < rounds(20000); ++round) {
    Shape s{};
    s.ipv6 = random.below(2);
    s.udp = random.below(2);
    s.vlans = random.below(8) ? random.below(3) : random.below(70);
    s.payload = random.below(3000);
    std::vector<uint8_t> frame = make_frame(s);
    for (uint32_t n = random.below(8); n > 0; --n) {
      frame[random.below(std::min<uint32_t>(static_cast<uint32_t>(frame.size()), 120))] =
          static_cast<uint8_t>(random.next());
    }
    if (random.below(4) == 0) frame.resize(random.below(static_cast<uint32_t>(frame.size()) + 1));
    VnetHeader h = offload(s);
    if (random.below(4) == 0) h.large_type = static_cast<uint8_t>(random.next());
    const std::vector<Piece> pieces = cut(frame, random, 1 + random.below(2000));
    const uint32_t most = random.below(4) ? 1514 : random.below(1515);
    LargeFrame large;
    if (!large.begin(h, pieces.data(), static_cast<uint32_t>(pieces.size()), static_cast<uint32_t>(frame.size()),
                     most)) {
      ++refused;
      continue;
    }
    ++taken;
    CHECK(large.segments() <= frame.size());
    for (uint32_t k = large.segments(); k > 0; --k) {
      std::vector<uint8_t> exact(most);  // of its very size, so that a byte too many is seen
      CHECK(large.write(exact.data()) <= most);
    }
  }
  CHECK(taken > 100 && refused > 100);
}

namespace {

int ask(uint16_t type, const char* name, void* body) {
  std::unique_ptr<Device> device;
  open_engine(&device);
  nmreq_header header{};
  header.nr_version = kApi;
  header.nr_reqtype = type;
  std::strncpy(header.nr_name, name, sizeof header.nr_name - 1);
  header.nr_body = reinterpret_cast<uint64_t>(body);
  return device->control(&header).err;
}
int set_header(const char* name, uint32_t length) {
  nmreq_port_hdr body{length, 0};
  return ask(NETMAP_REQ_PORT_HDR_SET, name, &body);
}
int new_if(const char* name) {
  nmreq_vale_newif body{};
  return ask(NETMAP_REQ_VALE_NEWIF, name, &body);
}
int del_if(const char* name) {
  return ask(NETMAP_REQ_VALE_DELIF, name, nullptr);
}
int attach(const char* name) {
  nmreq_vale_attach body{};
  body.reg.nr_mode = NR_REG_ALL_NIC;
  return ask(NETMAP_REQ_VALE_ATTACH, name, &body);
}
int detach(const char* name) {
  nmreq_vale_detach body{};
  return ask(NETMAP_REQ_VALE_DETACH, name, &body);
}

// Gives everything received back; returns how many slots there were.
uint32_t drain(TestPort& port) {
  port.device->rxsync();
  netmap_ring* ring = port.rx();
  const uint32_t n = TestPort::owned(ring);
  ring->head = ring->cur = ring->tail;
  port.device->rxsync();
  return n;
}

}  // namespace

TEST(hostile_headers, "any header before any frame, to ports with every length: each frame is delivered or counted") {
  Random random(Random::seed());
  TestPort from("vale0:a", 256, 0, 0, NR_REG_ALL_NIC, NR_ACCEPT_VNET_HDR);
  TestPort none("vale0:b", 64), ten("vale0:c", 512, 0, 0, NR_REG_ALL_NIC, NR_ACCEPT_VNET_HDR);
  TestPort twelve("vale0:d", 512, 0, 0, NR_REG_ALL_NIC, NR_ACCEPT_VNET_HDR);
  CHECK(from.ok() && none.ok() && ten.ok() && twelve.ok());
  CHECK(set_header("vale0:c", 10) == 0 && set_header("vale0:d", 12) == 0);
  const uint32_t lengths[] = {0, 10, 12};
  uint64_t slots = 0;
  for (uint32_t round = 0; round < rounds(5000); ++round) {
    if (random.below(16) == 0) CHECK(set_header("vale0:a", lengths[random.below(3)]) == 0);
    netmap_ring* ring = from.tx();
    for (uint32_t n = 1 + random.below(6); n > 0; --n) {
      Shape s{};
      s.ipv6 = random.below(2);
      s.udp = random.below(2);
      s.payload = random.below(4) ? random.below(2000) : random.below(20000);
      std::vector<uint8_t> bytes(12);
      for (uint8_t& b : bytes) b = random.below(2) ? 0 : static_cast<uint8_t>(random.next());
      if (random.below(4)) bytes[0] &= 3;
      if (random.below(4)) bytes[1] = static_cast<uint8_t>(random.below(2) ? 0 : 1 + random.below(4));
      const std::vector<uint8_t> frame = make_frame(s);
      bytes.insert(bytes.end(), frame.begin(), frame.end());
      for (uint32_t k = random.below(3); k > 0; --k)
        bytes[12 + random.below(60) % frame.size()] = static_cast<uint8_t>(random.next());
      const uint32_t most = random.below(4) ? ring->nr_buf_size : 1 + random.below(400);
      if (TestPort::owned(ring) <= bytes.size() / most + 1) break;
      for (size_t at = 0; at < bytes.size();) {
        const size_t len = std::min<size_t>(most, bytes.size() - at);
        std::memcpy(TestPort::buffer(ring, ring->head), bytes.data() + at, len);
        at += len;
        ring->slots()[ring->head].len = static_cast<uint16_t>(len);
        ring->slots()[ring->head].flags = at < bytes.size() ? NS_MOREFRAG : 0;
        ring->head = ring->cur = TestPort::next(ring, ring->head);
      }
    }
    CHECK(from.device->txsync() == 0);
    netmap_ring* rx = none.rx();
    none.device->rxsync();
    for (uint32_t i = rx->head; i != rx->tail; i = TestPort::next(rx, i)) CHECK(rx->slots()[i].len <= rx->nr_buf_size);
    slots += drain(none) + drain(ten) + drain(twelve);
    if (random.below(64) == 0) none.rx()->slots()[random.below(64)].buf_idx = random.below(2) ? 0 : random.next();
  }
  CHECK(slots > 1000);
  CHECK(none.counters().rx_packets > 100 && from.counters().drop_bad > 100 && none.counters().drop_full > 0);
}

TEST(link_of_two, "a port on two switches carries frames from each to the other, learned on both") {
  CHECK(new_if("v0") == 0 && attach("vale0A:v0") == 0 && attach("vale0B:v0") == 0);
  CHECK(attach("vale0B:v0") == EBUSY && attach("vale0C:v0") == EBUSY && del_if("v0") == EBUSY);
  {
    TestPort a("vale0A:a", 64), a2("vale0A:a2", 64), b("vale0B:b", 64), b2("vale0B:b2", 64);
    CHECK(!TestPort("vale0A:v0").ok() && TestPort("v0").status.err == EBUSY);
    uint32_t number = 0;
    a.queue(0xff, 1, 7);
    a.device->txsync();
    for (TestPort* p : {&a2, &b, &b2}) {
      p->device->rxsync();
      CHECK(p->take(&number) && number == 7);
    }
    b.queue(1, 2, 8);
    b.device->txsync();
    a.device->rxsync();
    CHECK(a.take(&number) && number == 8);
    CHECK(drain(a2) == 0 && drain(b2) == 0);  // both know the way
    a.queue(2, 1, 9);
    a.device->txsync();
    b.device->rxsync();
    CHECK(b.take(&number) && number == 9);
    CHECK(drain(a2) == 0 && drain(b2) == 0);
    CHECK(a.counters().drop_unroutable == 0 && b.counters().drop_unroutable == 0);
    CHECK(detach("vale0A:v0") == EBUSY && detach("vale0B:v0") == 0);
    a.queue(0xff, 1, 10);
    a.device->txsync();
    CHECK(drain(b) == 0 && drain(a2) == 1);
    // From here on it can be opened again.
    TestPort v("vale0A:v0");
    CHECK(v.ok());
    a.queue(0xff, 1, 11);
    a.device->txsync();
    CHECK(drain(v) == 1);
  }
  CHECK(detach("vale0A:v0") == 0 && del_if("v0") == 0);
}

TEST(link_large,
     "a large frame goes over a link as it is: whole to ports with a header, as segments to those without") {
  CHECK(new_if("v0") == 0 && attach("vale0A:v0") == 0 && attach("vale0B:v0") == 0);
  {
    TestPort a("vale0A:a", 64, 0, 0, NR_REG_ALL_NIC, NR_ACCEPT_VNET_HDR);
    TestPort whole("vale0B:b", 64, 0, 0, NR_REG_ALL_NIC, NR_ACCEPT_VNET_HDR), none("vale0B:c", 64);
    REQUIRE(a.ok() && whole.ok() && none.ok());
    CHECK(set_header("vale0A:a", 12) == 0 && set_header("vale0B:b", 12) == 0);
    Shape s{};
    s.payload = 4000;
    std::vector<uint8_t> bytes(12);
    bytes[1] = VnetHeader::kTcp4;
    const std::vector<uint8_t> frame = make_frame(s);
    bytes.insert(bytes.end(), frame.begin(), frame.end());
    netmap_ring* ring = a.tx();
    for (size_t at = 0; at < bytes.size();) {
      const size_t len = std::min<size_t>(1500, bytes.size() - at);
      std::memcpy(TestPort::buffer(ring, ring->head), bytes.data() + at, len);
      at += len;
      ring->slots()[ring->head].len = static_cast<uint16_t>(len);
      ring->slots()[ring->head].flags = at < bytes.size() ? NS_MOREFRAG : 0;
      ring->head = ring->cur = TestPort::next(ring, ring->head);
    }
    CHECK(a.device->txsync() == 0);
    std::vector<uint8_t> found;
    netmap_ring* rx = whole.rx();
    whole.device->rxsync();
    CHECK(TestPort::owned(rx) == 3);
    for (uint32_t i = rx->head; i != rx->tail; i = TestPort::next(rx, i)) {
      const uint8_t* from = TestPort::buffer(rx, i);
      found.insert(found.end(), from, from + rx->slots()[i].len);
    }
    CHECK(found == bytes);
    std::vector<uint8_t> data;
    rx = none.rx();
    none.device->rxsync();
    CHECK(TestPort::owned(rx) == 3);
    for (uint32_t i = rx->head; i != rx->tail; i = TestPort::next(rx, i)) {
      const uint8_t* from = TestPort::buffer(rx, i);
      const uint32_t len = rx->slots()[i].len;
      CHECK(len > s.headers() && len <= 1514 && plain_sum(from + 14, 20) == 0xffff);
      CHECK(plain_sum(from + 34, len - 34, plain_sum(from + 26, 8, 6 + len - 34)) == 0xffff);
      data.insert(data.end(), from + s.headers(), from + len);
    }
    CHECK(data.size() == s.payload && std::equal(data.begin(), data.end(), frame.begin() + s.headers()));
  }
  for (const char* name : {"vale0B:v0", "vale0A:v0"}) CHECK(detach(name) == 0);
  CHECK(del_if("v0") == 0);
}

TEST(link_loop, "links that form a loop: nothing goes round, nobody hangs") {
  const char* const links[] = {"l1", "l2", "l3", "l4"};
  const char* const ends[][2] = {
      {"vale1:", "vale2:"}, {"vale2:", "vale3:"}, {"vale3:", "vale1:"}, {"vale1:", "vale2:"}};
  for (int i = 0; i < 4; ++i) {
    CHECK(new_if(links[i]) == 0);
    for (const char* sw : ends[i]) CHECK(attach((std::string(sw) + links[i]).c_str()) == 0);
  }
  {
    TestPort a("vale1:a", 256), b("vale2:b", 256), c("vale3:c", 256);
    for (uint32_t k = 0; k < 10; ++k) a.queue(0xff, 1, k);
    a.device->txsync();
    CHECK(drain(a) == 0);
    CHECK(drain(b) >= 10 && drain(c) >= 10);
    CHECK(a.counters().drop_unroutable > 0);
  }
  for (int i = 0; i < 4; ++i) {
    for (const char* sw : {ends[i][1], ends[i][0]}) CHECK(detach((std::string(sw) + links[i]).c_str()) == 0);
    CHECK(del_if(links[i]) == 0);
  }
  CHECK(folder.files() == 0);
}
